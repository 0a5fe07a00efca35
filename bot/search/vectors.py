"""Latent semantic analysis: each passage as a short vector, where words used in the same passages count as alike.

A space is fitted to the passages that there are, at most `_SAMPLE` of them. In a small collection it is fitted again at
each change. In a larger one a space serves until the collection has grown or shrunk by half; passages that come later
get their vectors in it (“folding in”).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from bot.search.postings import Posted, Postings, norms_of, worth_of
from bot.search.words import Codes

Floats = NDArray[np.float32]

DIMENSIONS = 200
_LEAST_PASSAGES = 3
_LARGEST_SHARE = 0.2
_SAMPLE = 20_000
# Up to this size fitting takes about a second.
_SMALL = 5_000
_CHANGED_BY = 0.5


@dataclass(frozen=True)
class LatentSpace:
    """`words`: those that have a direction, sorted. `rarity`: of each of them, `mean_length`: of passages, `mean`: of
    the vectors, all when the space was fitted to so many passages (`fitted_to`)."""

    words: Codes
    rarity: Floats
    mean_length: float
    directions: Floats
    mean: Floats
    fitted_to: int

    @classmethod
    def fit(cls, postings: Postings) -> LatentSpace:
        count = postings.passage_count
        sample = np.arange(count) if count <= _SAMPLE else np.linspace(0, count - 1, _SAMPLE, dtype=np.int64)
        words, impacts = postings.rows(sample)
        having = np.bincount(impacts.indices, minlength=len(words))
        terms = np.flatnonzero((having >= _LEAST_PASSAGES) & (having < _LARGEST_SHARE * len(sample)))
        dimensions = min(DIMENSIONS, len(terms) - 1, len(sample) - 1)
        if dimensions < 1:
            none = np.zeros(0, np.float32)
            return cls(words[:0], none, 1.0, np.zeros((0, 1), np.float32), np.zeros(1, np.float32), count)
        from sklearn.utils.extmath import randomized_svd  # only here, since no process that answers needs it

        scaled = one_long_each(impacts[:, terms])
        _, _, directions = randomized_svd(scaled, dimensions, n_iter=2, random_state=0)
        across = np.ascontiguousarray(directions.T, np.float32)
        mean = unit(np.asarray(scaled @ across, np.float32)).mean(axis=0)
        words = words[terms]
        return cls(words, postings.rarities(words), postings.mean_length, across, mean, count)

    @cached_property
    def name(self) -> str:
        arrays = (self.words, self.rarity, self.directions, self.mean)
        return hashlib.sha256(b"".join(each.tobytes() for each in arrays)).hexdigest()[:16]

    def serves(self, passage_count: int) -> bool:
        """Whether it need not be fitted again to so many passages."""
        return passage_count > _SMALL and abs(passage_count - self.fitted_to) <= _CHANGED_BY * self.fitted_to

    def vectors(self, posted: Posted) -> Floats:
        """The vector of each passage of a segment, of length one."""
        spans = posted.spans(self.words)
        passages, times, words = spans.gathered(posted.passages), spans.gathered(posted.times), spans.terms
        impacts = worth_of(times, norms_of(posted.lengths, self.mean_length)[passages]) * self.rarity[words]
        shape = (len(posted.lengths), len(self.words))
        rows = sparse.csr_matrix((impacts, (passages, words)), shape=shape, dtype=np.float32)
        return unit(np.asarray(one_long_each(rows) @ self.directions, np.float32))

    def of_question(self, words: Codes) -> Floats:
        """The vector of a question, of length one, or zeros if none of its words has a direction."""
        found, times = np.unique(words, return_counts=True)
        if not len(self.words):
            return np.zeros(self.directions.shape[1], np.float32)
        places = np.minimum(np.searchsorted(self.words, found), len(self.words) - 1)
        known = self.words[places] == found
        weights = self.rarity[places[known]] * (1 + np.log(times[known]))
        return one_long(np.asarray(weights @ self.directions[places[known]], np.float32))


def unit(rows: Floats) -> Floats:
    """Each row with length one; a row of zeros stays."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def one_long(vector: Floats) -> Floats:
    """The vector with length one; zeros stay."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)


def one_long_each(rows: Any) -> Any:
    """Each row of a sparse matrix with length one; a row of zeros stays."""
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(lengths, 1e-6)) @ rows).astype(np.float32).tocsr()
