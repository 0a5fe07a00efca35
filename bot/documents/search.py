"""Finds the passages that answer a question, in memory, without learning.

Two kinds of evidence are weighed together, words and character bigrams (BM25 over title, heading, article and text):
words tell more, bigrams also match what the dictionary does not have. Both are measured against the best that the
question could reach, which makes a score comparable from one question to another: 1 would be a passage that holds
every word of the question, often, and hardly anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
from numpy.typing import NDArray

from bot.documents.words import bigrams_of, question_terms, terms

Scores = NDArray[np.float64]

# Usual values (Robertson and Zaragoza); the questions of a legal consultation show no gain from others.
_K1, _B = 1.2, 0.75
# How much of the score is coverage, that is which share of the question's matter occurs at all. The rest is BM25.
_COVERAGE = 0.25
# A repealed passage must fit this much better than one in force to come before it.
_REPEALED = 0.8
# Two passages of which this share of the bigrams is the same say the same.
_DUPLICATE = 0.8
_CANDIDATES = 50


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

        index = PassageIndex(passages)
        index.search("居住证多久签注一次", count=3)
    """

    def __init__(self, passages: Sequence[IndexedPassage]) -> None:
        self._passages = passages
        documents = [terms(f"{passage.title}\n{passage.place}\n{passage.text}") for passage in passages]
        self._words = _Field([document.words for document in documents])
        self._bigrams = _Field([document.bigrams for document in documents])
        self._force = np.array([1.0 if passage.in_force else _REPEALED for passage in passages])

    def search(self, query: str, count: int) -> list[Hit]:
        """The passages that fit best, best first, one of each group that say the same."""
        asked = question_terms(query)
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
            bigrams = bigrams_of(self._passages[position].text)
            twin = next((at for at, (_, other) in enumerate(groups) if _likeness(bigrams, other) >= _DUPLICATE), None)
            if twin is None:
                groups.append((position, bigrams))
            elif self._passages[position].in_force and not self._passages[groups[twin][0]].in_force:
                groups[twin] = (position, bigrams)
        return [position for position, _ in groups]


class _Field:
    """One kind of terms of all passages."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._count = len(documents)
        vocabulary: dict[str, int] = {}
        ids = [[vocabulary.setdefault(term, len(vocabulary)) for term in document] for document in documents]
        self._vocabulary = vocabulary
        self._bm25 = bm25s.BM25(k1=_K1, b=_B)
        if vocabulary:
            self._bm25.index((ids, dict(vocabulary)), create_empty_token=False, show_progress=False)
            having = np.diff(self._bm25.scores["indptr"].astype(np.int64))
            self._weights = np.log(1 + (self._count - having + 0.5) / (having + 0.5))
        # What no passage has weighs as the rarest would: a question about it must not look answered.
        self._weight_of_unknown = float(np.log(1 + (self._count + 0.5) / 0.5))

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
        return ((1 - _COVERAGE) * matched + _COVERAGE * covered) / possible


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
