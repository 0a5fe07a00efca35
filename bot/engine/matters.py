"""Which matter a message is about: a learnt ranking of the catalogue's items that can also answer “none of them”.

Two steps. A linear classifier over characters, one against the rest for each item, tells which items the wording
resembles. A second classifier judges each of the best candidates by more evidence: a name or alias in the message, the
nearest known wording, and above all the characters that the candidate does not explain. It is trained on the results of
the first step for messages that the first step has not seen. “食品生产许可证” resembles 食品经营许可, but “生产” never
occurs with 食品经营许可; such a near miss must not be answered with the similar item.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bot.engine.boosted_trees import BoostedTrees
from bot.engine.lexicon import Entry, Lexicon
from bot.language.first_characters import ByFirstCharacter
from bot.language.spoken import without_what_stands_between

# What a message can be about besides an item: the previous item (“那要多少钱”), a matter that is not in the catalogue,
# or nothing that the assistant covers.
CONTEXT, ABSENT, OTHER = "context", "absent", "other"
SPECIAL = (CONTEXT, ABSENT, OTHER)

CANDIDATES = 6
FOLDS = 5
# A character pair that occurs with at least this many items does not show which item is meant.
COMMON_FROM = 12
EVEN = 0.5
# What is done, in titles of items; what they are about stands beside it.
_DEED = re.compile("[申补换]领|登记|申请|申办|签发|审批|许可|备案|核发|认定|开具|支付|提取|首次|变更|注销")
# Number of characters of the longest n-gram.
LONGEST_GRAM = 3


@dataclass(frozen=True)
class Example:
    """`codes`: the items meant, several where the wording fits several, or one of `SPECIAL`. `text` is normalised.

    Examples of one `group` are never split between training and judging.
    """

    text: str
    codes: tuple[str, ...]
    group: str


@dataclass(frozen=True)
class Candidate:
    """`probability`: that the message means this item. Several candidates can have a high one at once."""

    code: str
    probability: float


@dataclass(frozen=True)
class Judgement:
    """`candidates`: best first. `kind`: what the message is about if none of them: one of `SPECIAL`.

    `absent_name`: the absent matter that the message names, unless it names the best candidate too.
    """

    candidates: list[Candidate]
    kind: str
    absent_name: str | None


class MatterModel:
    """Learn with `fit`, then `judge`. Holds nothing that cannot be pickled."""

    def fit(self, examples: Sequence[Example], lexicon: Lexicon) -> MatterModel:
        """Takes some twenty seconds for three thousand examples on one core.

        Examples of items that this city's catalogue does not have teach nothing. If no others are left, the model finds
        items by their names alone, and the search answers what is asked in other words.
        """
        entries = [entry for entry in lexicon.entries if entry.kind != "absent"]
        absent = [entry for entry in lexicon.entries if entry.kind == "absent"]
        codes = {entry.code for entry in entries}
        examples = [example for example in examples if codes.union(SPECIAL).issuperset(example.codes)]
        if not any(codes.intersection(example.codes) for example in examples):
            self._names, self._judge, self._wordings = Names(entries, absent), None, None
            return self
        named = [Example(name, (entry.code,), name) for entry in entries for name in entry.names]
        refused = [Example(name, (ABSENT,), entry.code) for entry in absent for name in entry.names]
        self._names = Names(entries, absent)
        self._judge: BoostedTrees | None = self._learn_to_judge(examples, named, refused, entries)
        self._wordings: _Wordings | None = _Wordings([*examples, *named, *refused], entries)
        return self

    def judge(self, text: str) -> Judgement:
        """`text` is normalised."""
        if self._judge is None or self._wordings is None:
            return self._judged_by_name(text)
        scores, nearest = self._wordings.compared(text)
        rows = self._features(text, self._wordings, scores, nearest)
        kind = max(SPECIAL, key=lambda special: scores[special])
        probabilities = self._judge.probabilities(np.array(list(rows.values())))
        ranked = sorted(
            (Candidate(code, float(probability)) for code, probability in zip(rows, probabilities)),
            key=lambda candidate: -candidate.probability,
        )
        return Judgement(ranked, kind, self._absent_name(text, ranked[0]))

    def speaks_of(self, code: str, text: str) -> bool:
        """Whether the normalised text has two characters on end of the item's title, besides what is done with it."""
        return any(pair in text for pair in self._names.pairs_of_title(code))

    def _judged_by_name(self, text: str) -> Judgement:
        """The items whose name in the text is longest; without any, the message may be about the previous one."""
        matched = self._names.matched(text)
        longest = max(matched.values(), default=0)
        found = [Candidate(code, 1.0) for code, length in matched.items() if length == longest]
        ranked = found or [Candidate("", 0.0)]
        return Judgement(ranked, CONTEXT, self._absent_name(text, ranked[0]))

    def _absent_name(self, text: str, best: Candidate) -> str | None:
        # “车子想过户” names 车子过户, which stands in it with a gap.
        closed = without_what_stands_between(text)
        absent = self._names.absent_in(text) or self._names.absent_in(closed)
        if absent is None:
            return None
        title, name = absent
        # An item's name within the absent name does not count: “领结婚证” in “补领结婚证”.
        is_named_too = best.code in self._names.matched((text if name in text else closed).replace(name, " "))
        return None if is_named_too and best.probability >= EVEN else title

    def _learn_to_judge(
        self, examples: Sequence[Example], named: list[Example], refused: list[Example], entries: list[Entry]
    ) -> BoostedTrees:
        """Trains the second step. The features of a message never come from wordings that include this message."""
        from sklearn.ensemble import HistGradientBoostingClassifier  # as below, only to be trained
        from sklearn.model_selection import GroupKFold

        rows: list[list[float]] = []
        rights: list[bool] = []
        judged = [*examples, *refused]
        for known, unknown in GroupKFold(FOLDS).split(judged, groups=[example.group for example in judged]):
            wordings = _Wordings([*(judged[i] for i in known), *named], entries)
            for example in (judged[i] for i in unknown):
                scores, nearest = wordings.compared(example.text)
                features = self._features(example.text, wordings, scores, nearest, hide=example.group)
                for code, row in features.items():
                    rows.append(row)
                    rights.append(code in example.codes)
        classifier = HistGradientBoostingClassifier(
            max_iter=150,
            learning_rate=0.08,
            max_leaf_nodes=12,
            min_samples_leaf=25,
            l2_regularization=1.0,
            random_state=7,
        )
        return BoostedTrees(classifier.fit(np.array(rows), np.array(rights)))

    def _features(
        self,
        text: str,
        wordings: _Wordings,
        scores: dict[str, float],
        nearest: dict[str, float],
        hide: str | None = None,
    ) -> dict[str, list[float]]:
        """The features of each candidate for the second step. `scores`, `nearest`: the results of the first step."""
        matched = self._names.matched(text)
        absent_length = self._names.absent_length(text, hide)
        special = max(scores[name] for name in SPECIAL)
        items = {code: score for code, score in scores.items() if code not in SPECIAL}
        by_score = sorted(items, key=lambda code: -items[code])
        codes = dict.fromkeys([*by_score[:CANDIDATES], *matched])
        best_two = [items[code] for code in by_score[:2]]
        longest = max(matched.values(), default=0)
        nearest_two = sorted(nearest.values())[-2:]
        rows = {}
        for code in codes:
            rival = best_two[1] if code == by_score[0] else best_two[0]
            near_rival = nearest_two[0] if nearest.get(code, 0.0) == nearest_two[1] else nearest_two[1]
            rows[code] = [
                items[code],
                items[code] - rival,
                items[code] - special,
                nearest.get(code, 0.0),
                nearest.get(code, 0.0) - near_rival,
                float(matched.get(code, 0)),
                float(matched.get(code, 0) - longest),
                float(matched.get(code, 0) - absent_length),
                float(absent_length),
                *wordings.unexplained(text, code),
                scores[ABSENT],
                scores[CONTEXT],
                scores[OTHER],
                float(len(text)),
            ]
        return rows


class Names:
    """Names and aliases found in a message, the longest for each code."""

    def __init__(self, entries: list[Entry], absent: list[Entry]) -> None:
        self._titles = {entry.code: entry.title for entry in entries}
        self._items = _by_name(entries)
        self._absent = _by_name(absent)

    def pairs_of_title(self, code: str) -> frozenset[str]:
        return frozenset(_pairs(_DEED.sub(" ", self._titles.get(code, ""))))

    def matched(self, text: str) -> dict[str, int]:
        """Code → length in characters of its longest name in the text."""
        found: dict[str, int] = {}
        for name, entry in self._items.possible_in(text):
            if name in text:
                found[entry.code] = max(len(name), found.get(entry.code, 0))
        return found

    def absent_length(self, text: str, hide: str | None) -> int:
        found = self._absent.possible_in(text)
        return max((len(name) for name, entry in found if entry.code != hide and name in text), default=0)

    def absent_in(self, text: str) -> tuple[str, str] | None:
        """Title and name of the absent matter whose name is longest in the text, unless an item's is longer still."""
        found = [(len(name), entry.title, name) for name, entry in self._absent.possible_in(text) if name in text]
        if not found or max(found)[0] < max(self.matched(text).values(), default=0):
            return None
        return max(found)[1:]


def _by_name(entries: list[Entry]) -> ByFirstCharacter[tuple[str, Entry]]:
    return ByFirstCharacter((name, (name, entry)) for entry in entries for name in entry.names)


class _Wordings:
    """The first step: compares a message with the known wordings of each class."""

    def __init__(self, examples: Iterable[Example], entries: list[Entry]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        examples = list(examples)
        vectoriser = TfidfVectorizer(analyzer=_grams, sublinear_tf=True, dtype=np.float32)
        matrix = vectoriser.fit_transform([example.text for example in examples])
        self._places: dict[str, int] = vectoriser.vocabulary_
        self._rarity = vectoriser.idf_
        # By column, to find the wordings that have a given n-gram.
        self._by_gram = matrix.tocsc()
        self.classes = list(dict.fromkeys([*(code for example in examples for code in example.codes), *SPECIAL]))
        place = {code: number for number, code in enumerate(self.classes)}
        belongs = np.zeros((len(examples), len(self.classes)), dtype=bool)
        for number, example in enumerate(examples):
            belongs[number, [place[code] for code in example.codes]] = True
        members = [np.flatnonzero(belongs[:, number]) for number in range(len(self.classes))]
        self._held = [number for number, own in enumerate(members) if len(own)]
        self._members = np.concatenate([members[number] for number in self._held])
        self._starts = np.cumsum([0, *(len(members[number]) for number in self._held[:-1])])
        self._coefficients, self._intercepts = _one_against_the_rest(matrix, belongs)
        self._weights = _pair_weights([example.text for example in examples])
        self._rarest = float(np.log(1 + len(examples)))
        self._vocabulary = self._pairs_by_code(examples, entries)
        self._common = _common_pairs(self._vocabulary)

    def compared(self, text: str) -> tuple[dict[str, float], dict[str, float]]:
        """The score of each class, and for each class the cosine of the nearest wording known for it."""
        grams, weights = self._vector(text)
        scores = weights @ self._coefficients[grams] + self._intercepts
        cosines = np.zeros(self._by_gram.shape[0], np.float32)
        starts, holders, shares = self._by_gram.indptr, self._by_gram.indices, self._by_gram.data
        for gram, weight in zip(grams, weights):
            having = slice(starts[gram], starts[gram + 1])
            cosines[holders[having]] += weight * shares[having]
        nearest = np.zeros(len(self.classes), np.float32)
        nearest[self._held] = np.maximum.reduceat(cosines[self._members], self._starts)
        return dict(zip(self.classes, scores.tolist())), dict(zip(self.classes, nearest.tolist()))

    def _vector(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The known n-grams of a text and their weights, a vector of length one, as the vectoriser computes them."""
        counts = Counter(self._places[gram] for gram in _grams(text) if gram in self._places)
        grams = np.fromiter(counts, np.int64, len(counts))
        weights = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * self._rarity[grams]
        return grams, (weights / (np.linalg.norm(weights) or 1.0)).astype(np.float32)

    def unexplained(self, text: str, code: str) -> tuple[float, float, float, float]:
        """What the item does not explain of the message: the weight of the character pairs that never occur with it,
        the same as a share of the message, and the number and longest run of characters that no known pair covers."""
        known = self._vocabulary.get(code, frozenset())
        pairs = _pairs(text)
        strange = [pair not in known and pair not in self._common for pair in pairs]
        weights = [self._weights.get(pair, self._rarest) for pair in pairs]
        mass = sum(weight for weight, is_strange in zip(weights, strange) if is_strange)
        run = longest = count = 0
        for place in range(len(text)):
            before, after = strange[place - 1 : place] if place else [], strange[place : place + 1]
            is_covered = not all([*before, *after]) or not text[place].isalnum()
            run = 0 if is_covered else run + 1
            count += not is_covered
            longest = max(longest, run)
        return mass, mass / (sum(weights) or 1.0), float(count), float(longest)

    def _pairs_by_code(self, examples: list[Example], entries: list[Entry]) -> dict[str, frozenset[str]]:
        pairs: dict[str, set[str]] = {}
        for example in examples:
            for code in example.codes:
                pairs.setdefault(code, set()).update(_pairs(example.text))
        for entry in entries:
            for words in (*entry.names, *entry.words):
                pairs.setdefault(entry.code, set()).update(_pairs(words))
        return {code: frozenset(own) for code, own in pairs.items()}


def _one_against_the_rest(matrix: sparse.csr_matrix, belongs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.linear_model import LogisticRegression

    coefficients = np.zeros((matrix.shape[1], belongs.shape[1]), dtype=np.float32)
    intercepts = np.full(belongs.shape[1], -10.0, dtype=np.float32)

    def learn(number: int) -> None:
        model = LogisticRegression(C=30.0, solver="liblinear", random_state=7).fit(matrix, belongs[:, number])
        coefficients[:, number] = model.coef_[0]
        intercepts[number] = model.intercept_[0]

    # On all cores: liblinear lets other threads run.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(learn, np.flatnonzero(belongs.any(axis=0))))
    return coefficients, intercepts


def _grams(text: str) -> list[str]:
    return [text[i : i + size] for size in range(1, LONGEST_GRAM + 1) for i in range(len(text) - size + 1)]


def _pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]


def _common_pairs(vocabulary: dict[str, frozenset[str]]) -> frozenset[str]:
    """Pairs that occur with so many items that they are common language: “怎么”, “要带”."""
    counts = Counter(pair for pairs in vocabulary.values() for pair in pairs)
    return frozenset(pair for pair, count in counts.items() if count >= COMMON_FROM)


def _pair_weights(texts: list[str]) -> dict[str, float]:
    """Inverse document frequency of character pairs."""
    counts = Counter(pair for text in texts for pair in set(_pairs(text)))
    return {pair: float(np.log((1 + len(texts)) / (1 + count))) for pair, count in counts.items()}
