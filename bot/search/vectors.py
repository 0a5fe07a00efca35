"""Latent semantic analysis: each passage as a short vector, where words used in the same passages count as alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd

from bot.search.postings import Postings
from bot.search.words import Codes

Floats = NDArray[np.float32]

DIMENSIONS = 200
_LEAST_PASSAGES = 3
_LARGEST_SHARE = 0.2


@dataclass(frozen=True)
class LatentSpace:
    terms: NDArray[np.int64]
    """The positions in the vocabulary of the words that have a direction."""
    directions: Floats
    passages: Floats
    """The vector of each passage, of length one."""
    mean: Floats

    ARRAYS = ("terms", "directions", "passages", "mean")

    @classmethod
    def fit(cls, postings: Postings) -> LatentSpace:
        having = np.diff(postings.starts)
        terms = np.flatnonzero((having >= _LEAST_PASSAGES) & (having < _LARGEST_SHARE * postings.passage_count))
        dimensions = min(DIMENSIONS, len(terms) - 1, postings.passage_count - 1)
        if dimensions < 1:
            return cls(
                terms[:0],
                np.zeros((0, 1), np.float32),
                np.zeros((postings.passage_count, 1), np.float32),
                np.zeros(1, np.float32),
            )
        counted = postings.matrix()[terms].T.tocsr()
        lengths = np.sqrt(np.asarray(counted.multiply(counted).sum(axis=1)).ravel())
        scaled = (sparse.diags(1 / np.maximum(lengths, 1e-6)) @ counted).astype(np.float32)
        _, _, directions = randomized_svd(scaled, dimensions, n_iter=2, random_state=0)
        across = np.ascontiguousarray(directions.T, np.float32)
        passages = unit(np.asarray(scaled @ across, np.float32))
        return cls(terms, across, passages, passages.mean(axis=0))

    def of_question(self, postings: Postings, words: Codes) -> Floats:
        """The vector of a question, of length one, or zeros if none of its words has a direction."""
        found, times = np.unique(words, return_counts=True)
        places, known = postings.find(found)
        rows = np.minimum(np.searchsorted(self.terms, places), max(len(self.terms) - 1, 0))
        if not len(self.terms):
            return np.zeros(self.directions.shape[1], np.float32)
        with_direction = known & (self.terms[rows] == places)
        rows, places = rows[with_direction], places[with_direction]
        weights = postings.rarity[places] * (1 + np.log(times[with_direction]))
        return one_long(np.asarray(weights @ self.directions[rows], np.float32))


def unit(rows: Floats) -> Floats:
    """Each row with length one; a row of zeros stays."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def one_long(vector: Floats) -> Floats:
    """The vector with length one; zeros stay."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
