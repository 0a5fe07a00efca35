"""Reads Word documents (.docx)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docx
from docx.document import Document as WordDocument
from docx.table import Table

from bot.bounded import TOO_LARGE
from bot.documents.content import (
    Block,
    Content,
    Heading,
    Paragraph,
    Particulars,
    UnreadableDocument,
    table_paragraphs,
)
from bot.documents.published import shown_particulars

_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*(\d)", re.IGNORECASE)
_LONGEST_TITLE = 60
# Limit for all XML parts of the file; pictures are not opened. A statute book of 1,000 pages has 5 MB.
_MOST_XML_BYTES = 48 << 20


def read_word(path: Path, data: bytes) -> Content:
    _refuse_bomb(path, data)
    try:
        document = docx.Document(BytesIO(data))
    except Exception:  # python-docx raises a different type for each way in which a package can be broken
        raise UnreadableDocument(path, "打不开，不是完好的 .docx 文件") from None
    blocks = list(_blocks(document))
    title = None
    # The first block is the title, unless it is long or ends like running text.
    if blocks and len(blocks[0].text) <= _LONGEST_TITLE and not blocks[0].text.endswith(("。", "；", "：")):
        title = blocks[0].text
        blocks = blocks[1:]
    shown, rest = shown_particulars(blocks)
    return Content(shown.overridden_by(Particulars(title=title)), rest)


def _refuse_bomb(path: Path, data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            members = [member for member in package.infolist() if member.filename.lower().endswith((".xml", ".rels"))]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableDocument(path, "打不开，不是完好的 .docx 文件") from None
    if sum(member.file_size for member in members) > _MOST_XML_BYTES:
        raise UnreadableDocument(path, TOO_LARGE)


def _blocks(document: WordDocument) -> Iterator[Block]:
    for element in document.iter_inner_content():
        if isinstance(element, Table):
            rows = [[" ".join(cell.text.split()) for cell in row.cells] for row in element.rows]
            yield from table_paragraphs([row for row in rows if any(row)])
            continue
        style = (element.style.name if element.style else None) or ""
        heading = _HEADING_STYLE.match(style)
        for line in element.text.split("\n"):
            text = line.strip(" \t\u3000")
            if text:
                yield Heading(int(heading[1]), text) if heading else Paragraph(text)
