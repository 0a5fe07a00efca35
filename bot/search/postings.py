"""An inverted index of one kind of term, with BM25.

`Posted` is what a segment stores: for each term the passages that have it, and how often. `Postings` are those of all
segments together: they compute BM25 when they are asked, by what is true of all passages at that time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
# How many passages have a term is counted once and then remembered if so many postings must be looked at for it.
_WORTH_REMEMBERING = 1000

# Given places in the whole, tells for each part which of them lie in it, and where in it each of those lies.
Located = Callable[[Integers], Sequence[tuple[Integers, Integers]]]


@dataclass(frozen=True)
class Coverage:
    """How well each passage accounts for a question; one value for each passage that was compared."""

    score: Floats
    share: Floats
    """The share of the question's terms, weighted by rarity, that the passage has."""
    rarest: Floats
    """The rarity of the rarest term of the question that the passage has."""


@dataclass(frozen=True)
class Posted:
    """`codes`: the vocabulary, sorted. `passages[starts[n]:starts[n + 1]]` have term n, each `times`; also sorted.
    `lengths`: how many terms each passage has, repetitions counted.
    """

    codes: Codes
    starts: Integers
    passages: NDArray[np.int32]
    times: NDArray[np.uint16]
    lengths: NDArray[np.int32]

    @classmethod
    def of(cls, parts: list[Occurrences]) -> Posted:
        """Of all passages of a segment, chunk by chunk; empties `parts` to save memory."""
        joined = Occurrences.joined(parts)
        parts.clear()
        return cls._sorted(joined.codes, joined.passages, joined.times, joined.lengths)

    @classmethod
    def of_codes(cls, codes: Sequence[Codes]) -> Posted:
        """Of passages whose codes are given; no passage has a code twice."""
        lengths = np.array([len(own) for own in codes], np.int32)
        joined = np.concatenate([*codes, np.zeros(0, np.int64)])
        passages = np.repeat(np.arange(len(codes), dtype=np.int32), lengths)
        return cls._sorted(joined, passages, np.ones(len(joined), np.uint16), lengths)

    @classmethod
    def merged(cls, parts: Sequence[PostedPart], count: int) -> Posted:
        """The postings of the passages that still count, at their places in the whole."""
        lengths = np.zeros(count, np.int32)
        codes, passages, times, order_of_all = [], [], [], [np.zeros(0, np.int32)]
        for part in parts:
            posted = part.posted
            where = part.placed(posted.passages)
            counts = where < count
            codes.append(np.repeat(posted.codes, np.diff(posted.starts))[counts])
            passages.append(where[counts])
            times.append(posted.times[counts])
            places = part.placed(np.arange(len(posted.lengths), dtype=np.int32))
            lengths[places[places < count]] = posted.lengths[places < count]
            order_of_all.append(places[places < count])
        columns = np.concatenate(codes), np.concatenate(passages), np.concatenate(times)
        if (np.diff(np.concatenate(order_of_all)) < 0).any():
            # Documents have changed, and the passages of one part lie between those of another.
            order = np.argsort(columns[1], kind="stable")
            columns = columns[0][order], columns[1][order], columns[2][order]
        return cls._sorted(*columns, lengths)

    @classmethod
    def _sorted(
        cls, codes: Codes, passages: NDArray[np.int32], times: NDArray[np.uint16], lengths: NDArray[Any]
    ) -> Posted:
        # A stable sort keeps the passages of a term in order, and is quick where sorted parts follow one another.
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
        first = np.flatnonzero(np.diff(codes, prepend=~codes[:1]))
        starts = np.append(first, len(codes)).astype(np.int64)
        return cls(codes[first], starts, passages[order], times[order], lengths.astype(np.int32))

    def spans(self, codes: Codes) -> Spans:
        if not len(self.codes):
            return Spans.of(np.zeros(0, np.int64), np.zeros((2, 0), np.int64))
        places = np.minimum(self.codes.searchsorted(codes), len(self.codes) - 1)
        known = np.flatnonzero(self.codes[places] == codes)
        found = places[known]
        return Spans.of(known, np.array([self.starts[found], self.starts[found + 1]]))


@dataclass(frozen=True)
class Spans:
    """Where the postings of some terms lie. `known`: which of the terms asked for; `sizes`: how many each has."""

    known: Integers
    sizes: Integers
    parts: Sequence[slice]

    @classmethod
    def of(cls, known: Integers, bounds: Integers) -> Spans:
        return cls(known, bounds[1] - bounds[0], [*map(slice, *bounds.tolist())])

    def gathered(self, column: NDArray[Any]) -> NDArray[Any]:
        """The values of a column, one span after the other."""
        return np.concatenate([column[part] for part in self.parts]) if self.parts else column[:0]

    @property
    def terms(self) -> Integers:
        """The term of each value that is gathered."""
        return np.repeat(self.known, self.sizes)


@dataclass(frozen=True)
class PostedPart:
    """What a segment stores, and the place in the whole of each of its passages: None where that is the same.

    A place past the last one is that of a passage that does not count any more.
    """

    posted: Posted
    places: NDArray[np.int32] | None

    def placed(self, passages: NDArray[np.int32]) -> NDArray[np.int32]:
        return passages if self.places is None else self.places[passages]


@dataclass(frozen=True)
class _Found:
    """One entry for each posting: which of the codes asked for it is of, its passage, and what the term's repetitions
    in a passage of this length are worth."""

    terms: Integers
    passages: NDArray[np.int32]
    worth: Floats

    @classmethod
    def joined(cls, parts: Sequence[_Found]) -> _Found:
        if len(parts) == 1:
            return parts[0]
        return cls(
            np.concatenate([*(part.terms for part in parts), np.zeros(0, np.int64)]),
            np.concatenate([*(part.passages for part in parts), np.zeros(0, np.int32)]),
            np.concatenate([*(part.worth for part in parts), np.zeros(0, np.float32)]),
        )


class Postings:
    def __init__(self, parts: Sequence[PostedPart], passage_count: int, located: Located | None = None) -> None:
        """`located`: not needed for one part whose places are those in the whole."""
        self._has_codes = [len(part.posted.codes) > 0 for part in parts]
        self._parts = [part for part, has_codes in zip(parts, self._has_codes, strict=True) if has_codes]
        self._located = located or _in_one_part
        self._remembered: dict[tuple[int, int], int] = {}
        self.passage_count = passage_count
        lengths = [self._counted_lengths(part) for part in self._parts]
        total = float(sum(int(own[counts].sum()) for own, counts in lengths))
        mean = max(total / max(passage_count, 1), 1e-9)
        self._norms = [norms_of(own, mean) for own, _ in lengths]
        self._has_gone = [not counts.all() for _, counts in lengths]
        self.mean_length = mean

    def _counted_lengths(self, part: PostedPart) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        lengths = part.posted.lengths
        counts = np.ones(len(lengths), np.bool_) if part.places is None else part.places < self.passage_count
        return lengths, counts

    @classmethod
    def build(cls, parts: list[Occurrences]) -> Postings:
        posted = Posted.of(parts)
        return cls([PostedPart(posted, None)], len(posted.lengths))

    def rarities(self, codes: Codes) -> Floats:
        """How rare each term is; `UNKNOWN_RARITY` for one that no passage has."""
        return self._rarities(self._spans(codes), codes)

    def _spans(self, codes: Codes) -> list[Spans]:
        return [part.posted.spans(codes) for part in self._parts]

    def _rarities(self, spans: Sequence[Spans], codes: Codes) -> Floats:
        having = self._having(spans, codes)
        rarity = np.log1p((self.passage_count - having + 0.5) / (having + 0.5))
        return np.where(having, rarity, UNKNOWN_RARITY).astype(np.float32)

    def _having(self, spans: Sequence[Spans], codes: Codes) -> Integers:
        """How many passages have each term."""
        having = np.zeros(len(codes), np.int64)
        for number, own in enumerate(spans):
            having[own.known] += self._sizes_that_count(number, own, codes) if self._has_gone[number] else own.sizes
        return having

    def _sizes_that_count(self, number: int, spans: Spans, codes: Codes) -> Integers:
        """The sizes without the passages that are gone. A part never changes, so each term is counted once."""
        part, sizes = self._parts[number], spans.sizes.copy()
        for place, (term, span) in enumerate(zip(spans.known.tolist(), spans.parts, strict=True)):
            key = number, int(codes[term])
            if (size := self._remembered.get(key)) is None:
                size = int(np.count_nonzero(part.placed(part.posted.passages[span]) < self.passage_count))
                if sizes[place] >= _WORTH_REMEMBERING:
                    self._remembered[key] = size
            sizes[place] = size
        return sizes

    def _counts(self, number: int, spans: Spans) -> NDArray[np.bool_]:
        part = self._parts[number]
        return np.asarray(part.placed(spans.gathered(part.posted.passages)) < self.passage_count)

    def totals(self, codes: Codes) -> Integers:
        """How often each term stands in all passages together."""
        totals = np.zeros(len(codes), np.float64)
        for number, own in enumerate(self._spans(codes)):
            times = own.gathered(self._parts[number].posted.times) * self._counts(number, own)
            totals += np.bincount(own.terms, times, minlength=len(codes))
        return totals.astype(np.int64)

    def having(self, codes: Codes) -> tuple[Integers, NDArray[np.int32]]:
        """For each passage that has one of the codes: which of them, and the passage."""
        found = self._found(self._spans(codes))
        return found.terms, found.passages

    def passage_counts(self, codes: Codes) -> Integers:
        """How many passages have each term."""
        return self._having(self._spans(codes), codes)

    def scores(self, codes: Codes, weights: Floats, among: Integers | None = None) -> Floats:
        """BM25 for weighted terms, of every passage or of those at the places `among`, which are sorted."""
        spans = self._spans(codes)
        return self._scores(self._found(spans, among), self._rarities(spans, codes) * weights, among)

    def impacts(self, codes: Codes, weights: Floats) -> tuple[NDArray[np.int32], Floats]:
        """What `scores` sums up: for each passage that has one of the terms, the passage and what the term adds."""
        spans = self._spans(codes)
        found = self._found(spans)
        return found.passages, found.worth * (self._rarities(spans, codes) * weights)[found.terms]

    def bm25(self, codes: Codes, among: Integers | None = None) -> Floats:
        found, times = np.unique(codes, return_counts=True)
        return self.scores(found, times.astype(np.float32), among)

    def coverage(self, codes: Codes, among: Integers | None = None) -> Coverage:
        """Of every passage, or of those at the places `among`, which are sorted."""
        asked, times = np.unique(codes, return_counts=True)
        spans = self._spans(asked)
        rarity = self._rarities(spans, asked)
        found = self._found(spans, among)
        count = self._compared(among)
        share = np.zeros(count, np.float32)
        rarest = np.zeros(count, np.float32)
        if len(found.terms):
            weights, total = rarity[found.terms], float(rarity.sum())
            share = (np.bincount(found.passages, weights, minlength=count) / total).astype(np.float32)
            np.maximum.at(rarest, found.passages, weights)
        return Coverage(self._scores(found, rarity * times.astype(np.float32), among), share, rarest)

    def rows(self, positions: Integers) -> tuple[Codes, Any]:
        """The impacts of some passages as a sparse matrix, one row per passage; and the term of each column, sorted."""
        row_of = np.full(self.passage_count + 1, -1, np.int64)
        row_of[positions] = np.arange(len(positions))
        codes, rows, worth = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        for part, norms in zip(self._parts, self._norms, strict=True):
            posted = part.posted
            row = row_of[part.placed(posted.passages)]
            wanted = np.flatnonzero(row >= 0)
            codes.append(posted.codes[np.searchsorted(posted.starts, wanted, side="right") - 1])
            rows.append(row[wanted])
            worth.append(worth_of(posted.times[wanted], norms[posted.passages[wanted]]))
        vocabulary, columns = np.unique(np.concatenate(codes), return_inverse=True)
        impacts = np.concatenate(worth) * self.rarities(vocabulary)[columns]
        shape = (len(positions), len(vocabulary))
        return vocabulary, sparse.csr_matrix((impacts, (np.concatenate(rows), columns)), shape=shape, dtype=np.float32)

    def _found(self, spans: Sequence[Spans], among: Integers | None = None) -> _Found:
        if among is not None:
            return self._found_among(spans, among)
        return _Found.joined([self._found_in(number, own) for number, own in enumerate(spans) if own.parts])

    def _found_in(self, number: int, spans: Spans) -> _Found:
        part, terms = self._parts[number], spans.terms
        passages, times = spans.gathered(part.posted.passages), spans.gathered(part.posted.times)
        placed, worth = part.placed(passages), worth_of(times, self._norms[number][passages])
        if not self._has_gone[number]:
            return _Found(terms, placed, worth)
        counts = placed < self.passage_count
        return _Found(terms[counts], placed[counts], worth[counts])

    def _found_among(self, spans: Sequence[Spans], among: Integers) -> _Found:
        """Looks each passage up in the postings of each term; those found are numbered as in `among`."""
        located = [each for each, has_codes in zip(self._located(among), self._has_codes, strict=True) if has_codes]
        found = []
        for number, (own, (which, places)) in enumerate(zip(spans, located, strict=True)):
            order = np.argsort(places, kind="stable")
            found += self._looked_up(number, own, which[order], places[order]) if len(places) else []
        return _Found.joined(found)

    def _looked_up(self, number: int, spans: Spans, which: Integers, places: Integers) -> list[_Found]:
        posted, norms = self._parts[number].posted, self._norms[number][places]
        sought, found = places.astype(np.int32), []
        for term, span in zip(spans.known, spans.parts, strict=True):
            passages = posted.passages[span]
            at = np.minimum(passages.searchsorted(sought), len(passages) - 1)
            has = np.flatnonzero(passages[at] == sought)
            worth = worth_of(posted.times[span][at[has]], norms[has])
            found.append(_Found(np.full(len(has), term), which[has].astype(np.int32), worth))
        return found

    def _scores(self, found: _Found, weights: Floats, among: Integers | None = None) -> Floats:
        impacts = found.worth * weights[found.terms]
        return np.bincount(found.passages, impacts, minlength=self._compared(among)).astype(np.float32)

    def _compared(self, among: Integers | None) -> int:
        return self.passage_count if among is None else len(among)


def _in_one_part(places: Integers) -> Sequence[tuple[Integers, Integers]]:
    return [(np.arange(len(places)), places)]


def norms_of(lengths: NDArray[np.int32], mean: float) -> Floats:
    """What the length of each passage takes from the worth of repetitions."""
    return np.asarray(np.float32(K1) * (1 - B + B * (lengths / mean).astype(np.float32)), np.float32)


def worth_of(times: NDArray[np.uint16], norms: Floats) -> Floats:
    """What a term's repetitions are worth in passages of some length, from 0 to K1 + 1."""
    repeated = times.astype(np.float32)
    return np.asarray(repeated * np.float32(K1 + 1) / (repeated + norms), np.float32)
