"""Reads PDF files that have text. A scan has none and is named as such."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from bot.documents.content import DocumentContent, Paragraph, UnreadableDocument
from bot.documents.layout import PageLine, paragraphs_of
from bot.documents.published import official

MOST_PAGES = 2000
# A page with fewer characters has no text of its own: stamps and page numbers remain on a scan.
_LEAST_CHARACTERS = 20
IS_SCAN = "是扫描件，只有图片没有文字，请换成有文字的文件，或先做文字识别"


def read_pdf(path: Path, data: bytes) -> DocumentContent:
    reader = _reader(path)
    try:
        document = reader.PdfDocument(data)
    except reader.PdfiumError as error:
        reason = "加了密码，请去掉密码再存" if "password" in str(error).lower() else "打不开，不是完好的 .pdf 文件"
        raise UnreadableDocument(path, reason) from None
    try:
        if len(document) > MOST_PAGES:
            raise UnreadableDocument(path, f"超过 {MOST_PAGES} 页，请分开再导入")
        pages = [_lines(page) for page in document]
    except reader.PdfiumError:
        raise UnreadableDocument(path, "打不开，不是完好的 .pdf 文件") from None
    finally:
        document.close()
    characters = sum(len(line.text.strip()) for page in pages for line in page)
    if characters < _LEAST_CHARACTERS * len(pages):
        raise UnreadableDocument(path, IS_SCAN)
    return official([Paragraph(text) for text in paragraphs_of(pages)])


def _reader(path: Path) -> ModuleType:
    try:
        import pypdfium2
    except ImportError:
        raise UnreadableDocument(path, "这台机器没有装读 PDF 的组件 pypdfium2，没有读") from None
    module: ModuleType = pypdfium2
    return module


def _lines(page: Any) -> list[PageLine]:
    """The lines in the order of the file. pdfium ends each with CR LF, which count as characters of the page."""
    text_page = page.get_textpage()
    try:
        text = text_page.get_text_range()
        lines, start = [], 0
        has_places = len(text) == text_page.count_chars()
        for raw in text.split("\n"):
            line = raw.rstrip("\r")
            if line.strip():
                first = start + len(line) - len(line.lstrip())
                last = start + len(line.rstrip()) - 1
                lines.append(_placed(text_page, line.strip(), first, last) if has_places else PageLine(line, 0, 0, 1))
            start += len(raw) + 1
        return lines
    finally:
        text_page.close()


def _placed(text_page: Any, text: str, first: int, last: int) -> PageLine:
    left, bottom, _, top = text_page.get_charbox(first, loose=True)
    _, _, right, _ = text_page.get_charbox(last, loose=True)
    return PageLine(text, left, right, abs(top - bottom))
