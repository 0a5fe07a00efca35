"""Finds tables that are ruled by lines, and what stands in their cells.

Coordinates are those of a PDF: y grows upwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Rules this near each other count as one, and a rule may end this far from another that it meets.
_NEAR = 3.0
_LEAST_LENGTH = 5.0
# A page of drawings has more rules than a table; it is read as text.
_MOST_RULES, _MOST_CELLS = 1500, 10_000

Rows = list[list[str]]


@dataclass(frozen=True)
class TableRule:
    """A line along one axis: `at` on the other one. `is_flat`: from left to right."""

    is_flat: bool
    at: float
    start: float
    end: float

    def covers(self, place: float) -> bool:
        return self.start - _NEAR <= place <= self.end + _NEAR

    def meets(self, other: TableRule) -> bool:
        return self.is_flat != other.is_flat and self.covers(other.at) and other.covers(self.at)


@dataclass(frozen=True)
class Character:
    """`x`, `y`: its middle. `begins_line`: a line break stands before it."""

    text: str
    x: float
    y: float
    begins_line: bool


def rule_between(x: float, y: float, to_x: float, to_y: float) -> TableRule | None:
    """The rule between two points; None if it is short or slanting."""
    width, height = abs(to_x - x), abs(to_y - y)
    if height < 1 and width >= _LEAST_LENGTH:
        return TableRule(True, (y + to_y) / 2, min(x, to_x), max(x, to_x))
    if width < 1 and height >= _LEAST_LENGTH:
        return TableRule(False, (x + to_x) / 2, min(y, to_y), max(y, to_y))
    return None


class RuledTable:
    """A grid of at least two rows and two columns. `columns`, `lines`: where its rules are, in order."""

    def __init__(self, rules: Sequence[TableRule]) -> None:
        self._flat = [rule for rule in rules if rule.is_flat]
        self._upright = [rule for rule in rules if not rule.is_flat]
        self.columns = _places(rule.at for rule in self._upright)
        self.lines = _places(rule.at for rule in self._flat)

    @property
    def is_table(self) -> bool:
        rows, columns = len(self.lines) - 1, len(self.columns) - 1
        return rows >= 2 and columns >= 2 and rows * columns <= _MOST_CELLS

    def holds(self, x: float, y: float) -> bool:
        return self.columns[0] < x < self.columns[-1] and self.lines[0] < y < self.lines[-1]

    def rows(self, characters: Iterable[Character]) -> Rows:
        """The texts of the cells, from the top; a merged cell's stands in each of the cells that it covers."""
        owners = self._merged()
        texts: dict[tuple[int, int], str] = {}
        for character in characters:
            if self.holds(character.x, character.y):
                place = bisect_right(self.lines, character.y) - 1, bisect_right(self.columns, character.x) - 1
                owner = owners[place]
                before = texts.get(owner, "")
                is_latin = before[-1:].isascii() and before[-1:].isalnum() and character.text.isascii()
                texts[owner] = before + (" " if character.begins_line and is_latin else "") + character.text
        return [
            [texts.get(owners[row, column], "").strip() for column in range(len(self.columns) - 1)]
            for row in reversed(range(len(self.lines) - 1))
        ]

    def _merged(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Each cell → the first of those with which it is one, since no rule stands between them."""
        owners: dict[tuple[int, int], tuple[int, int]] = {}
        for row, (low, high) in enumerate(zip(self.lines, self.lines[1:], strict=False)):
            for column, (left, right) in enumerate(zip(self.columns, self.columns[1:], strict=False)):
                owner = row, column
                if column and not _is_ruled(self._upright, left, (low + high) / 2):
                    owner = owners[row, column - 1]
                elif row and not _is_ruled(self._flat, low, (left + right) / 2):
                    owner = owners[row - 1, column]
                owners[row, column] = owner
        return owners


def tables_in(rules: Iterable[TableRule]) -> list[RuledTable]:
    """The tables of a page, from the top."""
    left = list(dict.fromkeys(rules))
    if len(left) > _MOST_RULES:
        return []
    tables = []
    while left:
        group, waiting = [], [left.pop()]
        while waiting:
            rule = waiting.pop()
            group.append(rule)
            met = [other for other in left if rule.meets(other)]
            left = [other for other in left if not rule.meets(other)]
            waiting += met
        table = RuledTable(group)
        if table.is_table:
            tables.append(table)
    return sorted(tables, key=lambda table: -table.lines[-1])


def _places(values: Iterable[float]) -> list[float]:
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > _NEAR:
            places.append(value)
    return places


def _is_ruled(rules: Iterable[TableRule], at: float, place: float) -> bool:
    return any(abs(rule.at - at) <= 2 * _NEAR and rule.start < place < rule.end for rule in rules)
