"""Reads plain text files (.txt)."""

from __future__ import annotations

from pathlib import Path

from bot.documents.content import Content, Paragraph, UnreadableDocument
from bot.documents.decoding import decoded
from bot.documents.published import official

UNKNOWN_ENCODING = "认不出文字的编码，请另存为 UTF-8"


def read_text(path: Path, data: bytes) -> Content:
    text = decoded(data)
    if text is None:
        raise UnreadableDocument(path, UNKNOWN_ENCODING)
    lines = (line.strip(" \t\u3000") for line in text.splitlines())
    return official([Paragraph(line) for line in lines if line])
