"""Reads PDF files that have text. A scan has none and is named as such."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.documents.aligned_tables import parts_of
from bot.documents.content import DocumentContent, Paragraph, ScannedDocument, UnreadableDocument, table_paragraphs
from bot.documents.layout import Cell, Margins, PageLine, furniture_of, margins_of, paragraphs_of, without
from bot.documents.published import official
from bot.documents.ruled_tables import Character, TableRule, rule_between, tables_in

MOST_PAGES = 2000
# A page with fewer characters has no text of its own: stamps and page numbers remain on a scan.
LEAST_CHARACTERS = 20
# Of the height of a line, which is more than that of its characters
_CELL_GAP = 0.8
# Lines, or the rows of a table; never empty.
Part = list[PageLine] | list[list[str]]


@dataclass(frozen=True)
class LaidOutPage:
    """Its parts in the order of the file. `edges`: where its tables begin and end, from left to right."""

    parts: Sequence[Part]
    edges: Sequence[float] = ()

    @property
    def lines(self) -> list[PageLine]:
        return [line for part in self.parts for line in part if isinstance(line, PageLine)]

    @property
    def margins(self) -> Margins:
        left, right = margins_of(self.lines)
        return min([left, *self.edges]), max([right, *self.edges])

    @property
    def parts_with_aligned(self) -> Iterator[Part]:
        """The parts, with the tables that only alignment tells among the lines."""
        for part in self.parts:
            lines = [line for line in part if isinstance(line, PageLine)]
            yield from parts_of(lines) if lines else (part,)

    def without(self, taken: Sequence[PageLine]) -> LaidOutPage:
        parts = [without(part, taken) if isinstance(part[0], PageLine) else part for part in self.parts]
        return replace(self, parts=[part for part in parts if part])


def read_pdf(path: Path, data: bytes) -> DocumentContent:
    reader = pdfium_of(path)
    try:
        document = reader.PdfDocument(data)
    except reader.PdfiumError as error:
        reason = "加了密码，请去掉密码再存" if "password" in str(error).lower() else "打不开，不是完好的 .pdf 文件"
        raise UnreadableDocument(path, reason) from None
    try:
        if len(document) > MOST_PAGES:
            raise UnreadableDocument(path, f"超过 {MOST_PAGES} 页，请分开再导入")
        shown = [_page(page) for page in document]
    except reader.PdfiumError:
        raise UnreadableDocument(path, "打不开，不是完好的 .pdf 文件") from None
    finally:
        document.close()
    if sum(map(_characters_of, shown)) < LEAST_CHARACTERS * len(shown):
        raise ScannedDocument(path)
    return official(list(blocks_of(shown)))


def blocks_of(shown: Sequence[LaidOutPage]) -> Iterator[Paragraph]:
    """The paragraphs between the tables, and the tables as sentences, a row each; without the furniture of pages."""
    taken = furniture_of([page.lines for page in shown])
    pages = [page.without(lines) for page, lines in zip(shown, taken, strict=True)]
    lines: list[Sequence[PageLine]] = []
    margins: list[Margins] = []
    headings: list[str] = []
    for page in pages:
        is_first, edges = True, page.margins
        for part in page.parts_with_aligned:
            if isinstance(part[0], PageLine):
                lines.append([line for line in part if isinstance(line, PageLine)])
                margins.append(edges)
                is_first, headings = False, []
                continue
            yield from map(Paragraph, paragraphs_of(lines, margins))
            lines, margins, rows = [], [], [row for row in part if isinstance(row, list)]
            # A table that goes on over the end of a page often does not repeat its headings.
            goes_on = is_first and len(headings) == len(rows[0]) and headings != rows[0]
            yield from table_paragraphs([headings, *rows] if goes_on else rows)
            headings = headings if goes_on else _headings(rows)
            is_first = False
    yield from map(Paragraph, paragraphs_of(lines, margins))


def _headings(rows: Sequence[list[str]]) -> list[str]:
    """The first row with several texts; above it stands the name of the table."""
    return next((row for row in rows if len({*filter(None, row)}) > 1), [])


def _characters_of(page: LaidOutPage) -> int:
    texts = (one.text if isinstance(one, PageLine) else "".join(one) for part in page.parts for one in part)
    return sum(len(text.strip()) for text in texts)


def pdfium_of(path: Path) -> ModuleType:
    """Raises `UnreadableDocument` if pypdfium2 is not installed."""
    try:
        import pypdfium2
    except ImportError:
        raise UnreadableDocument(path, "这台机器没有装读 PDF 的组件 pypdfium2，没有读") from None
    module: ModuleType = pypdfium2
    return module


def _page(page: Any) -> LaidOutPage:
    text_page = page.get_textpage()
    try:
        text = text_page.get_text_range()
        if len(text) != text_page.count_chars():
            # Some characters have no place, so that lines and tables cannot be told apart.
            lines = [PageLine(line.strip(), 0, 0, 1) for line in text.split("\n") if line.strip()]
            return LaidOutPage([lines] if lines else [])
        tables = tables_in(_rules(page))
        characters = _characters(text_page, text) if tables else []
        parts: list[Part] = []
        shown: set[int] = set()
        for line, x, y in _lines(text_page, text):
            place = next((at for at, table in enumerate(tables) if table.holds(x, y)), None)
            if place is not None and place not in shown:
                shown.add(place)
                parts.append(tables[place].rows(characters))
            elif place is None and parts and isinstance(parts[-1][0], PageLine):
                parts[-1] = [*parts[-1], line]
            elif place is None:
                parts.append([line])
        return LaidOutPage(parts, [edge for table in tables for edge in (table.columns[0], table.columns[-1])])
    finally:
        text_page.close()


def _lines(text_page: Any, text: str) -> Iterator[tuple[PageLine, float, float]]:
    """Each line with the middle of its first character. pdfium ends a line with CR LF, which count as characters."""
    start = 0
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        if line.strip():
            first = start + len(line) - len(line.lstrip())
            left, bottom, right, top = text_page.get_charbox(first)
            last = start + len(line.rstrip()) - 1
            yield _placed(text_page, line.strip(), first, last), (left + right) / 2, (bottom + top) / 2
        start += len(raw) + 1


def _characters(text_page: Any, text: str) -> list[Character]:
    found, begins_line = [], False
    for place, character in enumerate(text):
        if character in "\r\n":
            begins_line = True
            continue
        left, bottom, right, top = text_page.get_charbox(place)
        found.append(Character(character, (left + right) / 2, (bottom + top) / 2, begins_line))
        begins_line = False
    return found


def _rules(page: Any) -> Iterator[TableRule]:
    """The straight lines of all paths of the page, the edges of rectangles among them."""
    import pypdfium2.raw as pdfium

    x, y = ctypes.c_float(), ctypes.c_float()
    for path in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,)):
        matrix = path.get_matrix()
        begin = last = None
        for number in range(pdfium.FPDFPath_CountSegments(path.raw)):
            segment = pdfium.FPDFPath_GetPathSegment(path.raw, number)
            pdfium.FPDFPathSegment_GetPoint(segment, x, y)
            point = matrix.on_point(x.value, y.value)
            kind = pdfium.FPDFPathSegment_GetType(segment)
            if kind == pdfium.FPDF_SEGMENT_LINETO and last and (rule := rule_between(*last, *point)):
                yield rule
            begin = point if kind == pdfium.FPDF_SEGMENT_MOVETO else begin
            last = point
            if pdfium.FPDFPathSegment_GetClose(segment) and begin and (rule := rule_between(*point, *begin)):
                yield rule


def _placed(text_page: Any, text: str, first: int, last: int) -> PageLine:
    left, bottom, _, top = text_page.get_charbox(first, loose=True)
    _, _, right, _ = text_page.get_charbox(last, loose=True)
    size = abs(top - bottom)
    cells = tuple(_cells(text_page, text, first, size)) if " " in text else ()
    return PageLine(text, left, right, size, -bottom, cells if len(cells) > 1 else ())


def _cells(text_page: Any, text: str, first: int, size: float) -> Iterator[Cell]:
    """The runs between gaps wider than a character; pdfium writes any gap as a space."""
    begin = end = 0
    left = right = 0.0
    for word in re.finditer(r"\S+", text):
        word_left, _, _, _ = text_page.get_charbox(first + word.start(), loose=True)
        _, _, word_right, _ = text_page.get_charbox(first + word.end() - 1, loose=True)
        if end and word_left - right <= _CELL_GAP * size:
            end, right = word.end(), word_right
            continue
        if end:
            yield Cell(text[begin:end], left, right)
        begin, end, left, right = word.start(), word.end(), word_left, word_right
    yield Cell(text[begin:end], left, right)
