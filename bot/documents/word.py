"""Reads Word documents (.docx)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.table import Table

from bot.documents.content import (
    Block,
    DocumentContent,
    Heading,
    Paragraph,
    UnreadableDocument,
    table_paragraphs,
)
from bot.documents.packages import Package
from bot.documents.published import official

_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*(\d)", re.IGNORECASE)


def read_word(path: Path, data: bytes) -> DocumentContent:
    Package(path, data)  # refuses bombs, macros and entities
    try:
        document = docx.Document(BytesIO(data))
    except Exception:  # python-docx raises a different type for each way in which a package can be broken
        raise UnreadableDocument(path, "打不开，不是完好的 .docx 文件") from None
    return official(list(_blocks(document)))


def _blocks(document: WordDocument) -> Iterator[Block]:
    styles = ((style.style_id, _HEADING_STYLE.match(style.name or "")) for style in document.styles)
    headings = {name: match for name, match in styles if match}
    for element in document.iter_inner_content():
        if isinstance(element, Table):
            rows = [[" ".join(cell.text.split()) for cell in row.cells] for row in element.rows]
            yield from table_paragraphs([row for row in rows if any(row)])
            continue
        heading = headings.get(element._p.style)  # `element.style` searches all styles each time
        for line in element.text.split("\n"):
            text = line.strip(" \t\u3000")
            if text:
                yield Heading(int(heading[1]), text) if heading else Paragraph(text)
