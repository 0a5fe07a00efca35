"""The yearly report as text, CSV and Excel, with the labels and the layout of `report_form.yml`."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import yaml
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from bot.disclosures.reasons import ReportRow
from bot.disclosures.report import AnnualReport

_FORM_PATH = Path(__file__).with_name("report_form.yml")
_LABEL_WIDTH, _NARROWEST = 46, 5
_GAP = "  "
# Excel sheet: the first row of figures, below the title and three rows of headings; widths in characters.
_FIRST_ROW = 5
_LABEL_COLUMNS = (12, 16, 42)
_SIDE = Side(style="thin")
_THIN = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)


@dataclass(frozen=True)
class Column:
    label: str
    group: str


@dataclass(frozen=True)
class Form:
    """The labels of the report. `rows`: the labels of each row, outermost first, at most as many as `headings`."""

    title: str
    until: str
    check: str
    applicants: str
    headings: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: dict[ReportRow, tuple[str, ...]]


@cache
def form() -> Form:
    """The form, read once. Its columns have the order of `AnnualReport.figures`."""
    written = yaml.safe_load(_FORM_PATH.read_text(encoding="utf-8"))
    return Form(
        written["title"],
        written["until"],
        written["check"],
        written["applicants"],
        tuple(written["headings"]),
        tuple(Column(column["label"], column.get("group", "")) for column in written["columns"]),
        {ReportRow(row["row"]): tuple(row["labels"]) for row in written["rows"]},
    )


def title(report: AnnualReport) -> str:
    """“水利局 2026年收到和处理政府信息公开申请情况（截至 2026-11-25，…）”."""
    whose = f"{report.department} " if report.department else ""
    until = form().until.format(until=report.until) if report.is_running else ""
    return f"{whose}{report.year}年{form().title}{until}"


def as_text(report: AnnualReport) -> str:
    """A table for a terminal, where a Chinese character is as wide as two digits."""
    columns = form().columns
    widths = [max(_width(column.label), _NARROWEST) for column in columns]
    groups = [
        _centred(group, sum(widths[start:end]) + len(_GAP) * (end - start - 1)) for group, start, end in column_groups()
    ]
    lines = [
        title(report),
        "",
        _GAP.join([" " * _LABEL_WIDTH, *groups]).rstrip(),
        _GAP.join(
            [" " * _LABEL_WIDTH, *(_right(column.label, width) for column, width in zip(columns, widths, strict=True))]
        ),
    ]
    above: tuple[str, ...] = ()
    for row, labels in form().rows.items():
        lines += [
            " " * 2 * depth + label
            for depth, label in enumerate(labels[:-1])
            if labels[: depth + 1] != above[: depth + 1]
        ]
        above = labels
        first, *rest = _wrapped(labels[-1], " " * 2 * (len(labels) - 1))
        figures = [_right(str(figure), width) for figure, width in zip(report.figures(row), widths, strict=True)]
        lines += [_GAP.join([_left(first, _LABEL_WIDTH), *figures]), *rest]
    return "\n".join([*lines, "", f"（{form().check}）"])


def as_csv(report: AnnualReport) -> str:
    """One line of headings, then one line for each row. Begins with a BOM, by which Excel recognises UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    headings = form().headings
    writer.writerow([*headings, *("：".join(filter(None, (column.group, column.label))) for column in form().columns)])
    for row, labels in form().rows.items():
        writer.writerow([*labels, *[""] * (len(headings) - len(labels)), *report.figures(row)])
    return "\ufeff" + out.getvalue()


def as_xlsx(report: AnnualReport) -> bytes:
    """A workbook of one sheet, with merged cells like the printed form."""
    workbook = Workbook()
    del workbook["Sheet"]
    sheet: Worksheet = workbook.create_sheet(f"{report.year}年申请情况")
    depth, columns = len(form().headings), form().columns
    width = depth + len(columns)
    _merge(sheet, title(report), 1, 1, 1, width)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    _merge(sheet, f"（{form().check}）", 2, 1, 4, depth)
    _merge(sheet, form().applicants, 2, depth + 1, 2, width)
    for group, start, end in column_groups():
        if group:
            _merge(sheet, group, 3, depth + start + 1, 3, depth + end)
        for place in range(start, end):
            _merge(sheet, columns[place].label, 4 if group else 3, depth + place + 1, 4, depth + place + 1)
    for number, row in enumerate(form().rows, start=_FIRST_ROW):
        for place, figure in enumerate(report.figures(row), start=depth + 1):
            sheet.cell(number, place, figure).alignment = Alignment(horizontal="center", vertical="center")
    for label, level, start, end, last_column in label_blocks(depth):
        _merge(sheet, label, _FIRST_ROW + start, level + 1, _FIRST_ROW + end - 1, last_column)
    for cells in sheet.iter_rows(2, _FIRST_ROW + len(form().rows) - 1, 1, width):
        for cell in cells:
            cell.border = _THIN
    for place in range(1, width + 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = _LABEL_COLUMNS[place - 1] if place <= depth else 14
    sheet.freeze_panes = f"{get_column_letter(depth + 1)}{_FIRST_ROW}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 1
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def column_groups() -> Iterator[tuple[str, int, int]]:
    """Each group of columns: its heading (empty for a single column), its first column, the column after its last."""
    start = 0
    for group, run in groupby(form().columns, key=lambda column: column.group or column.label):
        end = start + len(list(run))
        yield (group if end - start > 1 else ""), start, end
        start = end


def label_blocks(depth: int) -> Iterator[tuple[str, int, int, int, int]]:
    """Each label once: the label, its level, its first row, the row after its last, the last column that it fills."""
    for level in range(depth):
        start = 0
        for labels, run in groupby(form().rows.values(), key=lambda labels: labels[: level + 1]):
            end = start + len(list(run))
            if len(labels) > level:
                is_last = all(len(row) == level + 1 for row in list(form().rows.values())[start:end])
                yield labels[level], level, start, end, depth if is_last else level + 1
            start = end


def _merge(sheet: Worksheet, text: str, top: int, left: int, bottom: int, right: int) -> None:
    cell = sheet.cell(top, left, text)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    if (top, left) != (bottom, right):
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)


def _wrapped(label: str, indent: str) -> list[str]:
    """The label in lines of at most `_LABEL_WIDTH`; the lines after the first are indented by two more."""
    lines, line = [], indent
    for character in label:
        if _width(line + character) > _LABEL_WIDTH:
            lines.append(line)
            line = f"{indent}  "
        line += character
    return [*lines, line]


def _width(text: str) -> int:
    """The width in terminal cells; characters of ambiguous width, such as quotation marks, count as one."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _left(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text


def _centred(text: str, width: int) -> str:
    return _left(" " * ((width - _width(text)) // 2) + text, width)
