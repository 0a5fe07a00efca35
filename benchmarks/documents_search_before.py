"""The search over documents as it was before `bot.search` took over; kept for comparison.

Two kinds of evidence are combined, words and character bigrams (BM25 over title, heading, article and text): words
tell more, bigrams also match words that the dictionary lacks. Both are divided by the best score that the question
could reach, so that scores of different questions can be compared: 1 would be a passage that holds every word of the
question, often, and hardly anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from bot.documents.words import Wording

Scores = NDArray[np.float64]

# Usual values (Robertson and Zaragoza); the questions of a legal consultation show no gain from others.
_K1, _B = 1.2, 0.75
# How much of the score is coverage, that is which share of the question's matter occurs at all. The rest is BM25.
_COVERAGE = 0.25
# A repealed passage must fit this much better than one in force to come before it.
_REPEALED = 0.8
# Two passages that have this share of their bigrams in common say the same.
_DUPLICATE = 0.8
_CANDIDATES = 50
# A word that is in every passage of a small collection need not be a common word, so weights are computed as if there
# were this many more passages about other matters.
_ELSEWHERE = 200

# Score from which a passage is an answer. Chosen on the sample city's 30 documents (448 passages): of 58
# questions that they answer, 52 score more, 51 of them with a passage of the right document first; of 36 that they do
# not answer, one scores more. Then tried on questions not used to choose it: 31 of 40, all of the right document, and
# one of 30. With all statutes of the country loaded, an unrelated question more often finds its words somewhere.
GOOD_ENOUGH = 0.3
# Below this score not even the title is named.
WORTH_NAMING = 0.1


@dataclass(frozen=True)
class IndexedPassage:
    """`place`: heading and article."""

    passage_id: int
    title: str
    place: str
    text: str
    in_force: bool


@dataclass(frozen=True)
class Hit:
    """`score` is between 0 and 1."""

    passage_id: int
    score: float


class PassageIndex:
    """Never changes once made, so that threads can share it.

    index = PassageIndex(passages, wording)
    index.search("居住证多久签注一次", count=3)
    """

    def __init__(self, passages: Sequence[IndexedPassage], wording: Wording) -> None:
        self._passages, self._wording = passages, wording
        words, bigrams = _Numbered(), _Numbered()
        for passage in passages:
            found = wording.terms(f"{passage.title}\n{passage.place}\n{passage.text}")
            words.add(found.words)
            bigrams.add(found.bigrams)
        self._words, self._bigrams = _Field(words), _Field(bigrams)
        self._force = np.array([1.0 if passage.in_force else _REPEALED for passage in passages])

    def search(self, query: str, count: int) -> list[Hit]:
        """The passages that fit best, best first, one of each group that say the same."""
        asked = self._wording.question_terms(query)
        if not self._passages or not (asked.words or asked.bigrams):
            return []
        fields = [
            field.scores(wanted)
            for field, wanted in ((self._words, asked.words), (self._bigrams, asked.bigrams))
            if wanted
        ]
        scores = np.mean(fields, axis=0) * self._force
        best = np.argsort(-scores, kind="stable")[:_CANDIDATES]
        leaders = self._without_duplicates(int(position) for position in best if scores[position] > 0)
        leaders.sort(key=lambda position: -scores[position])
        return [
            Hit(self._passages[position].passage_id, round(float(scores[position]), 4)) for position in leaders[:count]
        ]

    def _without_duplicates(self, positions: Iterable[int]) -> list[int]:
        """The first of each group, or the first one in force."""
        groups: list[tuple[int, frozenset[str]]] = []
        for position in positions:
            bigrams = self._wording.bigrams_of(self._passages[position].text)
            twin = next((at for at, (_, other) in enumerate(groups) if _likeness(bigrams, other) >= _DUPLICATE), None)
            if twin is None:
                groups.append((position, bigrams))
            elif self._passages[position].in_force and not self._passages[groups[twin][0]].in_force:
                groups[twin] = (position, bigrams)
        return [position for position, _ in groups]


class _Numbered:
    """Terms as numbers, which take a tenth of the memory while an index is made."""

    def __init__(self) -> None:
        self.vocabulary: dict[str, int] = {}
        self.passages: list[list[int]] = []

    def add(self, terms_of_passage: Iterable[str]) -> None:
        self.passages.append([self.vocabulary.setdefault(term, len(self.vocabulary)) for term in terms_of_passage])


class _Field:
    """One kind of terms of all passages."""

    def __init__(self, terms_of_all: _Numbered) -> None:
        self._count = len(terms_of_all.passages)
        self._vocabulary = terms_of_all.vocabulary
        self._bm25 = bm25s.BM25(k1=_K1, b=_B)
        if self._vocabulary:
            ids = (terms_of_all.passages, self._vocabulary)
            self._bm25.index(ids, create_empty_token=False, show_progress=False)
            having = np.diff(self._bm25.scores["indptr"].astype(np.int64))
            self._weights = _weight(having, self._count + _ELSEWHERE)
            self._bm25.scores["data"] *= np.repeat(self._weights / _weight(having, self._count), having)
        # A term that no passage has weighs as much as the rarest one, so that a question about it seems unanswered.
        self._weight_of_unknown = float(_weight(np.zeros(1), self._count + _ELSEWHERE)[0])

    def scores(self, wanted: Sequence[str]) -> Scores:
        """For each passage, BM25 and coverage as shares of what is possible."""
        known = [self._vocabulary[term] for term in wanted if term in self._vocabulary]
        if not known:
            return np.zeros(self._count)
        possible = float(self._weights[known].sum()) + self._weight_of_unknown * (len(wanted) - len(known))
        matched = self._bm25.get_scores_from_ids(known).astype(np.float64)
        covered = np.zeros(self._count)
        stored = self._bm25.scores
        for term in known:
            having = stored["indices"][stored["indptr"][term] : stored["indptr"][term + 1]]
            covered[having] += self._weights[term]
        shares: Scores = ((1 - _COVERAGE) * matched + _COVERAGE * covered) / possible
        return shares


def _weight(having: NDArray[Any], count: int) -> Scores:
    """Inverse document frequency, as BM25 has it."""
    weight: Scores = np.log(1 + (count - having + 0.5) / (having + 0.5))
    return weight


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
