"""The yearly report as DOCX, on A4."""

from __future__ import annotations

from datetime import datetime, time

from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt

from bot.figures.word import new_document, saved
from bot.oversight.yearly import WholeReport
from bot.oversight.yearly_grids import Grid
from bot.oversight.yearly_parts import ReportPart, parts_of

_TEXT_CENTIMETRES = 16.6
_FEW_COLUMNS = 6


def as_word(report: WholeReport) -> bytes:
    document = new_document(report.title, datetime.combine(report.made_on, time()))
    for part in parts_of(report):
        _add_part(document, part)
    day = report.made_on
    signature = document.add_paragraph(f"{report.organ_name}　{day.year}年{day.month}月{day.day}日")
    signature.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return saved(document)


def _add_part(document: WordDocument, part: ReportPart) -> None:
    document.add_heading(part.heading, level=1)
    for text in part.paragraphs:
        paragraph = document.add_paragraph(text)
        paragraph.paragraph_format.first_line_indent = Pt(22)
    if part.grid is not None:
        _add_grid(document, part.grid)


def _add_grid(document: WordDocument, grid: Grid) -> None:
    """Cells that span several rows or columns are merged. The heading lines repeat on each page."""
    table = document.add_table(rows=len(grid.lines), cols=grid.width, style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    share = _TEXT_CENTIMETRES / sum(grid.widths)
    for column, part in zip(table.columns, grid.widths, strict=True):
        column.width = Cm(part * share)
        for cell in column.cells:
            cell.width = Cm(part * share)
    points = 10.5 if grid.width <= _FEW_COLUMNS else 8
    taken: set[tuple[int, int]] = set()
    for top, line in enumerate(grid.lines):
        properties = table.rows[top]._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if top < grid.head:
            properties.append(OxmlElement("w:tblHeader"))
        left = 0
        for cell in line:
            while (top, left) in taken:
                left += 1
            covered = {(row, at) for row in range(top, top + cell.rows) for at in range(left, left + cell.columns)}
            taken |= covered
            place = table.cell(top, left)
            if len(covered) > 1:
                place = place.merge(table.cell(top + cell.rows - 1, left + cell.columns - 1))
            paragraph = place.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            run = paragraph.add_run(cell.text)
            run.font.size, run.bold = Pt(points), cell.is_heading and top < grid.head
    document.add_paragraph()
