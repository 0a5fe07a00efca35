"""Tables that people keep by hand: a folder of CSV files, or an Excel workbook with a sheet for each.

A row is checked by a pydantic model whose aliases are the column headings. Errors are collected, never raised one
by one, so that a clerk corrects a file once; their text is Chinese because a clerk reads it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import openpyxl
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, field_validator
from pydantic_core import ErrorDetails

from bot.bounded import Child, OutOfBounds
from bot.links import NO_WEB_ADDRESS, leads_elsewhere


def _split_lines(cell: object) -> object:
    return [line.strip() for line in cell.splitlines() if line.strip()] if isinstance(cell, str) else cell


def _yes_or_no(cell: object) -> object:
    return {"是": True, "否": False}.get(cell, cell) if isinstance(cell, str) else cell


def _blank_to_none(cell: object) -> object:
    return None if cell == "" else cell


Lines = Annotated[list[str], BeforeValidator(_split_lines)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
OptionalInt = Annotated[int | None, BeforeValidator(_blank_to_none)]
OptionalText = Annotated[str | None, BeforeValidator(_blank_to_none)]
OptionalDate = Annotated[date | None, BeforeValidator(_blank_to_none)]


class Row(BaseModel):
    """One row; a field's alias is its column heading. A column whose field has a default may be left out."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, frozen=True)


class PublicRow(Row):
    """A row that citizens read in answers: its links may only lead to web pages."""

    @field_validator("*", mode="before")
    @classmethod
    def _leads_to_the_web(cls, cell: object) -> object:
        if isinstance(cell, str) and leads_elsewhere(cell):
            raise ValueError(NO_WEB_ADDRESS)
        return cell


R = TypeVar("R", bound=Row)

MOST_FILE_BYTES = 64 << 20
# Limits of a sheet, without the empty rows and columns that office programs leave at its edges.
MOST_ROWS = 200_000
MOST_COLUMNS = 200


@dataclass(frozen=True)
class RowError:
    """What is wrong, and where: `row` counts as the spreadsheet does, the heading being row 1."""

    table: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.table} 第{self.row}行 「{self.column}」：{self.message}"


class ImportRejected(Exception):
    """Nothing was loaded, because of these errors."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


@dataclass
class Tables:
    """The tables of one delivery and the errors found in them so far."""

    rows: Mapping[str, list[tuple[int, dict[str, str]]]]
    errors: list[RowError] = field(default_factory=list)

    def checked(self, table: str, model: type[R]) -> list[tuple[int, R]]:
        """The valid rows of `table`, each with its row number; the others add to `errors`."""
        if table not in self.rows:
            self.errors.append(RowError(table, 1, "—", "缺少这张表"))
            return []
        needed = _needed_columns(model)
        present = self.rows[table][0][1].keys() if self.rows[table] else needed
        missing = [column for column in needed if column not in present]
        if missing:
            self.errors.extend(RowError(table, 1, column, "缺少这一列") for column in missing)
            return []
        good: list[tuple[int, R]] = []
        for number, cells in self.rows[table]:
            try:
                good.append((number, model.model_validate(cells)))
            except ValidationError as error:
                self.errors.extend(
                    RowError(table, number, str(detail["loc"][0]), _in_chinese(detail, model))
                    for detail in error.errors()
                )
        return good

    def reject(self, table: str, row: int, column: str, message: str) -> None:
        self.errors.append(RowError(table, row, column, message))

    def require_unique(self, table: str, keys: Iterable[tuple[int, object]], column: str) -> None:
        seen: dict[object, int] = {}
        for row, key in keys:
            if key in seen:
                self.reject(table, row, column, f"与第{seen[key]}行重复")
            else:
                seen[key] = row

    def raise_errors(self) -> None:
        if self.errors:
            raise ImportRejected(sorted(self.errors, key=lambda error: (error.table, error.row)))


def _needed_columns(model: type[Row]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items() if info.is_required()]


def read_tables(path: Path) -> Tables:
    """Reads a folder of `*.csv` or one `.xlsx`.

    Raises:
        ImportRejected: the path is neither, or a file is not UTF-8 or not a workbook.
    """
    for file in [*path.glob("*.csv")] if path.is_dir() else [path]:
        if file.is_file() and file.stat().st_size > MOST_FILE_BYTES:
            raise _rejected(file.name, f"超过 {MOST_FILE_BYTES >> 20} MB，请分几次导入")
    if path.is_dir():
        return Tables({file.stem: list(_csv_rows(file)) for file in sorted(path.glob("*.csv"))})
    if path.suffix.lower() == ".csv" and path.is_file():
        return Tables({path.stem: list(_csv_rows(path))})
    if path.suffix.lower() == ".xlsx" and path.is_file():
        return Tables(_guarded_workbook(path))
    raise _rejected(path.name, "要给一个放 CSV 文件的文件夹，或一个 .xlsx 工作簿")


def _rejected(name: str, message: str) -> ImportRejected:
    return ImportRejected([RowError(name, 1, "—", message)])


def _csv_rows(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _rejected(file.stem, "文件不是 UTF-8 编码，请另存为 UTF-8 的 CSV") from None
    try:
        yield from _with_headings(csv.reader(text.splitlines(keepends=True)))
    except (csv.Error, _TooLarge) as error:
        raise _rejected(
            file.stem, str(error) if isinstance(error, _TooLarge) else "有一格太长，或引号没有成对"
        ) from None


class _TooLarge(ValueError):
    """A sheet is larger than tables kept by hand are; the message, in Chinese, says how."""


def _guarded_workbook(path: Path) -> dict[str, list[tuple[int, dict[str, str]]]]:
    """Reads in a process with limited time and memory, since a small workbook can be made to fill any memory."""
    try:
        with Child() as child:
            read = child.call(workbook_rows, str(path.absolute()))
    except OutOfBounds as error:
        raise _rejected(path.name, str(error)) from None
    if isinstance(read, str):
        raise _rejected(path.name, read)
    return read


def workbook_rows(path: str) -> dict[str, list[tuple[int, dict[str, str]]]] | str:
    """The child's side: the rows of each sheet, or in Chinese what is wrong with the workbook."""
    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except MemoryError:
        raise
    except Exception:  # openpyxl raises a different type for each way in which a zip can be broken
        return "打不开，不是完好的 .xlsx 工作簿"
    sheets: dict[str, list[tuple[int, dict[str, str]]]] = {}
    try:
        for sheet in workbook.worksheets:
            # The size that a sheet declares may be false, or count a million empty rows.
            sheet.reset_dimensions()
            sheets[sheet.title] = list(_with_headings(sheet.iter_rows(values_only=True)))
    except _TooLarge as error:
        return str(error)
    return sheets


def _with_headings(rows: Iterable[Iterable[Any]]) -> Iterator[tuple[int, dict[str, str]]]:
    headings: list[str] | None = None
    filled = 0
    for number, row in enumerate(rows, start=1):
        cells = [_cell_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise _TooLarge(f"第{number}行有 {len(cells)} 列，最多 {MOST_COLUMNS} 列")
        if headings is None:
            headings = cells
        elif cells:
            filled += 1
            if filled > MOST_ROWS:
                raise _TooLarge(f"超过 {MOST_ROWS} 行，请分几次导入")
            yield number, dict(zip(headings, [*cells, *[""] * len(headings)], strict=False))


def _cell_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


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
