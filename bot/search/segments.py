"""An index in parts, so that a change costs what has changed and not the whole.

A *group* is what is added, changed and removed as a whole: a document with its passages, an item with its facets. Its
*fingerprint* says what is in it, so a changed group is another one. A `Segment` holds groups that were indexed together
and never changes: it is a function of its groups. `Segments` are some segments and the groups that count, in their
order; groups that do not count any more are skipped until their segment is merged with others (`growth.py`).

What is said of all (how rare a term is, how long passages are) is never stored but taken over all segments when it is
asked for. So every division of the same groups into segments gives the same results.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from bot.search.mapped import Packed
from bot.search.postings import Posted, PostedPart, Postings
from bot.search.words import Codes, code_of

T = TypeVar("T")
Integers = NDArray[np.int64]

# The kind of terms in which each element has its own name.
NAME = "name"


@dataclass(frozen=True)
class Group(Generic[T]):
    fingerprint: str
    elements: Sequence[T]


@dataclass(frozen=True)
class Segment(Generic[T]):
    """`fingerprints`, `names`: of each group. `starts`: where each group begins, and where the last one ends.
    `columns`: one value per element. `terms`: which elements have which terms, by kind.
    """

    fingerprints: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    starts: Integers
    elements: Packed[T]
    columns: Mapping[str, NDArray[Any]]
    terms: Mapping[str, Posted]

    @classmethod
    def of(
        cls,
        groups: Sequence[Group[T]],
        name_of: Callable[[T], str],
        names: Iterable[tuple[str, ...]],
        columns: Mapping[str, NDArray[Any]],
        terms: Mapping[str, Posted],
    ) -> Segment[T]:
        elements = [element for group in groups for element in group.elements]
        codes = [np.array([code_of(name_of(element))], np.int64) for element in elements]
        return cls(
            tuple(group.fingerprint for group in groups),
            tuple(names),
            np.cumsum([0, *(len(group.elements) for group in groups)]),
            Packed(elements),
            columns,
            {**terms, NAME: Posted.of_codes(codes)},
        )

    @property
    def name(self) -> str:
        return segment_name(self.fingerprints)


def fingerprint_of(*content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:32]


def segment_name(fingerprints: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(fingerprints).encode()).hexdigest()[:32]


class Segments(Sequence[T], Generic[T]):
    """The elements of all groups that count, each with its place, from 0."""

    def __init__(self, segments: Sequence[Segment[T]], order: Sequence[str]) -> None:
        """`order`: the fingerprints of the groups that count; each is in one of the segments."""
        self.segments, self.order = tuple(segments), tuple(order)
        rank_of = {fingerprint: rank for rank, fingerprint in enumerate(self.order)}
        ranks = [np.array([rank_of.get(each, -1) for each in one.fingerprints], np.int64) for one in self.segments]
        self.sizes = np.zeros(len(self.order), np.int64)
        # Where each group lies: its segment, and the place in it where it begins.
        self._segment_of, self._begins = np.zeros_like(self.sizes), np.zeros_like(self.sizes)
        for number, (segment, rank) in enumerate(zip(self.segments, ranks, strict=True)):
            counts = rank >= 0
            self.sizes[rank[counts]] = np.diff(segment.starts)[counts]
            self._segment_of[rank[counts]], self._begins[rank[counts]] = number, segment.starts[:-1][counts]
        self._ends = np.cumsum(self.sizes)
        self.first = self._ends - self.sizes
        self._count = int(self.sizes.sum())
        places = [self._places_of(*each) for each in zip(self.segments, ranks, strict=True)]
        # None where the places in the whole are those in the one segment.
        self._places = [None] if [self._is_same(each) for each in places] == [True] else places

    def _places_of(self, segment: Segment[T], rank: Integers) -> NDArray[np.int32]:
        """The place in the whole of each element of a segment; the count of all for one that does not count."""
        sizes = np.diff(segment.starts)
        shift = np.where(rank >= 0, self.first[rank] - segment.starts[:-1], 0) if len(self.order) else 0 * rank
        places = np.arange(len(segment.elements)) + np.repeat(shift, sizes)
        places[np.repeat(rank < 0, sizes)] = self._count
        return np.asarray(places, np.int32)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> list[T]: ...

    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._count))]
        segment, at = self._where(range(self._count)[place])
        return segment.elements[at]

    def __iter__(self) -> Iterator[T]:
        for group in range(len(self.order)):
            yield from self.of_group(group)

    def of_group(self, group: int) -> list[T]:
        begin = int(self._begins[group])
        elements = self.segments[int(self._segment_of[group])].elements
        return elements[begin : begin + int(self.sizes[group])]

    @property
    def group_of(self) -> Integers:
        """The group of each element."""
        return np.repeat(np.arange(len(self.order)), self.sizes)

    @cached_property
    def names(self) -> list[tuple[str, ...]]:
        """The names of each group."""
        by_fingerprint = {
            fingerprint: names
            for segment in self.segments
            for fingerprint, names in zip(segment.fingerprints, segment.names, strict=True)
        }
        return [by_fingerprint[fingerprint] for fingerprint in self.order]

    def column(self, name: str) -> NDArray[Any]:
        return self.spread([segment.columns[name] for segment in self.segments])

    def spread(self, values: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """One value (or row) per element, of those of each segment."""
        found = np.zeros((self._count, *values[0].shape[1:]), values[0].dtype) if values else np.zeros(0)
        for places, own in zip(self._places, values, strict=True):
            if places is None:
                return own
            counts = places < self._count
            found[places[counts]] = own[counts]
        return found

    def picked(self, values: Sequence[NDArray[Any]], places: Integers) -> NDArray[Any]:
        """The rows of `spread` at these places, without spreading all."""
        found = np.zeros((len(places), *values[0].shape[1:]), values[0].dtype) if values else np.zeros((0, 1))
        for own, (which, at) in zip(values, self.located(places), strict=True):
            found[which] = own[at]
        return found

    def located(self, places: Integers) -> list[tuple[Integers, Integers]]:
        """For each segment: which of the places lie in it, and where in it each of those lies."""
        groups = np.searchsorted(self._ends, places, side="right")
        segments, at = self._segment_of[groups], self._begins[groups] + places - self.first[groups]
        which = [np.flatnonzero(segments == number) for number in range(len(self.segments))]
        return [(own, at[own]) for own in which]

    def postings(self, kind: str) -> Postings:
        return Postings(self._parts(kind), self._count, self.located)

    def _parts(self, kind: str) -> list[PostedPart]:
        return [
            PostedPart(segment.terms[kind], places) for segment, places in zip(self.segments, self._places, strict=True)
        ]

    def _is_same(self, places: NDArray[np.int32]) -> bool:
        return bool(np.array_equal(places, np.arange(self._count)))

    def merged(self) -> Segment[T]:
        """One segment of all the groups that count."""
        pieces = [
            (self.segments[number].elements, int(begin), int(begin + size))
            for number, begin, size in zip(self._segment_of, self._begins, self.sizes, strict=True)
        ]
        first = self.segments[0]
        return Segment(
            self.order,
            tuple(self.names),
            np.append(self.first, self._count),
            Packed.joined(pieces),
            {name: self.column(name) for name in first.columns},
            {kind: Posted.merged(self._parts(kind), self._count) for kind in first.terms},
        )

    def _where(self, place: int) -> tuple[Segment[T], int]:
        group = int(np.searchsorted(self._ends, place, side="right"))
        return self.segments[int(self._segment_of[group])], int(self._begins[group] + place - self.first[group])


class Places(Mapping[str, int]):
    """The name of each element → its place. Looks names up in the segments, so that it takes no memory of its own."""

    def __init__(self, segments: Segments[T], name_of: Callable[[T], str]) -> None:
        self._segments, self._name_of = segments, name_of
        self._names = segments.postings(NAME)

    def __getitem__(self, name: str) -> int:
        return self.of([name])[name]

    def __len__(self) -> int:
        return len(self._segments)

    def __iter__(self) -> Iterator[str]:
        return map(self._name_of, self._segments)

    def __contains__(self, name: object) -> bool:
        return name in self.of([str(name)])

    def of(self, names: Iterable[str]) -> dict[str, int]:
        """Those of the names that there are, in the order in which they are asked for."""
        wanted = list(dict.fromkeys(names))
        codes: Codes = np.array([code_of(name) for name in wanted], np.int64)
        asked, places = self._names.having(codes)
        return {wanted[asked[each]]: int(places[each]) for each in np.argsort(asked)}
