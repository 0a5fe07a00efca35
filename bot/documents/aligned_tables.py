"""Finds tables without rules, whose columns are told by alignment alone.

A text that happens to have gaps must not become a table, and two cells must not become one: where a row does not fit,
all stays lines. A table has a row of headings, each row begins in the first column, and one column counts in each row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.documents.layout import Cell, PageLine

Rows = list[list[str]]

_LEAST_ROWS, _LONGEST_HEADING = 2, 12
_HEADING = re.compile(r"[^\d：:。，；]*[一-龥][^\d：:。，；]*$")
# 序号, 收费标准（元）, 联系电话: under these stand numbers.
_COUNTS = re.compile(
    r"(?:号|价格?|费|额|数|量|率|标准|金|时间|期|限|年度?|月份?|电话|比例|分|次|积|元|重)(?:[（(].*[)）])?$"
)
# The next row is as far as the last one, within this; what is further off is no row.
_NEARER, _FURTHER = 0.85, 1.2


def parts_of(lines: Sequence[PageLine]) -> Iterator[list[PageLine] | Rows]:
    """The lines of a page and, between them, the rows of its tables."""
    between: list[PageLine] = []
    place = 0
    while place < len(lines):
        rows = _table_at(lines, place)
        if not rows:
            between.append(lines[place])
            place += 1
            continue
        if between:
            yield between
        yield rows
        between = []
        place += len(rows)
    if between:
        yield between


def _table_at(lines: Sequence[PageLine], start: int) -> Rows:
    """The rows of the table that begins at this line, empty if none does."""
    headings = lines[start].cells
    if not _are_headings(headings):
        return []
    columns = [(cell.left, cell.right) for cell in headings]
    rows = [[cell.text for cell in headings]]
    pitch = None
    for before, line in zip(lines[start:], lines[start + 1 :], strict=False):
        distance = line.top - before.top
        if distance <= 0 or (pitch and distance > _FURTHER * pitch) or _is_text(line, columns):
            break
        row = _row(line, columns)
        if row is None or not row[0] or (pitch and distance < _NEARER * pitch):
            return []
        pitch = pitch or distance
        rows.append(row)
    return rows if len(rows) > _LEAST_ROWS and _counts(rows) else []


def _is_text(line: PageLine, columns: Sequence[tuple[float, float]]) -> bool:
    """Whether the line goes over several columns without a gap."""
    return not line.cells and sum(line.left < right and line.right > left for left, right in columns) > 1


def _are_headings(cells: Sequence[Cell]) -> bool:
    texts = {cell.text for cell in cells}
    return len(cells) > 1 and len(texts) == len(cells) and all(map(_is_heading, texts))


def _is_heading(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and bool(_HEADING.match(text))


def _row(line: PageLine, columns: list[tuple[float, float]]) -> list[str] | None:
    """The texts of the columns, which grow to hold them; None if a cell is not in one column alone.

    Of a row without gaps a cell may stand beside its heading, which is centred.
    """
    row = [""] * len(columns)
    cells = line.cells or (Cell(line.text, line.left, line.right),)
    for number, cell in enumerate(cells):
        held = [place for place, (left, right) in enumerate(columns) if cell.left < right and cell.right > left]
        if not held and len(cells) == len(columns):
            held = [number]
        if len(held) != 1 or row[held[0]]:
            return None
        (place,) = held
        row[place] = cell.text
        columns[place] = min(columns[place][0], cell.left), max(columns[place][1], cell.right)
    return row


def _counts(rows: Rows) -> bool:
    headings, *body = rows
    return any(
        _COUNTS.search(heading) and all(re.search(r"\d", row[place]) for row in body)
        for place, heading in enumerate(headings)
    )
