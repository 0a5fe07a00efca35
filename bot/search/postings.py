"""An inverted index of one kind of term, with BM25 computed in advance.

It holds for each term the passages that have it and what it adds to their scores, so that a question costs a few sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from bot.search.words import Codes, Occurrences

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

K1 = 1.2
B = 0.75
# The rarity of a question's term that no passage has.
UNKNOWN_RARITY = 11.0


@dataclass(frozen=True)
class Coverage:
    """How well each passage accounts for a question."""

    score: Floats
    share: Floats
    """The share of the question's terms, weighted by rarity, that the passage has."""
    rarest: Floats
    """The rarity of the rarest term of the question that the passage has."""


@dataclass(frozen=True)
class Postings:
    codes: Codes
    """The vocabulary, sorted."""
    starts: Integers
    passages: NDArray[np.int32]
    impacts: Floats
    rarity: Floats
    passage_count: int

    ARRAYS = ("codes", "starts", "passages", "impacts", "rarity")

    @classmethod
    def build(cls, parts: list[Occurrences]) -> Postings:
        """Builds the index from the occurrences of all passages, chunk by chunk; empties `parts` to save memory."""
        occurrences = Occurrences.joined(parts)
        parts.clear()
        count = len(occurrences.lengths)
        # A stable sort keeps the passages of a term in order.
        order = np.argsort(occurrences.codes, kind="stable")
        codes = occurrences.codes[order]
        first = np.flatnonzero(np.diff(codes, prepend=~codes[:1]))
        having = np.diff(first, append=len(codes))
        rarity = np.log1p((count - having + 0.5) / (having + 0.5)).astype(np.float32)
        passages, times = occurrences.passages[order], occurrences.times[order].astype(np.float32)
        length = (occurrences.lengths / max(float(occurrences.lengths.sum()) / max(count, 1), 1e-9)).astype(np.float32)
        impacts = times * np.float32(K1 + 1) / (times + np.float32(K1) * (1 - B + B * length[passages]))
        impacts *= np.repeat(rarity, having)
        return cls(
            codes[first],
            np.append(first, len(codes)).astype(np.int64),
            passages,
            impacts.astype(np.float32),
            rarity,
            count,
        )

    def find(self, codes: Codes) -> tuple[Integers, NDArray[np.bool_]]:
        """The places of `codes` in the vocabulary, and which of them are in it."""
        if not len(self.codes):
            return np.zeros(len(codes), np.int64), np.zeros(len(codes), np.bool_)
        places = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return places, np.asarray(self.codes[places] == codes)

    def rarities(self, codes: Codes) -> Floats:
        places, known = self.find(codes)
        if not len(self.codes):
            return np.full(len(codes), UNKNOWN_RARITY, np.float32)
        return np.where(known, self.rarity[places], np.float32(UNKNOWN_RARITY)).astype(np.float32)

    def scores(self, terms: Integers, weights: Floats) -> Floats:
        """BM25 of every passage for weighted terms, given by their places in the vocabulary."""
        spans = [slice(self.starts[term], self.starts[term + 1]) for term in terms]
        if not spans:
            return np.zeros(self.passage_count, np.float32)
        passages = np.concatenate([self.passages[span] for span in spans])
        impacts = np.concatenate([self.impacts[span] * weight for span, weight in zip(spans, weights, strict=True)])
        return np.bincount(passages, impacts, minlength=self.passage_count).astype(np.float32)

    def bm25(self, codes: Codes) -> Floats:
        found, times = np.unique(codes, return_counts=True)
        places, known = self.find(found)
        return self.scores(places[known], times[known].astype(np.float32))

    def coverage(self, codes: Codes) -> Coverage:
        found, times = np.unique(codes, return_counts=True)
        places, known = self.find(found)
        total = float(self.rarities(found).sum())
        places, times = places[known], times[known]
        share = np.zeros(self.passage_count, np.float32)
        rarest = np.zeros(self.passage_count, np.float32)
        if len(places):
            places_by_rarity = places[np.argsort(self.rarity[places])]
            spans = [slice(self.starts[place], self.starts[place + 1]) for place in places_by_rarity]
            passages = np.concatenate([self.passages[span] for span in spans])
            rarity = np.repeat(self.rarity[places_by_rarity], [span.stop - span.start for span in spans])
            share = (np.bincount(passages, rarity, minlength=self.passage_count) / total).astype(np.float32)
            rarest[passages] = rarity  # the rarest comes last and overwrites the others
        return Coverage(self.scores(places, times.astype(np.float32)), share, rarest)

    def rows(self, positions: Integers) -> Any:
        """The impacts of some passages as a sparse matrix, one row per passage."""
        row_of = np.full(self.passage_count, -1, np.int64)
        row_of[positions] = np.arange(len(positions))
        rows = row_of[self.passages]
        wanted = np.flatnonzero(rows >= 0)
        terms = np.searchsorted(self.starts, wanted, side="right") - 1
        return sparse.csr_matrix(
            (self.impacts[wanted], (rows[wanted], terms)), shape=(len(positions), len(self.codes)), dtype=np.float32
        )

    def matrix(self) -> Any:
        """All impacts as a sparse matrix, one row per term."""
        return sparse.csr_matrix(
            (self.impacts, self.passages, self.starts), shape=(len(self.codes), self.passage_count), dtype=np.float32
        )
