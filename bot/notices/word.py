"""A notice as DOCX, in the usual form of official papers (GB/T 9704-2012): A4, 二号 title, 三号 仿宋 body."""

from __future__ import annotations

import io
from datetime import datetime, time

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from bot.notices import paper
from bot.notices.letter import Letter

# Fonts that Chinese Word has; another program takes its nearest.
_BODY_FONT, _TITLE_FONT = "仿宋", "宋体"


def as_word(letter: Letter) -> bytes:
    document = Document()
    _set_up(document, letter)
    for line in (letter.agency, letter.title):
        _add(document, line, WD_ALIGN_PARAGRAPH.CENTER, font=_TITLE_FONT, points=paper.TITLE_POINTS, is_bold=True)
    number = _add(document, letter.number, WD_ALIGN_PARAGRAPH.CENTER)
    number.paragraph_format.space_after = Pt(paper.LINE_POINTS)
    _add(document, f"{letter.addressee}：").paragraph_format.keep_with_next = True
    for text in letter.paragraphs:
        _add(document, text, indent=2)
    for place, line in enumerate(letter.attachment_lines):
        added = _add(document, line, WD_ALIGN_PARAGRAPH.LEFT, indent=2 - paper.ATTACHMENT_SIGNS)
        added.paragraph_format.left_indent = Pt(paper.ATTACHMENT_SIGNS * paper.BODY_POINTS)
        added.paragraph_format.space_before = Pt(0 if place else paper.LINE_POINTS)
    _add_signature(document, letter)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _set_up(document: WordDocument, letter: Letter) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(paper.WIDTH), Mm(paper.HEIGHT)
    section.top_margin, section.bottom_margin = Mm(paper.TOP), Mm(paper.BOTTOM)
    section.left_margin, section.right_margin = Mm(paper.LEFT), Mm(paper.RIGHT)
    section.footer_distance = Mm(paper.BOTTOM - paper.PAGE_NUMBER_BELOW)
    document.settings.odd_and_even_pages_header_footer = True
    _add_page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _add_page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    normal = document.styles["Normal"]
    _set_font(normal.element.get_or_add_rPr().get_or_add_rFonts(), _BODY_FONT)
    normal.font.size, normal.font.color.rgb = Pt(paper.BODY_POINTS), RGBColor(0, 0, 0)
    spacing = normal.paragraph_format
    spacing.space_before = spacing.space_after = Pt(0)
    spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(paper.LINE_POINTS)
    about = document.core_properties
    about.title, about.author, about.comments, about.language = letter.headline, "", "", "zh-CN"
    about.created = about.modified = datetime.combine(letter.issued_on, time())


def _add(
    document: WordDocument,
    text: str,
    alignment: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY,
    *,
    indent: int = 0,
    font: str = "",
    points: int = paper.BODY_POINTS,
    is_bold: bool = False,
) -> Paragraph:
    """`indent`: of the first line, in characters of the body."""
    paragraph = document.add_paragraph()
    paragraph.alignment = alignment
    paragraph.paragraph_format.first_line_indent = Pt(indent * paper.BODY_POINTS)
    run = paragraph.add_run(text)
    run.bold, run.font.size = is_bold, Pt(points)
    if points > paper.BODY_POINTS:
        paragraph.paragraph_format.line_spacing = Pt(paper.TITLE_LINE_POINTS)
        paragraph.paragraph_format.keep_with_next = True
    if font:
        _set_font(run._element.get_or_add_rPr().get_or_add_rFonts(), font)
    return paragraph


def _add_signature(document: WordDocument, letter: Letter) -> None:
    """Agency and date stand on the right, on one page with the end of the text."""
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    agency, day = (_add(document, line, WD_ALIGN_PARAGRAPH.RIGHT) for line in letter.signature)
    agency.paragraph_format.space_before = Pt(2 * paper.LINE_POINTS)
    agency.paragraph_format.keep_with_next = True
    agency.paragraph_format.right_indent = Pt(2 * paper.BODY_POINTS)
    day.paragraph_format.right_indent = Pt(4 * paper.BODY_POINTS)
    if letter.contact_line:
        day.paragraph_format.keep_with_next = True
        _add(document, letter.contact_line, WD_ALIGN_PARAGRAPH.LEFT, indent=2)


def _add_page_number(paragraph: Paragraph, alignment: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 — at the outer edge, one character inwards."""
    paragraph.alignment = alignment
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(paper.PAGE_NUMBER_POINTS)
    run = paragraph.add_run("— ")
    for kind in ("begin", None, "end"):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = "PAGE"
        run._element.append(part)
    paragraph.add_run(" —")
    for each in paragraph.runs:
        each.font.size = Pt(paper.PAGE_NUMBER_POINTS)
        _set_font(each._element.get_or_add_rPr().get_or_add_rFonts(), _TITLE_FONT)


def _set_font(fonts: object, name: str) -> None:
    """Sets the font for Chinese and other signs alike; python-docx by itself sets only that of other signs."""
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)  # type: ignore[attr-defined]
    for script in ("ascii", "hAnsi", "eastAsia"):
        fonts.set(qn(f"w:{script}"), name)  # type: ignore[attr-defined]
