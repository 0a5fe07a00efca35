"""The bulletin as DOCX, on A4. Charts become tables, because not every version of Word shows SVG."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from bot.figures.bulletin import Bulletin, BulletinPart
from bot.figures.service import Figures
from bot.figures.tables import TABLES, Table, volume_by_channel

_FONT = "宋体"
_HEADING_FONT = "黑体"
_TABLE_STYLE = "Table Grid"
_IN_PLACE_OF_CHART = {**TABLES, "volume": volume_by_channel}


def as_word(written: Bulletin, counted: Figures) -> bytes:
    document = new_document(written.title, counted.taken_at)
    document.add_paragraph(written.note)
    for part in written.parts:
        charts = [_IN_PLACE_OF_CHART[name](counted) for name in part.charts]
        add_part(document, part, [*charts, *([part.table] if part.table else [])])
    return saved(document)


def new_document(written_title: str, at: datetime) -> WordDocument:
    """A4 with Chinese fonts, and the title."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2.5)
    section.left_margin = section.right_margin = Cm(2.2)
    _set_font(document, "Normal", _FONT, 11)
    for level, points in ((0, 18), (1, 14)):
        _set_font(document, f"Heading {level}" if level else "Title", _HEADING_FONT, points)
    title = document.add_heading(written_title, level=0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _mark(document, written_title, at)
    return document


def saved(document: WordDocument) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def add_part(document: WordDocument, part: BulletinPart, tables: Iterable[Table]) -> None:
    document.add_heading(part.heading, level=1)
    for sentence in part.sentences:
        document.add_paragraph(sentence)
    for shown in tables:
        if shown.rows:
            _add_table(document, shown)


def _add_table(document: WordDocument, shown: Table) -> None:
    """Adds a table whose heading row repeats on each page and whose rows do not break across pages."""
    document.add_paragraph(shown.title).paragraph_format.keep_with_next = True
    table = document.add_table(rows=0, cols=len(shown.columns), style=_TABLE_STYLE)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for number, cells in enumerate((shown.columns, *shown.rows)):
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, text in zip(row.cells, cells, strict=True):
            run = cell.paragraphs[0].add_run(str(text))
            run.font.size = Pt(9)
            run.bold = number == 0
    document.add_paragraph()


def _set_font(document: WordDocument, style_name: str, font: str, points: int) -> None:
    """Sets the font, also for Chinese characters: they have their own font name, which python-docx does not set."""
    style = document.styles[style_name]
    style.font.name, style.font.size, style.font.color.rgb = font, Pt(points), RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)


def _mark(document: WordDocument, title: str, at: datetime) -> None:
    """Replaces the document properties of the template (title, author, dates)."""
    about = document.core_properties
    about.title, about.author, about.comments, about.language = title, "", "", "zh-CN"
    about.created = about.modified = at.replace(tzinfo=None)
