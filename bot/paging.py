"""Lists that are shown a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class ListPart(Generic[Row]):
    """One page of a list. `total` counts the rows of all pages; `number` is of this page, from 1."""

    rows: Sequence[Row]
    total: int
    number: int
    last_number: int

    @classmethod
    def of(cls, rows: Sequence[Row], number: int, size: int) -> ListPart[Row]:
        """The page with that number, or the nearest that there is."""
        return cls.read(len(rows), number, size, lambda first: rows[first : first + size])

    @classmethod
    def read(cls, total: int, number: int, size: int, rows_from: Callable[[int], Sequence[Row]]) -> ListPart[Row]:
        """The same of rows that are read when needed: `rows_from` gives a page of them from a row on, from 0."""
        last = max(1, -(-total // size))
        number = min(max(1, number), last)
        return cls(rows_from((number - 1) * size), total, number, last)
