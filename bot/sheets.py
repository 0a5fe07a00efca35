"""Reads the rows of table files as offices keep them: CSV of any usual encoding, XLS, XLSX and ODS workbooks.

A file is judged by its content, since exports often have a wrong suffix. Workbooks are read in a process with limits,
because a small one can be made to fill any memory.
"""

from __future__ import annotations

import codecs
import csv
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from bot.bounded import Child, Limits, OutOfBounds

# One row: its number, as the spreadsheet counts, and the texts of its cells without the empty ones at the end.
Line = tuple[int, list[str]]

CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xls", ".et", ".ods"})
MOST_FILE_BYTES = 64 << 20
MOST_UNPACKED_BYTES = 256 << 20
# Limits of a sheet, without the empty rows and columns that office programs leave at its edges.
MOST_ROWS = 200_000
MOST_COLUMNS = 200
# Stands for a cell whose formula has no stored result: programs that write workbooks leave it to Excel to reckon.
NO_RESULT = "\x00"

# Spreadsheets keep 15 digits of a number: the rest of a longer code is lost, and must not pass for one.
_INEXACT = 10**15
_HEAD_BYTES = 512
_START_CHARACTERS = 4000
_PIECE_BYTES = 1 << 20
_LONGEST_LINE = 1 << 20
_LIMITS = Limits(cpu_seconds=10, wall_seconds=60)
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ZIP = b"PK\x03\x04"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"


class Unreadable(ValueError):
    """The file cannot be read; the message, in Chinese, says why and what to do."""


def read_sheets(path: Path) -> dict[str, list[Line]]:
    """Sheet name → its rows that are not empty. A text file has one sheet, named as the file.

    Raises:
        Unreadable: the file is no table, broken, encrypted, or too large.
    """
    if path.stat().st_size > MOST_FILE_BYTES:
        raise Unreadable(f"超过 {MOST_FILE_BYTES >> 20} MB，请分几次导入")
    if is_workbook(path):
        return _guarded_workbook(path)
    return {path.stem: list(_at_most(MOST_ROWS, text_lines(path)))}


def is_workbook(path: Path) -> bool:
    """Whether the file is a workbook, and not text between commas or tabs.

    Raises:
        Unreadable: it is neither.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith((_ZIP, _OLD_OFFICE)):
        return True
    if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:5].lower() in (b"<html", b"<!doc", b"<tabl", b"<?xml"):
        raise Unreadable("这是网页格式的文件，不是工作簿；请用 Excel 或 WPS 打开，另存为 .xlsx")
    if path.suffix.lower() in WORKBOOK_SUFFIXES and b"\x00" in head and not head.startswith(_UTF_16):
        raise Unreadable("打不开，不是完好的工作簿")
    return False


def text_lines(path: Path) -> Iterator[Line]:
    """The rows of a text file of any size, one after the other, without holding more than one.

    Raises:
        Unreadable: its encoding is unknown, or it is no table.
    """
    with path.open(encoding=_encoding(path), newline="") as file:
        start = file.read(_START_CHARACTERS)
        if path.suffix.lower() in WORKBOOK_SUFFIXES and not any(sign in start for sign in ",\t"):
            raise Unreadable("打不开，不是完好的工作簿")
        file.seek(0)
        rows = csv.reader(_written_lines(file), delimiter=max(",\t;", key=start.count))
        try:
            yield from _filled(rows)
        except csv.Error:
            raise Unreadable("有一格太长，或引号没有成对") from None


def _written_lines(file: TextIO) -> Iterator[str]:
    """The lines of the file; one without an end would fill the memory."""
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise Unreadable("有一行太长，不像表格")
        yield line


def _encoding(path: Path) -> str:
    """UTF-8, UTF-16 or GB18030, with or without a byte order mark: the one in which all of the file can be read.

    Raises:
        Unreadable: it is in none of them.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_UTF_16):
        encodings = ["utf-16"]
    elif b"\x00" in head:
        # Commas and digits have a zero byte in UTF-16; where it lies tells the order of the bytes.
        encodings = ["utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        if _is_in(path, encoding):
            return encoding
    raise Unreadable("认不出文字的编码，请另存为 UTF-8 的 CSV")


def _is_in(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                if "\x00" in decoder.decode(piece):
                    return False
        return "\x00" not in decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False


def _guarded_workbook(path: Path) -> dict[str, list[Line]]:
    try:
        with Child(_LIMITS) as child:
            read = child.call(workbook_lines, str(path.absolute()))
    except OutOfBounds as error:
        raise Unreadable(str(error)) from None
    if isinstance(read, str):
        raise Unreadable(read)
    return read


def workbook_lines(path: str) -> dict[str, list[Line]] | str:
    """The child's side: the rows of each sheet, or in Chinese what is wrong with the workbook."""
    try:
        parts = _parts(path)
        workbook = CalamineWorkbook.from_path(path)
        sheets = {name: workbook.get_sheet_by_name(name) for name in workbook.sheet_names}
        formulas = _formulas(path) if parts and _has_formulas(path, parts) else {}
        spans = _spans_of_ods(path) if "content.xml" in parts else {}
        return {name: list(_sheet_lines(sheet, formulas, spans)) for name, sheet in sheets.items()}
    except PasswordError:
        return "加了密码，打不开；请去掉密码再导入"
    except Unreadable as error:
        return str(error)
    except (CalamineError, zipfile.BadZipFile, expat.ExpatError, KeyError, OSError):
        return "打不开，不是完好的工作簿"


def _parts(path: str) -> set[str]:
    """The names of the files in an XLSX or ODS workbook; empty for an XLS, which is no ZIP."""
    if not zipfile.is_zipfile(path):
        return set()
    with zipfile.ZipFile(path) as package:
        # A member cannot unpack to more than its entry says, because `zipfile` reads no further.
        if sum(member.file_size for member in package.infolist()) > MOST_UNPACKED_BYTES:
            raise Unreadable("展开以后太大，没有读")
        names = set(package.namelist())
        is_ods = "mimetype" in names and package.read("mimetype").decode(errors="replace").startswith(_ODS)
    if "xl/vbaProject.bin" in names:
        raise Unreadable("带宏的工作簿不读，请另存为不带宏的 .xlsx")
    if "xl/workbook.xml" not in names and not is_ods:
        raise Unreadable("打不开，不是完好的工作簿")
    return names


def _sheet_lines(
    sheet: CalamineSheet, formulas: dict[str, set[tuple[int, int]]], spans: dict[str, list[tuple[int, int, int]]]
) -> Iterator[Line]:
    if sheet.end is not None and sheet.end[1] >= MOST_COLUMNS:
        raise Unreadable(f"“{sheet.name}”有 {sheet.end[1] + 1} 列，最多 {MOST_COLUMNS} 列")
    rows = sheet.to_python(skip_empty_area=False)
    for row, column in formulas.get(sheet.name, ()):
        if row < len(rows) and column < len(rows[row]) and rows[row][column] == "":
            rows[row][column] = NO_RESULT
    merged = [(*start, end[0]) for start, end in sheet.merged_cell_ranges or [] if end[0] > start[0]]
    return _at_most(MOST_ROWS, _filled(_filled_down(rows, [*merged, *spans.get(sheet.name, [])])))


def _filled_down(rows: list[list[Any]], merged: Iterable[tuple[int, int, int]]) -> list[list[Any]]:
    """Repeats the value of a merged cell in each of its rows. `merged`: first row, column and last row of each."""
    for top, column, bottom in merged:
        if top >= len(rows) or column >= len(rows[top]):
            continue
        for row in rows[top + 1 : bottom + 1]:
            # A row that is otherwise empty stays so: a merged cell may reach down to the end of the sheet.
            if column < len(row) and row[column] == "" and any(cell != "" for cell in row):
                row[column] = rows[top][column]
    return rows


def _filled(rows: Iterable[Iterable[Any]]) -> Iterator[Line]:
    for number, row in enumerate(rows, start=1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(f"第{number}行有 {len(cells)} 列，最多 {MOST_COLUMNS} 列")
        if cells:
            yield number, cells


def _at_most(most: int, lines: Iterable[Line]) -> Iterator[Line]:
    for count, line in enumerate(lines, start=1):
        if count > most:
            raise Unreadable(f"超过 {most} 行，请分几次导入")
        yield line


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float) and abs(cell) >= _INEXACT:
        return f"{cell:.5E}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _has_formulas(path: str, parts: set[str]) -> bool:
    """Whether any sheet of an XLSX workbook has a formula; most exports have none, and need no second reading."""
    with zipfile.ZipFile(path) as package:
        for name in parts:
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                content = package.read(name)
                if b"<f>" in content or b"<f " in content or b"<f/" in content:
                    return True
    return False


def _formulas(path: str) -> dict[str, set[tuple[int, int]]]:
    """Sheet name → row and column, from 0, of each cell with a formula."""
    import openpyxl  # only here, since no process that answers needs it

    workbook = openpyxl.load_workbook(path, read_only=True)
    found: dict[str, set[tuple[int, int]]] = {}
    for sheet in workbook.worksheets:
        sheet.reset_dimensions()
        found[sheet.title] = {
            (row, column)
            for row, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS))
            for column, cell in enumerate(cells)
            if cell.data_type == "f"
        }
    return found


class _Spans:
    """Collects the cells of an ODS that are merged downwards; its table format says so at the cell itself."""

    def __init__(self) -> None:
        self.found: dict[str, list[tuple[int, int, int]]] = {}
        self._sheet = ""
        self._row = self._column = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._sheet, self._row = attributes.get("table:name", ""), 0
        elif name == "table:table-row":
            self._column = 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            down = int(attributes.get("table:number-rows-spanned", 1))
            if down > 1:
                self.found.setdefault(self._sheet, []).append((self._row, self._column, self._row + down - 1))
            self._column += int(attributes.get("table:number-columns-repeated", 1))

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self._row += 1


def _spans_of_ods(path: str) -> dict[str, list[tuple[int, int, int]]]:
    with zipfile.ZipFile(path) as package:
        content = package.read("content.xml")
    if b"number-rows-spanned" not in content:
        return {}
    spans, parser = _Spans(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = spans.start, spans.end
    parser.Parse(content, True)
    return spans.found
