"""Reads plain text files (.txt)."""

from __future__ import annotations

from pathlib import Path

from bot.documents.content import MOST_BLOCKS, TOO_MANY_BLOCKS, DocumentContent, Paragraph, UnreadableDocument
from bot.documents.decoding import decoded
from bot.documents.published import official

UNKNOWN_ENCODING = "认不出文字的编码，请另存为 UTF-8"


def read_text(path: Path, data: bytes) -> DocumentContent:
    text = decoded(data)
    if text is None:
        raise UnreadableDocument(path, UNKNOWN_ENCODING)
    lines = [plain for line in text.splitlines() if (plain := line.strip(" \t\u3000"))]
    if len(lines) > MOST_BLOCKS:
        raise UnreadableDocument(path, TOO_MANY_BLOCKS)
    return official([Paragraph(line) for line in lines])
