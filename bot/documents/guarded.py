"""Reads a document's file, whoever made it, in a process that gets only so much time and memory (`bot.bounded`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.bounded import Child, OutOfBounds
from bot.documents.content import UnreadableDocument
from bot.documents.reader import ReadDocument, companion, read_document

MOST_FILE_BYTES = 32 << 20


@dataclass(frozen=True)
class Unread:
    """`is_companion`: the file beside the document is what cannot be read."""

    reason: str
    is_companion: bool


def read_guarded(child: Child, path: Path, data: bytes) -> ReadDocument:
    """As `bot.documents.reader.read_document`.

    Raises:
        UnreadableDocument: also when the file is too large, or takes too long or too much memory.
    """
    if len(data) > MOST_FILE_BYTES:
        raise UnreadableDocument(path, f"超过 {MOST_FILE_BYTES >> 20} MB")
    try:
        read = child.call(read_or_reason, str(path.absolute()), data)
    except OutOfBounds as error:
        raise UnreadableDocument(path, str(error)) from None
    if isinstance(read, Unread):
        raise UnreadableDocument(companion(path) if read.is_companion else path, read.reason)
    return read


def read_or_reason(path: str, data: bytes) -> ReadDocument | Unread:
    """The child's side."""
    try:
        return read_document(Path(path), data)
    except UnreadableDocument as error:
        return Unread(error.reason, error.path != Path(path))
