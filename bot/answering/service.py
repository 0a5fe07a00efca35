"""Finds the units that answer a message, in an index that follows the data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import FromClause, Select, SelectBase, func, select, true
from sqlalchemy.orm import Session

from bot.answering.asked import KINDS, SHORT, wanted
from bot.answering.evidence import (
    NO_CONTEXT,
    Candidates,
    Context,
    Corpus,
    Evidence,
    Known,
    OwnerNames,
    PairsOfOwners,
    Reading,
    analysed,
)
from bot.answering.facets import NO_FACETS
from bot.answering.meaning import Meaning
from bot.answering.ranker import OFFERED, BoundRanker, Ranker, RankerUnreadable
from bot.answering.units import Sort, Unit, items_and_joints, passage_units, routes_and_absent
from bot.answering.witnesses import Witness, witnesses
from bot.answering.wordings import (
    Wording,
    known_wordings,
    lesson_wordings,
    shipped_digest,
    taught_texts,
    units_meant,
)
from bot.catalogue.models import AbsentMatter, Alias, Item, JointService, Material, Office, Situation, Step
from bot.documents.models import Document, DocumentChange
from bot.documents.service import current_documents, passages_by_document
from bot.documents.words import TermReader as Naming
from bot.language.text import letters_and_figures, normalise
from bot.lessons.service import approved_revision
from bot.places import ROOT
from bot.referrals.models import Route
from bot.search.growth import Growing, grown
from bot.search.index_folder import IndexFolder, Whole
from bot.search.kept import Content, KeptIndex, Progress, Source
from bot.search.segments import Group, Segments, fingerprint_of
from bot.settings import Settings
from bot.staff.models import AuditEntry
from bot.synonyms.service import synonyms

SHIPPED_RANKER = ROOT / "bot" / "samples" / "answering.ranker"
FORMAT = 5
CONSIDERED = 10
# A message of at least this many characters names its matter itself, whatever the conversation was about.
NAMES_ITS_MATTER = 10
# `SURE`: probability that the first unit answers, from which it is given as the answer. `LIKELY`: probability that one
# of the first three helps, from which they are offered. Chosen on folds of messages that the ranker had not seen
# (docs/decisions/0010-answering.md).
SURE = 0.85
LIKELY, LIKELY_OF_LETTER = 0.75, 0.8
# A unit this far below the first helped in none of the 287 labelled letters that are offered something
# (docs/decisions/0010-answering.md).
FAR_BELOW = 2.5

# Audited actions of the console that change data without changing the other figures of `_COUNTED`.
_EDITS = ("edit_item", "add_alias", "remove_alias", "store_document", "repeal_document", "restore_document",
          "publish_answer")  # fmt: skip

log = logging.getLogger(__name__)


class Certainty(StrEnum):
    SURE = "sure"
    LIKELY = "likely"
    NONE = "none"


@dataclass(frozen=True)
class Decision:
    """The decision on a message: which units are shown, and how sure they are.

    `units`: what is shown, best first; empty where nothing answers. `considered`: the best units with their scores,
    shown or not. `first`: the probability that the first unit answers; `any`: that one of the first three helps.
    """

    certainty: Certainty
    units: tuple[Unit, ...]
    considered: tuple[tuple[Unit, float], ...]
    first: float
    any: float
    is_taught: bool = False
    """Whether staff have taught what these very words mean."""


def is_sure(decision: Decision) -> bool:
    return decision.certainty is Certainty.SURE


_NOTHING_SAID = Decision(Certainty.NONE, (), (), 0.0, 0.0)


class EncoderSaid(StrEnum):
    LIKENESS = "likeness"
    NOTHING = "nothing"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class NearUnits:
    """The units nearest to a text: the best unit of each owner, best first.

    `any`: the probability that one of the first three units answers it.
    """

    units: tuple[Unit, ...] = ()
    any: float = 0.0


@dataclass(frozen=True)
class _Weighed:
    reading: Reading
    candidates: Candidates
    decision: Decision
    encoder: EncoderSaid


@dataclass(frozen=True)
class Explained:
    """A decision with its reasons.

    `core`: the part of a long message that was compared, empty where that is all of it (see `Asked`). `wanted`: the
    kinds of answer that the message asks for, of `bot.answering.asked.KINDS`. `witnesses`: one for each unit
    considered, in the same order.
    """

    decision: Decision
    core: str
    wanted: tuple[str, ...]
    encoder: EncoderSaid
    witnesses: tuple[Witness, ...]


@dataclass(frozen=True)
class Answering:
    """The index in use; threads may share it. Without `meaning`, or while the encoder is down, words alone decide."""

    evidence: Evidence
    ranker: BoundRanker
    meaning: Meaning | None = None
    taught: Mapping[str, tuple[Unit, ...]] = field(default_factory=dict)
    """Letters and figures of each taught text → the units that answer it."""

    def decide(
        self, text: str, context: Context = NO_CONTEXT, is_settled: Callable[[Decision], bool] = is_sure
    ) -> Decision:
        """Decides what to say to `text`, as typed, in this context. Asks the encoder only if words leave doubt.

        `is_settled`: whether a decision by words alone is taken as it is.
        """
        weighed = self._weighed(text, context, is_settled)
        return weighed.decision if weighed else _NOTHING_SAID

    def near(self, text: str) -> NearUnits:
        """For a list of results: owners whose score is not far below the best one's. Words alone decide."""
        plain = normalise(text)
        if not self._is_answerable(plain):
            return NearUnits()
        judgement = self.ranker.judge(self.evidence.read(plain, NO_CONTEXT).candidates(), self.evidence.corpus)
        best: dict[str, Unit] = {}
        for each in judgement.ranked:
            unit = self.evidence.corpus.units[each.place]
            if each.score >= judgement.ranked[0].score - FAR_BELOW:
                best.setdefault(unit.owner, unit)
        return NearUnits(tuple(best.values()), judgement.any)

    def explained(self, text: str, context: Context = NO_CONTEXT) -> Explained:
        """The same decision, with the evidence for each unit considered."""
        weighed = self._weighed(text, context, is_sure)
        if weighed is None:
            return Explained(_NOTHING_SAID, "", (), EncoderSaid.NOT_ASKED, ())
        asked = weighed.reading.asked
        places = [self.evidence.corpus.places[unit.name] for unit, _ in weighed.decision.considered]
        wants = tuple(kind for kind, is_wanted in zip(KINDS, wanted(asked.question), strict=True) if is_wanted)
        speaking = witnesses(weighed.reading, weighed.candidates, places)
        core = asked.core if asked.core != asked.whole else ""
        return Explained(weighed.decision, core, wants, weighed.encoder, speaking)

    def _weighed(self, text: str, context: Context, is_settled: Callable[[Decision], bool]) -> _Weighed | None:
        """None where nothing can answer the text."""
        plain = normalise(text)
        if not self._is_answerable(plain):
            return None
        reading = self.evidence.read(plain, context)
        by_words = self._judged(reading, reading.candidates(), EncoderSaid.NOT_ASKED)
        if self.meaning is None or is_settled(by_words.decision):
            return by_words
        vectors = reading.meant_by(self.meaning)
        if vectors is None:
            return replace(by_words, encoder=EncoderSaid.NOTHING)
        return self._judged(reading, reading.candidates(vectors), EncoderSaid.LIKENESS)

    def _is_answerable(self, plain: str) -> bool:
        """Whether the text has a letter or figure, and the city has loaded anything that could answer it."""
        return bool(self.evidence.corpus.units) and any(character.isalnum() for character in plain)

    def _judged(self, reading: Reading, candidates: Candidates, encoder: EncoderSaid) -> _Weighed:
        corpus = self.evidence.corpus
        judgement = self.ranker.judge(candidates, corpus)
        considered = tuple((corpus.units[each.place], each.score) for each in judgement.ranked[:CONSIDERED])
        units = _said_once([unit for unit, _ in considered])
        certainty = certainty_of(judgement.first, judgement.any, reading.text)
        shown = {Certainty.SURE: with_neighbours(units), Certainty.LIKELY: offered(considered), Certainty.NONE: ()}
        decision = Decision(certainty, shown[certainty], considered, judgement.first, judgement.any)
        meant = self._taught(reading)
        return _Weighed(reading, candidates, _as_taught(decision, meant) if meant else decision, encoder)

    def _taught(self, reading: Reading) -> tuple[Unit, ...]:
        """The units that staff taught for these very words.

        None for a short message that follows another matter: “那多少钱” was taught for one matter and is asked of all.
        """
        key = letters_and_figures(reading.asked.whole)
        units = self.taught.get(key, ())
        owners = {self.evidence.corpus.owners[unit.owner] for unit in units}
        is_elsewhere = reading.before >= 0 and reading.before not in owners
        return () if is_elsewhere and len(key) < NAMES_ITS_MATTER else units

    def unit(self, name: str) -> Unit | None:
        place = self.evidence.corpus.places.get(name)
        return None if place is None else self.evidence.corpus.units[place]


def certainty_of(first: float, any_: float, text: str) -> Certainty:
    if any_ < (LIKELY if len(text) <= SHORT else LIKELY_OF_LETTER):
        return Certainty.NONE
    return Certainty.SURE if first >= SURE else Certainty.LIKELY


def _as_taught(decision: Decision, meant: tuple[Unit, ...]) -> Decision:
    """The decision as staff taught it: one taught unit is given as the answer, several are offered."""
    scores = {unit.name: score for unit, score in decision.considered}
    best = max(scores.values(), default=0.0)
    rest = [(unit, score) for unit, score in decision.considered if unit not in meant]
    considered = (*((unit, scores.get(unit.name, best)) for unit in meant), *rest)[:CONSIDERED]
    certainty = Certainty.SURE if len(meant) == 1 else Certainty.LIKELY
    return replace(decision, certainty=certainty, units=meant[:OFFERED], considered=considered, is_taught=True)


def _said_once(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Keeps only the best of the passages into which a long section was cut."""
    first = {(unit.owner, unit.facet or unit.name): unit for unit in reversed(units)}
    return tuple(unit for unit in units if first[unit.owner, unit.facet or unit.name] is unit)


def offered(considered: Sequence[tuple[Unit, float]]) -> tuple[Unit, ...]:
    """The units to offer: the first three, without those whose score is far below the first one's."""
    near = [unit for unit, score in considered if score >= considered[0][1] - FAR_BELOW]
    return _said_once(near)[:OFFERED]


def with_neighbours(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """The first unit; if it is a passage, also the passages among the next two, which are named as further reading."""
    if not units or units[0].sort != Sort.PASSAGE:
        return tuple(units[:1])
    return (units[0], *[unit for unit in units[1:OFFERED] if unit.sort == Sort.PASSAGE])


@dataclass(frozen=True)
class _About:
    """What is kept of an index beside its segments. The facets come with the ranker, which has a file of its own."""

    segments: tuple[str, ...]
    order: tuple[str, ...]
    naming: Naming
    names: OwnerNames
    known: Known
    pairs: PairsOfOwners
    taught: Mapping[str, tuple[Unit, ...]]


def answering(session: Session) -> Answering:
    """The index to answer citizens from; they never wait for a newer one (`bot.search.kept`)."""
    return INDEX.serving(session)


def newest_answering(session: Session) -> Answering:
    """The index of the current data, as far as it is built: for pages of staff, who may wait until it is loaded."""
    return INDEX.renewed(session)


def _content(session: Session) -> Content:
    names, lessons = synonyms(session), taught_texts(session)
    naming, of_names = Naming(names), fingerprint_of(FORMAT, sorted(names.items()))
    documents = {fingerprint_of(of_names, document): document for document in current_documents(session)}
    before, after = (_by_owner(of_names, units(session)) for units in (items_and_joints, routes_and_absent))
    others = {**before, **after}
    order = (*before, *documents, *after)

    def read(fingerprints: Sequence[str]) -> Iterator[Group[Unit]]:
        wanted = [each for each in fingerprints if each in documents]
        texts = passages_by_document(session, [documents[each] for each in wanted])
        yield from (others[each] for each in fingerprints if each in before)
        yield from (Group(each, [*passage_units(own)]) for each, own in zip(wanted, texts, strict=True))
        yield from (others[each] for each in fingerprints if each in after)

    def build(before: Whole | None, folder: IndexFolder, progress: Progress) -> Whole:
        about = before.about if before and isinstance(before.about, _About) else None
        segments = [before.parts[each] for each in about.segments] if before and about else []
        units = grown(folder, segments, Growing(order, read, lambda groups: analysed(groups, naming)), progress)
        corpus = Corpus(units, naming)
        taught = lesson_wordings(lessons, units)
        evidence = Evidence.of(corpus, read_wordings(naming, units, taught), NO_FACETS)
        parts = {each.name: each for each in units.segments}
        kept = _About(
            tuple(parts), order, naming, corpus.names, evidence.known, evidence.pairs, _taught(taught, corpus)
        )
        return Whole(parts, kept)

    return Content(fingerprint_of(of_names, order, lessons, shipped_digest()), build)


def _by_owner(of_names: str, units: Iterable[Unit]) -> dict[str, Group[Unit]]:
    owned = [list(own) for _, own in groupby(units, lambda unit: unit.owner)]
    return {fingerprint_of(of_names, own): Group(fingerprint_of(of_names, own), own) for own in owned}


def _in_use(whole: Whole, settings: Settings) -> Answering:
    about: _About = whole.about
    ranker = ranker_of(settings.answering_ranker_path)
    units: Segments[Unit] = Segments([whole.parts[each] for each in about.segments], about.order)
    evidence = Evidence(Corpus(units, about.naming, about.names), ranker.facets, about.known, about.pairs)
    meaning = Meaning.of(settings, evidence.passages, ranker.alignment, len(units)) if settings.encoder else None
    return Answering(evidence, BoundRanker(ranker), meaning, about.taught)


def _taught(lessons: Sequence[Wording], corpus: Corpus) -> dict[str, tuple[Unit, ...]]:
    units = {
        letters_and_figures(corpus.naming.with_one_name(normalise(lesson.text))): [
            corpus.units[place] for place in corpus.places.of(units_meant(lesson)).values()
        ]
        for lesson in lessons
    }
    return {key: _said_once(meant) for key, meant in units.items() if meant}


def ranker_of(own: Path) -> Ranker:
    """The city's own ranker if this version can read it, otherwise the one that ships."""
    try:
        return Ranker.load(own if own.exists() else SHIPPED_RANKER)
    except RankerUnreadable as error:
        log.error("%s; the one that ships answers meanwhile", error)
        return Ranker.load(SHIPPED_RANKER)


def read_wordings(naming: Naming, units: Iterable[Unit], taught: Sequence[Wording] = ()) -> list[Wording]:
    """The known wordings, normalised like messages. A `taught` one replaces a shipped one with the same words."""
    shipped = [replace(each, text=naming.with_one_name(_shipped(each.text))) for each in known_wordings(units)]
    lessons = [replace(each, text=naming.with_one_name(normalise(each.text))) for each in taught]
    replaced = {lesson.text for lesson in lessons}
    return [*(each for each in shipped if each.text not in replaced), *lessons]


@cache
def _shipped(text: str) -> str:
    """Kept, since each new index needs the thousands of texts that ship, and these do not change."""
    return normalise(text)


def _in_one_row(queries: Sequence[SelectBase]) -> Select[*tuple[Any, ...]]:
    """Joins queries of one row each, so that a message costs one query and not a dozen."""
    parts = [query.subquery() for query in queries]
    joined: FromClause = parts[0]
    for part in parts[1:]:
        joined = joined.join(part, true())
    return select(*(column for part in parts for column in part.c)).select_from(joined)


_COUNTED = _in_one_row(
    [
        select(func.count(), func.max(DocumentChange.id), func.max(DocumentChange.at)),
        select(func.count(), func.sum(func.length(Document.title)), func.sum(Document.current_version)),
        select(func.count(), func.max(Item.recorded_on), func.sum(func.length(Item.summary + Item.fee + Item.note))),
        select(func.count(), func.max(AuditEntry.id)).where(AuditEntry.action.in_(_EDITS)),
        *(select(func.count(), func.max(model.id)) for model in (Alias, Material, Situation, Step)),
        *(select(func.count(), func.max(model.code)) for model in (JointService, Office)),
        select(func.count(), func.sum(func.length(Route.answer)), func.max(Route.code)),
        select(func.count(), func.sum(func.length(AbsentMatter.note)), func.max(AbsentMatter.name)),
        approved_revision(),
    ]
)


def _revision(session: Session) -> object:
    """A value that changes when the answers may change. Shipped files change only with a restart and are left out."""
    ranker = Settings.from_environment().answering_ranker_path
    written = ranker.stat().st_mtime_ns if ranker.exists() else None
    return tuple(session.execute(_COUNTED).one()), written, synonyms(session)


INDEX: KeptIndex[Answering] = KeptIndex(
    Source(_revision, _content, _in_use, lambda settings: settings.answering_index_path)
)
