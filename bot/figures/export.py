"""Tables as CSV and XLSX, and as text for a terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from bot.figures.tables import Cell, Table

# Without a BOM, Excel reads the file in the old encoding of the system instead of UTF-8.
BOM = "\ufeff"
# Excel's limit for the name of a sheet.
_MOST_SHEET_NAME = 31
_WIDEST = 60
# A spreadsheet treats a cell that begins with one of these as a formula; on a Chinese system full-width ones too.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def as_csv(table: Table) -> str:
    """The column titles and the rows, after a BOM."""
    return BOM + _lines([table.columns, *table.rows])


def as_xlsx(table: Table) -> bytes:
    """A workbook with one sheet: the column titles, which stay in sight, and the rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.title[:_MOST_SHEET_NAME])
    sheet.freeze_panes = "A2"
    widths = [
        max(_width(str(row[place])) for row in (table.columns, *table.rows)) for place in range(len(table.columns))
    ]
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(width, _WIDEST) + 2
    for row in (table.columns, *table.rows):
        sheet.append([_harmless(cell) for cell in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def all_as_csv(tables: Iterable[Table]) -> str:
    """All tables one after another, each under its title, with an empty line between tables."""
    return BOM + "\r\n".join(_lines([(table.title,), table.columns, *table.rows]) for table in tables)


def as_text(table: Table) -> str:
    """The title, then columns as wide as their widest cell. A Chinese character counts as two."""
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
