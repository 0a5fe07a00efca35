"""How the segments of an index grow with its groups: what is new becomes a segment, small ones are merged.

As in Lucene's tiered merging, the last segments are merged while the one before is not much larger, so that there are
few, and each element is rewritten a few times at most. A segment of `_LARGEST` elements is merged no more: so building
takes the memory of some segments, whatever the number of all. Each segment is written as soon as it is made, in a file
named by what is in it: a build that was stopped finds those again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from bot.search.segments import Group, Segment, Segments, segment_name

T = TypeVar("T")

# Elements that are read and analysed together.
_AT_ONCE = 5_000
_LARGEST = 100_000
# Merging fewer than this costs less than having one more segment to look into.
_SMALL = 2_000


class Kept(Protocol):
    """Where segments lie. `part`: the one of that name, made if it is not there."""

    def part(self, name: str, make: Callable[[], Any]) -> Any: ...


@dataclass(frozen=True)
class Growing(Generic[T]):
    """What segments are made of.

    `order`: the fingerprints of all groups, in their order. `read`: reads some of them, in the order given.
    `analyse`: makes a segment of a few groups.
    """

    order: Sequence[str]
    read: Callable[[Sequence[str]], Iterable[Group[T]]]
    analyse: Callable[[Sequence[Group[T]]], Segment[T]]


def no_progress(done: int, total: int) -> None:
    """Tells nobody."""


def grown(
    kept: Kept,
    before: Sequence[Segment[T]],
    content: Growing[T],
    progress: Callable[[int, int], object] = no_progress,
) -> Segments[T]:
    """All groups of the content, with the segments that there are as far as their groups still count.

    `progress` is told how many groups are indexed, and of how many.
    """
    wanted = {fingerprint: rank for rank, fingerprint in enumerate(content.order)}
    segments = [segment for segment in before if any(each in wanted for each in segment.fingerprints)]
    there = {each for segment in segments for each in segment.fingerprints}
    missing = [fingerprint for fingerprint in content.order if fingerprint not in there]
    done = 0
    for groups in _batches(content.read(missing)):
        segments.append(kept.part(segment_name([each.fingerprint for each in groups]), lambda: content.analyse(groups)))  # noqa: B023
        segments = _merged(kept, segments, wanted)
        done += len(groups)
        progress(done, len(missing))
    return Segments(_merged(kept, [_without_gone(kept, each, wanted) for each in segments], wanted), content.order)


def _batches(groups: Iterable[Group[T]]) -> Iterator[list[Group[T]]]:
    batch: list[Group[T]] = []
    size = 0
    for group in groups:
        batch.append(group)
        size += len(group.elements)
        if size >= _AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _merged(kept: Kept, segments: Sequence[Segment[T]], wanted: dict[str, int]) -> list[Segment[T]]:
    merged = list(segments)
    while len(merged) > 1:
        before, last = (_counting(each, wanted) for each in merged[-2:])
        if before > 2 * max(last, _SMALL) or before + last > _LARGEST:
            break
        merged[-2:] = [_one(kept, merged[-2:], wanted)]
    return merged


def _without_gone(kept: Kept, segment: Segment[T], wanted: dict[str, int]) -> Segment[T]:
    """The segment, written anew if less than half of it counts."""
    is_mostly_gone = 2 * _counting(segment, wanted) < len(segment.elements)
    return _one(kept, [segment], wanted) if is_mostly_gone else segment


def _one(kept: Kept, segments: Sequence[Segment[T]], wanted: dict[str, int]) -> Segment[T]:
    fingerprints = [each for segment in segments for each in segment.fingerprints if each in wanted]
    order = sorted(fingerprints, key=lambda each: wanted[each])
    made: Segment[T] = kept.part(segment_name(order), lambda: Segments(segments, order).merged())
    return made


def _counting(segment: Segment[T], wanted: dict[str, int]) -> int:
    """How many of its elements count."""
    sizes = zip(segment.fingerprints, segment.starts[:-1], segment.starts[1:], strict=True)
    return sum(int(end - begin) for fingerprint, begin, end in sizes if fingerprint in wanted)
