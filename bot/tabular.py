"""Tables that people keep by hand: a folder of CSV files, or a workbook with a sheet for each (`bot.sheets`).

A row is checked by a pydantic model whose aliases are the column headings. Errors are collected, never raised one
by one, so that a clerk corrects a file once; their text is Chinese because a clerk reads it. An error that follows from
another (a row that names an item whose own row is wrong) is only counted there, so that causes are not buried.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator
from pydantic_core import ErrorDetails

from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.sheets import CSV_SUFFIXES, NO_RESULT, WORKBOOK_SUFFIXES, Line, Unreadable, read_sheets

# 2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日, 20260301
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?: 0?0:00(?::00)?)?")

# The same days and headings occur in thousands of rows, so the last results are kept.
_REMEMBERED = 8192

# 1.14E+30: what a spreadsheet makes of a long code.
_LOST_DIGITS = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
_TOTALS = frozenset({"合计", "总计", "小计", "共计"})


def _split_lines(cell: object) -> object:
    return [line.strip() for line in cell.splitlines() if line.strip()] if isinstance(cell, str) else cell


def _yes_or_no(cell: object) -> object:
    return {"是": True, "否": False}.get(cell, cell) if isinstance(cell, str) else cell


def _blank_to_none(cell: object) -> object:
    return None if cell == "" else cell


def _number(cell: object) -> object:
    """“３次” → “3”."""
    return re.sub(r"(?<=\d) *[次份件张个]$", "", folded(cell)) if isinstance(cell, str) else cell


def _day(cell: object) -> object:
    return (day_in(cell) or cell) if isinstance(cell, str) else cell


@lru_cache(maxsize=_REMEMBERED)
def day_in(cell: str) -> str | None:
    """The day, as `2026-03-01`, in a form in which offices write dates; None for anything else."""
    match = _DATE.fullmatch(folded(cell))
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part)
    return f"{year:04d}-{month:02d}-{day:02d}"


def folded(text: str) -> str:
    """The text with full-width letters, digits and brackets made narrow, and without spaces at its ends."""
    return unicodedata.normalize("NFKC", text).strip()


Lines = Annotated[list[str], BeforeValidator(_split_lines)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Number = Annotated[int, BeforeValidator(_number)]
Day = Annotated[date, BeforeValidator(_day)]
OptionalInt = Annotated[int | None, BeforeValidator(_blank_to_none), BeforeValidator(_number)]
OptionalText = Annotated[str | None, BeforeValidator(_blank_to_none)]
OptionalDate = Annotated[date | None, BeforeValidator(_blank_to_none), BeforeValidator(_day)]


class Row(BaseModel):
    """One row; a field's alias is its column heading. A column whose field has a default may be left out."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _has_a_result(cls, cell: object) -> object:
        if cell == NO_RESULT:
            raise ValueError("这一格是公式，文件里没有它的结果；请用 Excel 或 WPS 打开，保存一次再导入")
        if isinstance(cell, str) and _LOST_DIGITS.fullmatch(cell.strip()):
            raise ValueError("编码被当成数字存了，后面的位数已经丢了；请把这一列设成“文本”，从系统重新导出")
        return cell


class PublicRow(Row):
    """A row that citizens read in answers: its links may only lead to web pages."""

    @field_validator("*", mode="before")
    @classmethod
    def _leads_to_the_web(cls, cell: object) -> object:
        if isinstance(cell, str) and leads_elsewhere(cell):
            raise ValueError(NO_WEB_ADDRESS)
        return cell


R = TypeVar("R", bound=Row)

# How many errors a clerk is shown at once; the number of the others is told.
MOST_SHOWN = 50
# The headings stand within so many rows that are not empty; above them stand titles and remarks.
MOST_TITLES = 10
_LONGEST_FOUND = 40


@dataclass(eq=False)
class RowError:
    """What is wrong, and where: `row` counts as the spreadsheet does.

    `found` is what the cell says, if `message` does not say it. `follows`: how many other rows are wrong only because
    of this one.
    """

    table: str
    row: int
    column: str
    message: str
    found: str = ""
    follows: int = 0

    def __str__(self) -> str:
        found = self.found if len(self.found) <= _LONGEST_FOUND else self.found[:_LONGEST_FOUND] + "…"
        return (
            f"{self.table} 第{self.row}行 「{self.column}」：{self.message}"
            + (f"（现在是“{found}”）" if found else "")
            + (f"（因为这一处，另有 {self.follows} 行也不对）" if self.follows else "")
        )


class ImportRejected(Exception):
    """Nothing was loaded, because of these errors."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


def told(errors: Sequence[RowError]) -> list[str]:
    """The errors as lines for a clerk: causes first, the same mistake of a column once, at most `MOST_SHOWN`."""
    alike: dict[tuple[str, str, str, str], list[RowError]] = {}
    for error in errors:
        # Rows that are wrong without the same words in the cell are mended one by one.
        own = error.found or f"row {error.row}"
        alike.setdefault((error.table, error.column, error.message, own), []).append(error)
    lines = [
        f"{replace(some[0], follows=sum(error.follows for error in some))}"
        + (f"（同样的还有 {len(some) - 1} 行）" if some[1:] else "")
        for some in alike.values()
    ]
    hidden = sum(len(some) for some in list(alike.values())[MOST_SHOWN:])
    return [*lines[:MOST_SHOWN], *([f"还有 {hidden} 处"] if hidden else [])]


@dataclass
class Tables:
    """The tables of one delivery and the errors found in them so far.

    `headings`: the column headings of each table, with the number of their row; a table given without them has its
    headings in its first row.
    """

    rows: Mapping[str, list[tuple[int, dict[str, str]]]]
    errors: list[RowError] = field(default_factory=list)
    headings: Mapping[str, tuple[int, list[str]]] = field(default_factory=dict)
    _order: dict[str, int] = field(default_factory=dict)
    # What makes other rows wrong: a whole table that could not be read, and rows that were rejected.
    _broken: dict[str, RowError] = field(default_factory=dict)
    _rejected: dict[str, list[tuple[dict[str, str], RowError]]] = field(default_factory=dict)
    _rejected_keys: dict[tuple[str, str], dict[str, RowError]] = field(default_factory=dict)
    _keys: set[tuple[str, str]] = field(default_factory=set)
    _unknown: dict[tuple[str, str], RowError] = field(default_factory=dict)

    def checked(self, table: str, model: type[R]) -> list[tuple[int, R]]:
        """The valid rows of `table`, each with its row number; the others add to `errors`."""
        self._order.setdefault(table, len(self._order))
        if table not in self.rows:
            self._broken[table] = self._add(RowError(table, 1, "—", "缺少这张表"))
            return []
        row, present = self._headings_of(table, model)
        missing = [column for column in _needed_columns(model) if column not in present]
        if missing:
            errors = [self._add(RowError(table, row, column, "缺少这一列")) for column in missing]
            self._broken[table] = errors[0]
            return []
        good: list[tuple[int, R]] = []
        for number, cells in self.rows[table]:
            try:
                good.append((number, model.model_validate(cells)))
            except ValidationError as invalid:
                errors = [self._add(_row_error(table, number, detail, model, cells)) for detail in invalid.errors()]
                self._rejected.setdefault(table, []).append((cells, errors[0]))
        return good

    def _headings_of(self, table: str, model: type[Row]) -> tuple[int, Collection[str]]:
        if table in self.headings:
            return self.headings[table]
        return 1, self.rows[table][0][1].keys() if self.rows[table] else _needed_columns(model)

    def fold(self, columns: Collection[str], change: Callable[[str], str]) -> None:
        """Changes the cells of these columns, in every table, before they are checked."""
        for rows in self.rows.values():
            for _, cells in rows:
                for column in columns:
                    if column in cells:
                        cells[column] = change(cells[column])

    def reject(self, table: str, row: int, column: str, message: str, found: str = "") -> None:
        self._add(RowError(table, row, column, message, found))

    def require_unique(self, table: str, keys: Iterable[tuple[int, object]], column: str) -> None:
        seen: dict[object, int] = {}
        for row, key in keys:
            if key in seen:
                self.reject(table, row, column, f"与第{seen[key]}行重复")
            else:
                seen[key] = row

    def require_known(
        self,
        uses: Iterable[tuple[str, int, str, str]],
        known: Collection[str],
        owners: Mapping[str, str],
    ) -> None:
        """Checks that what rows name exists.

        A name whose own row is wrong is that row's fault and counted there; an unknown name is told once, with the
        number of further rows.

        Args:
            uses: table, row, column and name of each use.
            known: the names that exist.
            owners: the tables that hold the names, each with the column in which they stand.
        """
        self._keys.update(owners.items())
        for table, row, column, name in uses:
            if name in known:
                continue
            key = (next(iter(owners)), name)
            cause = self._cause(owners, name) or self._unknown.get(key)
            if cause is not None:
                cause.follows += 1
            else:
                self._unknown[key] = self._add(RowError(table, row, column, f"没有“{name}”"))

    def break_table(self, table: str, column: str, message: str) -> None:
        """Rejects the whole table; whatever names something of it follows from that."""
        self._broken[table] = self._add(RowError(table, 1, column, message))

    def blame(self, table: str, column: str, name: str) -> bool:
        """Counts one more consequence where the rows of `name` in `table` were rejected, if they were."""
        cause = self._cause({table: column}, name)
        if cause is not None:
            cause.follows += 1
        return cause is not None

    def is_flawed(self, table: str) -> bool:
        """Whether the table is missing or a row of it was rejected."""
        return table in self._broken or table in self._rejected

    def _cause(self, owners: Mapping[str, str], name: str) -> RowError | None:
        for table, column in owners.items():
            if (table, column) not in self._rejected_keys:
                self._rejected_keys[table, column] = {
                    cells.get(column, ""): error for cells, error in reversed(self._rejected.get(table, []))
                }
            found = self._rejected_keys[table, column].get(name) or self._broken.get(table)
            if found is not None:
                return found
        return None

    def _add(self, error: RowError) -> RowError:
        self.errors.append(error)
        return error

    def raise_errors(self) -> None:
        """Raises `ImportRejected` if there are errors."""
        if self.errors:
            raise ImportRejected(self.ranked_errors())

    def ranked_errors(self) -> list[RowError]:
        """The errors, those first from which others follow."""
        return sorted(self.errors, key=self._rank)

    def _rank(self, error: RowError) -> tuple[int, int, str, int]:
        """Wrong names come first, because all rows that use the right ones find nothing; then other causes."""
        rank = 0 if (error.table, error.column) in self._keys else 1 if error.follows else 2
        return rank, self._order.get(error.table, len(self._order)), error.table, error.row


def _needed_columns(model: type[Row]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items() if info.is_required()]


def headings_of(*models: type[Row]) -> frozenset[str]:
    """All column headings of these models."""
    return frozenset(info.alias or name for model in models for name, info in model.model_fields.items())


def read_tables(path: Path, headings: Collection[str] = (), names: Mapping[str, str] | None = None) -> Tables:
    """Reads a folder of CSV files, or one file: CSV, XLSX, XLS or ODS.

    Args:
        headings: the headings that the tables may have; by them they are found below titles and remarks.
        names: other names of tables, as a Chinese office names its sheets.

    Raises:
        ImportRejected: the path is neither, or files cannot be read; each of them is named.
    """
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
    elif path.is_file() and path.suffix.lower() in CSV_SUFFIXES | WORKBOOK_SUFFIXES:
        files = [path]
    else:
        raise _rejected(path.name, "要给一个放 CSV 文件的文件夹，或一个工作簿（.xlsx、.xls、.ods）")
    sheets: dict[str, list[Line]] = {}
    unreadable: list[RowError] = []
    for file in files:
        try:
            sheets.update(read_sheets(file))
        except Unreadable as error:
            unreadable.append(RowError(file.name, 1, "—", str(error)))
    if unreadable:
        raise ImportRejected(unreadable)
    return tables_of(sheets, headings, names)


def tables_of(
    sheets: Mapping[str, list[Line]], headings: Collection[str] = (), names: Mapping[str, str] | None = None
) -> Tables:
    """Finds the headings of each sheet. A sheet with nothing in it counts as left out."""
    rows: dict[str, list[tuple[int, dict[str, str]]]] = {}
    found: dict[str, tuple[int, list[str]]] = {}
    for title, lines in sheets.items():
        name = folded(title)
        table = (names or {}).get(name, name)
        if lines:
            position, columns = headings_in(lines[:MOST_TITLES], headings)
            found[table] = (lines[position][0], columns)
            rows[table] = list(rows_of(lines[position + 1 :], columns))
    return Tables(rows, headings=found)


def rows_of(lines: Iterable[Line], columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the headings, each as column → cell, without headings that are repeated and totals."""
    blank = [""] * len(columns)
    for number, cells in lines:
        if not _is_no_record(cells, columns):
            yield number, dict(zip(columns, [*cells, *blank], strict=False))


def _is_no_record(cells: Sequence[str], columns: Sequence[str]) -> bool:
    """A total, or headings once more: on each printed page, or a second row of them under merged cells."""
    if "".join(next(filter(None, cells), "").split()).rstrip("：:") in _TOTALS:
        return True
    pairs = zip(cells, columns, strict=False)
    # Comparing lengths first spares most calls of `heading`.
    return sum(0 < len(cell) <= len(column) + 4 and heading(cell) == column for cell, column in pairs) > 1


def headings_in(lines: Sequence[Line], headings: Collection[str]) -> tuple[int, list[str]]:
    """The position in `lines`, the first ones of a sheet, of the row with the headings, and the headings.

    It is the row with most known headings; where none is known, the first with more than one cell.
    """
    candidates = [[heading(cell) for cell in cells] for _, cells in lines]
    fits = [sum(cell in headings for cell in cells) for cells in candidates]
    position = fits.index(max(fits))
    if not max(fits):
        position = next((at for at, cells in enumerate(candidates) if sum(map(bool, cells)) > 1), 0)
    return position, candidates[position]


@lru_cache(maxsize=_REMEMBERED)
def heading(cell: str) -> str:
    """The heading without what differs between offices: width of brackets, spaces, line breaks, a mark for “needed”."""
    return "".join(folded(cell).split()).strip("*")


def _rejected(name: str, message: str) -> ImportRejected:
    return ImportRejected([RowError(name, 1, "—", message)])


def _row_error(table: str, number: int, detail: ErrorDetails, model: type[Row], cells: Mapping[str, str]) -> RowError:
    column = str(detail["loc"][0])
    found = cells.get(column, "").replace(NO_RESULT, "")
    return RowError(table, number, column, _in_chinese(detail, model), found)


def _in_chinese(detail: ErrorDetails, model: type[Row]) -> str:
    kind = detail["type"]
    if kind in ("string_too_short", "too_short", "missing"):
        return "不能为空"
    if kind == "literal_error":
        info = next(i for n, i in model.model_fields.items() if (i.alias or n) == detail["loc"][0])
        return f"只能填：{'、'.join(str(choice) for choice in get_args(info.annotation))}"
    if kind.startswith("int_"):
        return "要填整数"
    if kind.startswith("date_") or kind == "date_type":
        return "日期要写成 2026-03-01 的样子"
    if kind.startswith("bool_"):
        return "只能填：是、否"
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = detail["ctx"].get("ge", detail["ctx"].get("le"))
        return f"不能{'小于' if kind.startswith('greater') else '大于'} {bound}"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "string_pattern_mismatch":
        return "格式不对"
    return f"填写有误（{kind}）"
