"""Reads untrusted document files in a child process with limits on time and memory (`bot.bounded`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.bounded import Child, Limits, OutOfBounds
from bot.documents.content import UnreadableDocument
from bot.documents.reader import ReadDocument, companion, read_document

MOST_FILE_BYTES = 32 << 20
# Of one file. A program that reads .doc files starts slowly, so the clock leaves it more than the processor.
READING = Limits(cpu_seconds=6, wall_seconds=90)


@dataclass(frozen=True)
class Unread:
    """The reason why a file could not be read. `is_companion`: the `.yaml` file beside the document is at fault."""

    reason: str
    is_companion: bool


def read_guarded(child: Child, path: Path, data: bytes) -> ReadDocument:
    """Reads a document as `bot.documents.reader.read_document` does, but in the child process.

    Raises:
        UnreadableDocument: also if the file is too large, or reading it takes too much time or memory.
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
    """Runs in the child process; returns the reason instead of raising it."""
    try:
        return read_document(Path(path), data)
    except UnreadableDocument as error:
        return Unread(error.reason, error.path != Path(path))
