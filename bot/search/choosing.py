"""In a large collection, chooses the passages that are worth comparing with a question.

Half of the passages may have a common word, so a comparison with all that have any word of a question grows with the
collection. The rare terms of a question tell passages apart, and few passages have them: they choose, and what they
have chosen is compared by all terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.search.postings import Postings
from bot.search.words import Codes

Integers = NDArray[np.int64]

# A collection of this size or smaller is compared as a whole. That takes no longer there, and misses nothing.
_ALL = 100_000
# The postings of the rarest terms that are looked at, and the passages that are chosen by them.
# `docs/decisions/0015-bounded-search.md` tells what they cost and what they miss.
_LOOKED_AT = 200_000
_CHOSEN = 2_000


@dataclass(frozen=True)
class Sought:
    """Terms of one kind that a question has, repetitions included. `weight`: what they count beside other kinds."""

    postings: Postings
    codes: Codes
    weight: float = 1.0


def worth_comparing(every: Sequence[Sought]) -> Integers | None:
    """The places of the passages to compare, sorted; None where all of them are compared."""
    if every[0].postings.passage_count <= _ALL:
        return None
    asked = [np.unique(sought.codes, return_counts=True) for sought in every]
    having = [sought.postings.passage_counts(codes) for sought, (codes, _) in zip(every, asked, strict=True)]
    most = _most_common_looked_at(np.concatenate(having))
    passages, impacts = [], []
    for sought, (codes, times), counts in zip(every, asked, having, strict=True):
        rare = counts <= most
        weights = (sought.weight * times[rare]).astype(np.float32)
        own, worth = sought.postings.impacts(codes[rare], weights)
        passages.append(own)
        impacts.append(worth)
    scores = np.bincount(np.concatenate(passages), np.concatenate(impacts))
    found = np.flatnonzero(scores)
    if len(found) <= _CHOSEN:
        return found
    return np.sort(found[np.argpartition(-scores[found], _CHOSEN - 1)[:_CHOSEN]])


def _most_common_looked_at(having: Integers) -> int:
    """How many passages may have a term that is looked at: the rarest terms, and at least those of one frequency."""
    rarest_first = np.sort(having[having > 0])
    if not len(rarest_first):
        return 0
    within = int(np.searchsorted(np.cumsum(rarest_first), _LOOKED_AT, side="right"))
    return int(rarest_first[max(within - 1, 0)])
