"""Tables as CSV, which spreadsheets open, and as text for a terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from bot.figures.tables import Cell, Table

# Without it Excel takes UTF-8 for the system's old encoding.
BOM = "\ufeff"
# What begins with one of these a spreadsheet takes for a formula; full-width ones too where the system is Chinese.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def as_csv(table: Table) -> str:
    """The column titles and the rows, with BOM."""
    return BOM + _lines([table.columns, *table.rows])


def all_as_csv(tables: Iterable[Table]) -> str:
    """One after the other, each under its title, an empty line between."""
    return BOM + "\r\n".join(_lines([(table.title,), table.columns, *table.rows]) for table in tables)


def as_text(table: Table) -> str:
    """The title, then columns as wide as their widest cell; a Chinese character takes two."""
    rows = [[str(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(table.columns))]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([f"【{table.title}】", *lines])


def _lines(rows: Iterable[Sequence[Cell]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
