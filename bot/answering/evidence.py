"""The evidence for each unit as the answer to a message: a row of numbers per unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from bot.answering.alignment import Likeness
from bot.answering.asked import KINDS, SHORT, Asked, held, is_asking, wanted
from bot.answering.facets import FacetModel
from bot.answering.meaning import Meaning
from bot.answering.units import FACETS, Sort, Unit
from bot.answering.wordings import Wording, units_meant
from bot.answering.wordings import owner_of as owner_of_unit
from bot.documents.words import TermReader as Naming
from bot.language.spoken import without_what_stands_between
from bot.language.text import letters_and_figures
from bot.search.postings import Posted, PostedPart, Postings
from bot.search.segments import Group, Places, Segment, Segments
from bot.search.words import CodedTerms, corpus_terms, question_terms

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_SORTS = tuple(Sort)
# Features by which each candidate is compared with the best candidate of each sort.
_RIVALRIES = ("sum", "vector", "aligned", "aligned_topic", "near_owner", "wants_held")
_CHARACTERS = 0.6
# How many candidates each kind of evidence brings.
_BY_SUM, _BY_NAME, _BY_WORDING, _BY_VECTOR, _BY_TOPIC = 30, 12, 20, 20, 15
_WHOLE_OWNERS = 4
# A pair of characters that this share of the owners has is ignored, since it does not tell them apart.
_COMMON_SHARE = 0.12
_NEVER = np.float32(np.nan)
# `_UNRELATED`: the encoder's cosine of two unrelated questions. `_MEANT`: the weight of what a cosine has above that.
_UNRELATED, _MEANT = 0.8, 5.0


@dataclass(frozen=True)
class Context:
    """The previous matter of the conversation: the units just shown, best first, and the message they answered."""

    shown: tuple[str, ...] = ()
    text: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.shown


NO_CONTEXT = Context()


@dataclass(frozen=True)
class Vectors:
    """How like a message is to units and wordings, by the encoder.

    `core`: the likeness of its core to every unit. `topic`: the same for its core after the previous matter.
    `wordings`: the cosine of its core with every known wording.
    """

    core: Likeness
    topic: Likeness | None = None
    wordings: Floats | None = None


@dataclass(frozen=True)
class _Meant:
    """The encoder's part of the evidence; a field is None where the encoder gave no vector.

    `near_unit`, `near_owner`: for each unit and each owner, the cosine of its nearest known wording.
    """

    core: Likeness | None = None
    topic: Likeness | None = None
    near_unit: Floats | None = None
    near_owner: Floats | None = None

    @classmethod
    def of(cls, vectors: Vectors | None, known: Known) -> _Meant:
        if vectors is None:
            return cls()
        near = known.nearness_by(vectors.wordings) if vectors.wordings is not None else (None, None)
        return cls(vectors.core, vectors.topic, *near)


@dataclass(frozen=True)
class Candidates:
    units: Integers
    features: Floats
    names: Sequence[str] = field(default_factory=list)


class OwnerNames:
    """The names of owners, as people call them. Compares a message with all of them."""

    def __init__(self, names: Sequence[Sequence[str]]) -> None:
        """`names`: of each owner, as messages are read (`Naming.with_one_name`)."""
        self.owners = np.repeat(np.arange(len(names)), [len(own) for own in names])
        self.texts = [name for own in names for name in own]
        self.lengths = np.array([len(name) for name in self.texts], np.float32)
        self._owner_count = len(names)
        pairs = [np.unique(_pairs(text)) for text in self.texts]
        self._postings = Postings([PostedPart(Posted.of_codes(pairs), None)], len(pairs))
        every = np.unique(np.concatenate([*pairs, np.zeros(0, np.int64)]))
        # The weight of the pairs of each name.
        self._masses = np.maximum(self._overlap(every), 1e-6)

    def of(self, text: str, bigrams: Integers) -> dict[str, Floats]:
        """Three figures for each owner, each the best over its names.

        `share`: how much of the name the message has. `cosine`: of name and message. `whole`: the length of the name,
        if all of it stands in the message, also if words like 想 part it: “车子想过户” names 车子过户.
        """
        found = np.unique(bigrams)
        overlap = self._overlap(found)
        mass = float(self._postings.rarities(found).sum()) or 1.0
        touched = np.flatnonzero(overlap)
        share = overlap[touched] / self._masses[touched]
        cosine = overlap[touched] / np.sqrt(self._masses[touched] * mass)
        # A name can stand whole in the message only if the message has all of its pairs.
        whole = np.array(
            [
                length if part > 0.999 and self.texts[place] in text else 0.0
                for place, part, length in zip(touched, share, self.lengths[touched], strict=True)
            ],
            np.float32,
        )
        owners = self.owners[touched]
        result = {}
        for name, values in (("share", share), ("cosine", cosine), ("whole", whole)):
            best = np.zeros(self._owner_count, np.float32)
            np.maximum.at(best, owners, values)
            result[name] = best
        for place in self._parted(text):
            owner = self.owners[place]
            result["share"][owner] = 1.0
            result["whole"][owner] = max(result["whole"][owner], self.lengths[place])
        return result

    def _parted(self, text: str) -> list[int]:
        """The names that stand whole in the text once words like 想 between their parts are left out."""
        closed = without_what_stands_between(text)
        if closed == text:
            return []
        held = np.flatnonzero(self._overlap(np.unique(_pairs(closed))) / self._masses > 0.999)
        return [int(place) for place in held if self.texts[place] in closed]

    def _overlap(self, pairs: Integers) -> Floats:
        """The weight of those of the pairs that each name has."""
        which, names = self._postings.having(pairs)
        weights = self._postings.rarities(pairs)[which]
        return np.bincount(names, weights, minlength=len(self.texts)).astype(np.float32)


class Known:
    """The known wordings. Says how near a message comes to those of each unit and each owner."""

    def __init__(self, wordings: Sequence[Wording], places: Places, owners: Mapping[str, int], unit_count: int) -> None:
        self._unit_count, self._owner_count = unit_count, len(owners)
        texts: list[str] = []
        pairs: list[tuple[int, int]] = []
        owner_pairs: list[tuple[int, int]] = []
        found = places.of(unit for wording in wordings for unit in units_meant(wording))
        for wording in wordings:
            named = [found[unit] for unit in units_meant(wording) if unit in found]
            owned = [owners[owner] for owner in {owner_of_unit(unit) for unit in wording.units} if owner in owners]
            if owned:
                pairs += [(len(texts), place) for place in named]
                owner_pairs += [(len(texts), owner) for owner in owned]
                texts.append(wording.text)
        self.texts, self.count = texts, len(texts)
        if not texts:
            return
        self._unit_pairs = np.array(pairs or np.zeros((0, 2)), np.int64)
        self._owner_pairs = np.array(owner_pairs, np.int64)
        self._grams: dict[str, int] = {}
        rows = [_grams(text) for text in texts]
        counts: dict[str, int] = {}
        for row in rows:
            for gram in row:
                counts[gram] = counts.get(gram, 0) + 1
        self._grams = {gram: number for number, gram in enumerate(counts)}
        self._rarity = np.log((1 + len(texts)) / (1 + np.array(list(counts.values()), np.float32))) + 1
        indptr, indices, data = [0], [], []
        for row in rows:
            columns, weights = self._weighted(row)
            indices.append(columns)
            data.append(weights)
            indptr.append(indptr[-1] + len(columns))
        self._matrix: Any = sparse.csr_matrix(
            (np.concatenate(data), np.concatenate(indices), np.array(indptr)), shape=(len(texts), len(counts))
        ).tocsc()

    def _weighted(self, row: Mapping[str, int]) -> tuple[Integers, Floats]:
        known = [(self._grams[gram], times) for gram, times in row.items() if gram in self._grams]
        columns = np.array([column for column, _ in known], np.int64)
        times = np.array([times for _, times in known], np.float32)
        weights = (1 + np.log(times)) * self._rarity[columns] if len(columns) else times
        unseen = sum(gram not in self._grams for gram in row)
        heaviest = float(np.log(1 + self.count)) + 1
        length = float(np.sqrt((weights**2).sum() + unseen * heaviest**2)) or 1.0
        return columns, np.asarray(weights / length, np.float32)

    def nearness(self, text: str) -> tuple[Floats, Floats, Floats]:
        """The cosine of the nearest wording for each unit and each owner, and a sum over all wordings of each owner.

        The sum is the root of the summed cubes of the cosines, so that the nearest few decide.
        """
        units, owners = np.zeros(self._unit_count, np.float32), np.zeros(self._owner_count, np.float32)
        summed = np.zeros(self._owner_count, np.float32)
        return self._spread(self.cosines(text), units, owners, summed) if self.count else (units, owners, summed)

    def cosines(self, text: str) -> Floats:
        """The cosine of `text` with each wording, by characters."""
        cosines = np.zeros(self.count, np.float32)
        if not self.count:
            return cosines
        columns, weights = self._weighted(_grams(text))
        matrix = self._matrix
        for column, weight in zip(columns, weights, strict=True):
            span = slice(matrix.indptr[column], matrix.indptr[column + 1])
            cosines[matrix.indices[span]] += weight * matrix.data[span]
        return cosines

    def nearest(self, cosines: Floats, unit: int, owner: int) -> tuple[str, float] | None:
        """The wording of the unit, or else of its owner, with the highest cosine; and that cosine."""
        if not self.count:
            return None
        own = self._unit_pairs[self._unit_pairs[:, 1] == unit, 0]
        if not len(own):
            own = self._owner_pairs[self._owner_pairs[:, 1] == owner, 0]
        if not len(own):
            return None
        best = int(own[np.argmax(cosines[own])])
        return self.texts[best], float(cosines[best])

    def nearness_by(self, cosines: Floats) -> tuple[Floats, Floats]:
        """The same from the encoder's `cosines`, without the sum; 0 where no wording is known."""
        units, owners = np.zeros(self._unit_count, np.float32), np.zeros(self._owner_count, np.float32)
        if self.count:
            self._spread(np.nan_to_num(cosines), units, owners, np.zeros(self._owner_count, np.float32))
        return units, owners

    def _spread(self, cosines: Floats, units: Floats, owners: Floats, summed: Floats) -> tuple[Floats, Floats, Floats]:
        if len(self._unit_pairs):
            np.maximum.at(units, self._unit_pairs[:, 1], cosines[self._unit_pairs[:, 0]])
        np.maximum.at(owners, self._owner_pairs[:, 1], cosines[self._owner_pairs[:, 0]])
        np.add.at(summed, self._owner_pairs[:, 1], cosines[self._owner_pairs[:, 0]] ** 3)
        return units, owners, np.sqrt(summed)


def analysed(groups: Sequence[Group[Unit]], naming: Naming) -> Segment[Unit]:
    """A segment of owners with their units. Its groups are named by the owner, and then as people call it."""
    units = [unit for group in groups for unit in group.elements]
    empty = [""] * len(units)
    titles = corpus_terms(empty, [naming.with_one_name(unit.title) for unit in units], processes=1)
    texts = corpus_terms(empty, [naming.with_one_name(unit.text) for unit in units], processes=1)
    return Segment.of(
        groups,
        lambda unit: unit.name,
        [
            (
                *(unit.owner for unit in group.elements[:1]),
                *dict.fromkeys(naming.with_one_name(name) for unit in group.elements for name in unit.names),
            )
            for group in groups
        ],
        {
            "sort": np.array([_SORTS.index(unit.sort) for unit in units], np.int8),
            "facet": np.array([FACETS.index(unit.facet) if unit.facet in FACETS else -1 for unit in units], np.int8),
            "held": np.array([held(f"{unit.title} {unit.text}") for unit in units], np.bool_).reshape(-1, len(KINDS)),
            "length": np.array([len(unit.text) for unit in units], np.float32),
            "in_force": np.array([unit.in_force for unit in units], np.bool_),
        },
        {
            "title_words": Posted.of(titles.words),
            "text_words": Posted.of(texts.words),
            "title_pairs": Posted.of(titles.bigrams),
            "text_pairs": Posted.of(texts.bigrams),
            "characters": Posted.of(texts.characters),
        },
    )


class Corpus:
    """The part of the evidence that depends on the units alone. Every `Evidence` over the same units shares it."""

    def __init__(self, units: Segments[Unit], naming: Naming, names: OwnerNames | None = None) -> None:
        """`units`: of segments that `analysed` has made. `names`: those of the owners, if made before."""
        self.units, self.naming = units, naming
        self.places = Places(units, lambda unit: unit.name)
        self.owners = {names[0]: number for number, names in enumerate(units.names) if names}
        self.owner_of = units.group_of
        self.sort_of = units.column("sort").astype(np.int64)
        self.facet_of = units.column("facet").astype(np.int64)
        self.title_words, self.text_words = units.postings("title_words"), units.postings("text_words")
        self.title_pairs, self.text_pairs = units.postings("title_pairs"), units.postings("text_pairs")
        self.characters = units.postings("characters")
        self.names = names or OwnerNames([names[1:] for names in units.names])
        self.held = units.column("held")
        self.lengths = units.column("length")
        self.in_force = units.column("in_force").astype(np.float32)
        self.sizes = units.sizes.astype(np.float32)
        self.first = units.first[self.owner_of]
        self.position = np.arange(len(units)) - self.first

    @classmethod
    def of(cls, units: Iterable[Unit], naming: Naming) -> Corpus:
        """In memory. The units of an owner stand together."""
        groups = [Group(owner, tuple(own)) for owner, own in groupby(units, lambda unit: unit.owner)]
        segment = analysed(groups, naming)
        return cls(Segments([segment], segment.fingerprints), naming)

    def topic_of(self, context: Context) -> str:
        """The previous matter in a few words, to be read together with a message; empty if there is none."""
        if context.is_empty or context.shown[0] not in self.places:
            return ""
        unit = self.units[self.places[context.shown[0]]]
        return unit.names[0] if unit.names else unit.title

    def questions(self, text: str, context: Context) -> list[str]:
        """The texts to encode for a normalised message: its core, and its core after the previous matter, if any."""
        core = Asked.of(self.naming.with_one_name(text)).core
        topic = self.naming.with_one_name(self.topic_of(context))
        return [core, f"{topic} {core}"] if topic else [core]


class PairsOfOwners:
    """Which owners have each pair of characters: in their units, in their names, or in a wording that asks for them."""

    def __init__(self, corpus: Corpus, wordings: Sequence[Wording]) -> None:
        texts = [(owner, name) for owner, names in enumerate(corpus.units.names) for name in names[1:]]
        for wording in wordings:
            named = {owner_of_unit(unit) for unit in wording.units}
            texts += [(corpus.owners[owner], wording.text) for owner in named if owner in corpus.owners]
        pairs = [_pairs(text) for _, text in texts]
        every = np.concatenate([*pairs, np.zeros(0, np.int64)])
        owners = np.repeat(
            np.array([owner for owner, _ in texts], np.int64), np.array([len(own) for own in pairs], np.int64)
        )
        order = np.argsort(every, kind="stable")
        self._codes, self._owners = every[order], owners[order]

    def unexplained(self, pairs: Integers, corpus: Corpus) -> NDArray[np.bool_]:
        """Whether each owner lacks each pair; False for all owners where a pair is common. Shape: (pairs, owners)."""
        lacking = np.ones((len(pairs), len(corpus.owners)), np.bool_)
        for postings in (corpus.title_pairs, corpus.text_pairs):
            which, places = postings.having(pairs)
            lacking[which, corpus.owner_of[places]] = False
        starts, ends = (np.searchsorted(self._codes, pairs, side=side) for side in ("left", "right"))
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            lacking[row, self._owners[start:end]] = False
        # A pair that so many owners have is ordinary language: “怎么”, “要带”.
        owner_count = len(corpus.owners)
        lacking[owner_count - lacking.sum(axis=1) >= max(12, _COMMON_SHARE * owner_count)] = False
        return lacking


class Evidence:
    """All that is computed before any message. It does not change while in use, so threads can share it."""

    def __init__(self, corpus: Corpus, facets: FacetModel, known: Known, pairs: PairsOfOwners) -> None:
        self.corpus, self.facets, self.known, self.pairs = corpus, facets, known, pairs

    @classmethod
    def of(cls, corpus: Corpus, wordings: Sequence[Wording], facets: FacetModel) -> Evidence:
        known = Known(wordings, corpus.places, corpus.owners, len(corpus.units))
        return cls(corpus, facets, known, PairsOfOwners(corpus, wordings))

    @property
    def passages(self) -> list[str]:
        """The texts with which the encoder compares a message: each unit, then each known wording."""
        return [*(unit.in_full for unit in self.corpus.units), *self.known.texts]

    def vectors(self, likenesses: Sequence[Likeness | None]) -> Vectors | None:
        """`likenesses`: of each text of `Corpus.questions` to all `passages`. None if no unit has a vector yet."""
        core, *topic = likenesses
        count = len(self.corpus.units)
        if core is None or np.isnan(core.plain[:count]).all():
            return None
        beside = topic[0] if topic else None
        return Vectors(core.first(count), beside.first(count) if beside else None, core.plain[count:])

    def read(self, text: str, context: Context) -> Reading:
        """`text` is normalised."""
        return Reading(self, text, context)

    def candidates(self, text: str, context: Context, vectors: Vectors | None = None) -> Candidates:
        """`text` is normalised."""
        return self.read(text, context).candidates(vectors)


class Reading:
    """One message compared with all units. The evidence of its words is computed once, also for the encoder's turn."""

    def __init__(self, evidence: Evidence, text: str, context: Context) -> None:
        self.evidence, self.index = evidence, evidence.corpus
        index = self.index
        self.text, self.asked, self.context = text, Asked.of(index.naming.with_one_name(text)), context
        asked = self.asked
        self.core = question_terms(asked.core)
        self.lexical = self._lexical(self.core)
        whole = self.core if asked.core == asked.whole else question_terms(asked.whole)
        self.whole = self.lexical if whole is self.core else self._lexical(whole)
        self.topic_text = index.topic_of(context)
        self.topic = None
        if self.topic_text:
            self.topic = self._lexical(question_terms(f"{index.naming.with_one_name(self.topic_text)} {asked.core}"))
        self.names = index.names.of(asked.core, self.core.bigrams)
        self.names_whole = self.names if whole is self.core else index.names.of(asked.whole, whole.bigrams)
        self.near_unit, self.near_owner, self.near_sum = evidence.known.nearness(asked.question)
        places = index.places.of(context.shown)
        self.shown = np.array([places[name] for name in context.shown if name in places], np.int64)
        self.before = index.owner_of[self.shown[0]] if len(self.shown) else -1
        self.facets = evidence.facets.probabilities(asked.question)
        pairs = _pairs(asked.core)
        rarities = index.text_pairs.rarities(pairs)
        strange = evidence.pairs.unexplained(pairs, index)
        self._pair_weight = float(rarities.sum())
        # For each owner: the weight of the pairs that it leaves unexplained, and the longest run of them.
        self._strange = rarities @ strange, _longest_runs(strange)

    def candidates(self, vectors: Vectors | None = None) -> Candidates:
        meant = _Meant.of(vectors, self.evidence.known)
        chosen = self._chosen(meant)
        columns = self._columns(chosen, meant)
        features = np.empty((len(chosen), len(columns)), np.float32)
        for number, values in enumerate(columns.values()):
            features[:, number] = values
        return Candidates(chosen, features, list(columns))

    def meant_by(self, meaning: Meaning) -> Vectors | None:
        """The encoder's comparison of the message; None if it does not answer in time."""
        return self.evidence.vectors(meaning.likenesses(self.index.questions(self.text, self.context)))

    def _lexical(self, terms: CodedTerms) -> dict[str, Any]:
        index = self.index
        title_words, text_words = index.title_words.coverage(terms.words), index.text_words.coverage(terms.words)
        title_pairs, text_pairs = index.title_pairs.coverage(terms.bigrams), index.text_pairs.coverage(terms.bigrams)
        characters = index.characters.bm25(terms.characters)
        total = text_pairs.score + text_words.score + title_pairs.score + title_words.score + _CHARACTERS * characters
        return {
            "sum": total,
            "title_words": title_words,
            "text_words": text_words,
            "title_pairs": title_pairs,
            "text_pairs": text_pairs,
            "characters": characters,
        }

    def _chosen(self, meant: _Meant) -> Integers:
        index = self.index
        owner_of = index.owner_of
        lexical, whole = self.lexical["sum"], self.whole["sum"]
        by_name = np.maximum(self.names["cosine"], self.names_whole["share"])
        by_owner = by_name + self.near_owner
        parts = [_top(lexical, _BY_SUM), _top(self.near_unit, _BY_WORDING)]
        if self.whole is not self.lexical:
            parts.append(_top(whole, _BY_SUM // 2))
        first_of = np.flatnonzero(index.position == 0)
        small = index.sort_of != _SORTS.index(Sort.PASSAGE)
        parts.append(first_of[_top(by_owner[owner_of[first_of]] * small[first_of], _BY_NAME)])
        if self.topic is not None:
            parts.append(_top(self.topic["sum"], _BY_TOPIC))
        for likeness, count in ((meant.core, _BY_VECTOR), (meant.topic, _BY_TOPIC)):
            if likeness is not None:
                parts += [_top(np.nan_to_num(cosines), count) for cosines in (likeness.plain, likeness.aligned)]
        if meant.near_unit is not None:
            parts.append(_top(meant.near_unit, _BY_WORDING))
        chosen = np.unique(np.concatenate(parts))
        # The likeliest items come with all of their facets, and the previous owner with all of its units. Of a long
        # previous document only the passages around the one shown come.
        items = chosen[index.sort_of[chosen] == _SORTS.index(Sort.ITEM)]
        likely = np.unique(owner_of[items])
        strength = by_owner[likely] + lexical_best(lexical, owner_of, likely) / max(float(lexical.max()), 1e-6)
        if meant.near_owner is not None:
            strength = strength + _MEANT * np.maximum(meant.near_owner[likely] - _UNRELATED, 0)
        likely = likely[np.argsort(-strength)[:_WHOLE_OWNERS]]
        more = np.flatnonzero(np.isin(owner_of, [*likely, self.before]))
        if self.before >= 0 and len(more) > 80:
            more = np.flatnonzero(np.isin(owner_of, likely) | np.isin(np.arange(len(owner_of)), self._neighbours()))
        return np.asarray(np.unique(np.concatenate([chosen, more, self.shown])), np.int64)

    def _neighbours(self) -> Integers:
        around = (self.shown[:1, None] + np.arange(-12, 13)[None]).ravel()
        around = around[(around >= 0) & (around < len(self.index.owner_of))]
        return np.asarray(around[self.index.owner_of[around] == self.before], np.int64)

    def _columns(self, chosen: Integers, meant: _Meant) -> dict[str, Any]:
        index = self.index
        owner_of = index.owner_of
        owners = owner_of[chosen]
        sorts, facets = index.sort_of[chosen], index.facet_of[chosen]
        columns: dict[str, Any] = {}
        self._lexical_columns(columns, "", self.lexical, chosen)
        self._lexical_columns(columns, "whole_", self.whole, chosen, brief=True)
        self._lexical_columns(columns, "topic_", self.topic, chosen, brief=True)
        self._name_columns(columns, chosen, owners)
        self._near_columns(columns, chosen, owners)
        self._unexplained(columns, owners)
        self._vector_columns(columns, chosen, owners, meant)
        wants = np.array(wanted(self.asked.question), np.bool_)
        holds = index.held[chosen]
        columns["wants_held"] = (holds & wants).sum(axis=1)
        columns["wants_missing"] = (~holds & wants).sum(axis=1)
        self._rival_columns(columns, sorts)
        for number, kind in enumerate(KINDS):
            columns[f"wants_{kind}"] = np.where(wants[number], np.where(holds[:, number], 1.0, -1.0), 0.0)
        columns["facet"] = facets
        columns["facet_probability"] = np.where(facets >= 0, self.facets[facets], _NEVER)
        columns["facet_behind"] = np.where(facets >= 0, self.facets[facets] - self.facets.max(), _NEVER)
        columns["sort"] = sorts
        self._context_columns(columns, chosen, owners)
        columns["topic_likeness"] = self._topic_likeness(chosen)
        columns["unit_length"] = index.lengths[chosen]
        columns["owner_size"] = index.sizes[owners]
        columns["position"] = index.position[chosen]
        columns["in_force"] = index.in_force[chosen]
        columns["message_length"] = np.full(len(chosen), len(self.asked.whole))
        columns["core_length"] = np.full(len(chosen), len(self.asked.core))
        columns["word_count"] = np.full(len(chosen), len(self.core.words))
        # “租的房” in reply to our question tells something and asks nothing: it continues the previous matter.
        asks = is_asking(self.asked.question)
        columns["asks"] = np.full(len(chosen), asks)
        columns["tells_briefly"] = np.full(
            len(chosen), not asks and len(self.asked.whole) <= SHORT and len(self.shown) > 0
        )
        return columns

    def _name_columns(self, columns: dict[str, Any], chosen: Integers, owners: Integers) -> None:
        for name in ("share", "cosine", "whole"):
            values = self.names[name][owners]
            columns[f"name_{name}"] = values
            columns[f"name_{name}_behind"] = values - values.max(initial=0)
            columns[f"names_whole_{name}"] = self.names_whole[name][owners]
        is_absent = (self.index.position == 0) & (self.index.sort_of == _SORTS.index(Sort.ABSENT))
        absent_longest = float(self.names["whole"][self.index.owner_of[is_absent]].max(initial=0))
        columns["absent_longest"] = np.full(len(chosen), absent_longest)

    def _near_columns(self, columns: dict[str, Any], chosen: Integers, owners: Integers) -> None:
        columns["near_unit"] = self.near_unit[chosen]
        columns["near_unit_behind"] = self.near_unit[chosen] - self.near_unit[chosen].max(initial=0)
        columns["near_owner"] = self.near_owner[owners]
        columns["near_owner_lead"] = self.near_owner[owners] - _rival(self.near_owner)[owners]
        columns["near_sum"] = self.near_sum[owners]
        columns["near_sum_lead"] = self.near_sum[owners] - _rival(self.near_sum)[owners]

    def _context_columns(self, columns: dict[str, Any], chosen: Integers, owners: Integers) -> None:
        """How the units stand to those shown before."""
        columns["same_owner"] = (owners == self.before).astype(np.float32) if len(self.shown) else _NEVER * owners
        columns["was_shown"] = np.isin(chosen, self.shown).astype(np.float32) if len(self.shown) else _NEVER * owners
        columns["was_first"] = (chosen == self.shown[0]).astype(np.float32) if len(self.shown) else _NEVER * owners
        sort_before = self.index.sort_of[self.shown[0]] if len(self.shown) else -1
        columns["sort_before"] = np.full(len(chosen), sort_before)

    def _lexical_columns(
        self,
        columns: dict[str, Any],
        prefix: str,
        lexical: dict[str, Any] | None,
        chosen: Integers,
        brief: bool = False,
    ) -> None:
        names = ("sum", "sum_share", "sum_rank", "sum_behind_owner", "owner_rank", "title_pairs", "pair_share")
        more = ("title_words", "text_words", "text_pairs", "characters", "title_pair_share", "word_share",
                "title_word_share", "rarest", "title_rarest", "sum_behind_sort")  # fmt: skip
        if lexical is None:
            for name in names if brief else (*names, *more):
                columns[prefix + name] = np.full(len(chosen), _NEVER)
            return
        index = self.index
        total = lexical["sum"]
        owners = index.owner_of[chosen]
        best_of_owner = np.zeros(len(index.owners), np.float32)
        np.maximum.at(best_of_owner, index.owner_of, total)
        best = max(float(total.max(initial=0)), 1e-6)
        columns[prefix + "sum"] = total[chosen]
        columns[prefix + "sum_share"] = total[chosen] / best
        columns[prefix + "sum_rank"] = np.searchsorted(np.sort(-total), -total[chosen])
        columns[prefix + "sum_behind_owner"] = total[chosen] - best_of_owner[owners]
        columns[prefix + "owner_rank"] = np.searchsorted(np.sort(-best_of_owner), -best_of_owner[owners])
        columns[prefix + "title_pairs"] = lexical["title_pairs"].score[chosen]
        columns[prefix + "pair_share"] = lexical["text_pairs"].share[chosen]
        if brief:
            return
        columns[prefix + "title_words"] = lexical["title_words"].score[chosen]
        columns[prefix + "text_words"] = lexical["text_words"].score[chosen]
        columns[prefix + "text_pairs"] = lexical["text_pairs"].score[chosen]
        columns[prefix + "characters"] = lexical["characters"][chosen]
        columns[prefix + "title_pair_share"] = lexical["title_pairs"].share[chosen]
        columns[prefix + "word_share"] = lexical["text_words"].share[chosen]
        columns[prefix + "title_word_share"] = lexical["title_words"].share[chosen]
        columns[prefix + "rarest"] = lexical["text_words"].rarest[chosen]
        columns[prefix + "title_rarest"] = lexical["title_words"].rarest[chosen]
        best_of_sort = np.zeros(len(_SORTS), np.float32)
        np.maximum.at(best_of_sort, index.sort_of, total)
        columns[prefix + "sum_behind_sort"] = total[chosen] - best_of_sort[index.sort_of[chosen]]

    def _unexplained(self, columns: dict[str, Any], owners: Integers) -> None:
        """Adds the weight of what the owner leaves unexplained, its share of the message and its longest run."""
        mass, run = self._strange
        columns["strange_mass"] = mass[owners]
        columns["strange_share"] = columns["strange_mass"] / (self._pair_weight or 1.0)
        columns["strange_run"] = run[owners]
        columns["strange_behind"] = columns["strange_mass"] - columns["strange_mass"].min(initial=1e9)

    def _vector_columns(self, columns: dict[str, Any], chosen: Integers, owners: Integers, meant: _Meant) -> None:
        for name, likeness in (("", meant.core), ("_topic", meant.topic)):
            self._cosine_columns(columns, f"vector{name}", likeness.plain if likeness else None, chosen, owners)
            self._cosine_columns(columns, f"aligned{name}", likeness.aligned if likeness else None, chosen, owners)
        near_unit, near_owner = meant.near_unit, meant.near_owner
        if near_unit is None or near_owner is None:
            for name in ("unit", "unit_behind", "owner", "owner_lead"):
                columns[f"vector_near_{name}"] = np.full(len(chosen), _NEVER)
        else:
            columns["vector_near_unit"] = near_unit[chosen]
            columns["vector_near_unit_behind"] = near_unit[chosen] - near_unit[chosen].max(initial=0)
            columns["vector_near_owner"] = near_owner[owners]
            columns["vector_near_owner_lead"] = near_owner[owners] - _rival(near_owner)[owners]
        fused = _of_rank(columns["sum_rank"]) + _of_rank(columns["vector_rank"])
        columns["fused"] = fused
        columns["fused_behind"] = fused - fused.max(initial=0)

    def _cosine_columns(
        self, columns: dict[str, Any], name: str, cosines: Floats | None, chosen: Integers, owners: Integers
    ) -> None:
        index = self.index
        if cosines is None:
            for part in ("", "_behind", "_rank", "_behind_owner", "_owner_rank", "_owner_lead", "_standing"):
                columns[name + part] = np.full(len(chosen), _NEVER)
            return
        values, known = cosines[chosen], np.nan_to_num(cosines, nan=-1.0)
        best_of_owner = np.full(len(index.owners), -1.0, np.float32)
        np.maximum.at(best_of_owner, index.owner_of, known)
        columns[name] = values
        columns[name + "_behind"] = values - known.max(initial=-1)
        columns[name + "_rank"] = np.searchsorted(np.sort(-known), -known[chosen])
        columns[name + "_behind_owner"] = values - best_of_owner[owners]
        columns[name + "_owner_rank"] = np.searchsorted(np.sort(-best_of_owner), -best_of_owner[owners])
        columns[name + "_owner_lead"] = best_of_owner[owners] - _rival(best_of_owner)[owners]
        columns[name + "_standing"] = (values - np.nanmean(cosines)) / max(float(np.nanstd(cosines)), 1e-6)

    def _rival_columns(self, columns: dict[str, Any], sorts: Integers) -> None:
        """Adds how far each candidate is behind the best candidate of each sort. An absent matter, for example, is no
        answer where a passage tells what to do."""
        for name in _RIVALRIES:
            values = np.asarray(columns[name], np.float32)
            for number, sort in enumerate(_SORTS):
                own = values[sorts == number]
                best = np.nanmax(own) if len(own) and not np.isnan(own).all() else _NEVER
                columns[f"{name}_behind_{sort}"] = values - best

    def _topic_likeness(self, chosen: Integers) -> Any:
        """How much each candidate has of the previous matter."""
        if not self.topic_text:
            return np.full(len(chosen), _NEVER)
        index = self.index
        terms = question_terms(index.naming.with_one_name(self.topic_text))
        titles = index.title_pairs.coverage(terms.bigrams).share
        texts = index.text_pairs.coverage(terms.bigrams).share
        return np.maximum(titles, texts)[chosen]


def lexical_best(scores: Floats, owner_of: Integers, owners: Integers) -> Floats:
    """The best score of each of `owners`."""
    best = np.zeros(int(owner_of.max()) + 1, np.float32)
    np.maximum.at(best, owner_of, scores)
    return best[owners]


def _rival(values: Floats) -> Floats:
    """For each value the best of the other values."""
    if len(values) < 2:
        return np.zeros(len(values), np.float32)
    first, second = np.argsort(-values)[:2]
    rivals = np.full(len(values), values[first], np.float32)
    rivals[first] = values[second]
    return rivals


def _of_rank(ranks: Any) -> Any:
    """The value of a rank in reciprocal rank fusion: high for good ranks, nearly the same for all bad ones."""
    return 1 / (20 + ranks)


def _top(scores: Any, count: int) -> Integers:
    top = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
    return np.asarray(top[scores[top] > 0], np.int64)


def _longest_runs(flags: NDArray[np.bool_]) -> Floats:
    """For each column, the length of the longest run of true flags."""
    run = longest = np.zeros(flags.shape[1], np.float32)
    for row in flags:
        run = (run + 1) * row
        longest = np.maximum(longest, run)
    return longest


def _pairs(text: str) -> Integers:
    """Codes of neighbouring characters as `bot.search.words` makes them, in the order of the text."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32).astype(np.int64)
    countable = np.array([character.isalnum() for character in text], np.bool_)
    both = countable[:-1] & countable[1:]
    return (codes[:-1] << 21 | codes[1:])[both]


def _grams(text: str) -> dict[str, int]:
    """Runs of one to three characters, with how often each occurs."""
    plain = letters_and_figures(text)
    found: dict[str, int] = {}
    for size in (1, 2, 3):
        for start in range(len(plain) - size + 1):
            gram = plain[start : start + size]
            found[gram] = found.get(gram, 0) + 1
    return found
