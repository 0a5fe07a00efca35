"""A notice as PDF, in the form of `bot.notices.word`, with a subset of the machine's own Chinese font embedded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from bot.notices import paper
from bot.notices.chinese_lines import lines
from bot.notices.fonts import body_font, title_font
from bot.notices.letter import Letter
from bot.workdays import CHINA

_BODY, _TITLE = "body", "title"
_MM_PER_POINT = 25.4 / 72
_TEXT_WIDTH = paper.WIDTH - paper.LEFT - paper.RIGHT
_LINE = paper.LINE_POINTS * _MM_PER_POINT
_SIGN = paper.BODY_POINTS * _MM_PER_POINT
# How many lines of the text stay together with the signature.
_KEPT_WITH_SIGNATURE = 2


@dataclass(frozen=True)
class _Line:
    """A line of text. `left`: in millimetres from the edge of the text. `is_stretched`: to the full width."""

    text: str
    left: float = 0
    is_stretched: bool = False
    font: str = _BODY
    points: int = paper.BODY_POINTS
    height: float = _LINE


def as_pdf(letter: Letter) -> bytes:
    """Raises bot.notices.fonts.NoChineseFont."""
    # The library tells of each table of a font that it leaves out.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    page = _Paper(letter)
    for line in (letter.agency, letter.title):
        page.add_centred(line, _TITLE, paper.TITLE_POINTS, paper.TITLE_LINE_POINTS * _MM_PER_POINT)
    page.add_centred(letter.number, _BODY, paper.BODY_POINTS, _LINE)
    page.add([_Line("")])
    page.add_paragraph(f"{letter.addressee}：", indent=0)
    for text in letter.paragraphs:
        page.add_paragraph(text, indent=2 * _SIGN)
    for place, text in enumerate(letter.attachment_lines):
        if place == 0:
            page.add([_Line("")])
        page.add_paragraph(text, indent=2 * _SIGN, hanging=paper.ATTACHMENT_SIGNS * _SIGN)
    page.add_signature(letter)
    return page.finished()


def paged(text: Sequence[_Line], end: Sequence[_Line]) -> list[list[_Line]]:
    """The lines of each page. The signature at the end never stands alone: the last lines of the text go with it."""
    pages: list[list[_Line]] = [[]]
    room = left = paper.HEIGHT - paper.TOP - paper.BOTTOM + _LINE / 2
    written = [place for place, line in enumerate(text) if line.text]
    first_kept = written[-_KEPT_WITH_SIGNATURE:][0]
    for place, line in enumerate([*text, *end]):
        needed = sum(each.height for each in (*text[first_kept:], *end)) if place == first_kept else line.height
        if needed > left and pages[-1]:
            pages.append([])
            left = room
        pages[-1].append(line)
        left -= line.height
    return pages


class _Paper:
    """Collects the lines of the letter, then puts them on pages."""

    def __init__(self, letter: Letter) -> None:
        # Only here: the web process starts without it.
        from fpdf import FPDF

        self._lines: list[_Line] = []
        self._widths: dict[tuple[str, str, int], float] = {}
        self._end: list[_Line] = []
        self._pdf = FPDF(format="A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_title(letter.headline)
        self._pdf.set_lang("zh-CN")
        self._pdf.set_creation_date(datetime.combine(letter.issued_on, time(), CHINA))
        for name, font in ((_BODY, body_font()), (_TITLE, title_font())):
            self._pdf.add_font(name, fname=font.path, collection_font_number=font.number)

    def add(self, more: Sequence[_Line]) -> None:
        self._lines += more

    def add_centred(self, text: str, font: str, points: int, height: float) -> None:
        for line in lines(text, _TEXT_WIDTH, lambda part: self._width(part, font, points)):
            left = (_TEXT_WIDTH - self._width(line, font, points)) / 2
            self.add([_Line(line, left, font=font, points=points, height=height)])

    def add_paragraph(self, text: str, indent: float, hanging: float = 0) -> None:
        """`indent`: of the first line; `hanging`: of the others."""
        found = lines(text, _TEXT_WIDTH - hanging, self._body_width, indent - hanging)
        last = len(found) - 1
        for n, line in enumerate(found):
            self.add([_Line(line.rstrip(), hanging if n else indent, is_stretched=n < last and not hanging)])

    def add_signature(self, letter: Letter) -> None:
        agency, day = letter.signature
        self._end = [_Line(""), _Line(""), *self._right(agency, 2), *self._right(day, 4)]
        if letter.contact_line:
            self._end.append(_Line(letter.contact_line, left=2 * _SIGN))

    def finished(self) -> bytes:
        for page in paged(self._lines, self._end):
            y = self._begin_page()
            for line in page:
                self._put(line, y)
                y += line.height
        return bytes(self._pdf.output())

    def _right(self, text: str, signs_from_edge: int) -> list[_Line]:
        width = _TEXT_WIDTH - signs_from_edge * _SIGN
        return [_Line(line, width - self._body_width(line)) for line in lines(text, width, self._body_width)]

    def _body_width(self, text: str) -> float:
        return self._width(text, _BODY, paper.BODY_POINTS)

    def _width(self, text: str, font: str, points: int) -> float:
        """Measured once for each text: the same signs come again and again."""
        key = (text, font, points)
        if key not in self._widths:
            self._pdf.set_font(font, size=points)
            self._widths[key] = float(self._pdf.get_string_width(text))
        return self._widths[key]

    def _begin_page(self) -> float:
        """Begins a page and puts its number at the outer edge; returns where the first line begins."""
        self._pdf.add_page()
        number = self._pdf.page_no()
        text = f"— {number} —"
        width = self._width(text, _BODY, paper.PAGE_NUMBER_POINTS)
        edge = paper.PAGE_NUMBER_POINTS * _MM_PER_POINT
        left = _TEXT_WIDTH - width - edge if number % 2 else edge
        y = paper.HEIGHT - paper.BOTTOM + paper.PAGE_NUMBER_BELOW
        self._pdf.set_font(_BODY, size=paper.PAGE_NUMBER_POINTS)
        self._pdf.text(paper.LEFT + left, y + paper.PAGE_NUMBER_POINTS * _MM_PER_POINT / 2, text)
        return float(paper.TOP)

    def _put(self, line: _Line, y: float) -> None:
        if not line.text:
            return
        spare = _TEXT_WIDTH - line.left - self._width(line.text, line.font, line.points)
        gaps = len(line.text) - 1
        self._pdf.set_font(line.font, size=line.points)
        if line.is_stretched and gaps > 0 and spare > 0:
            self._pdf.set_char_spacing(spare / gaps / _MM_PER_POINT)
        self._pdf.set_xy(paper.LEFT + line.left, y)
        self._pdf.cell(w=0, h=line.height, text=line.text)
        self._pdf.set_char_spacing(0)
