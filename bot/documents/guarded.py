"""Reads untrusted document files in a child process with limits on time and memory (`bot.bounded`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bot.bounded import Child, Limits, OutOfBounds
from bot.documents.content import ScannedDocument, UnreadableDocument
from bot.documents.reader import ReadDocument, companion, document_of, read_document
from bot.documents.recognising import RecognisedLine, recognised_lines
from bot.documents.scans import MOST_SCANNED_PAGES, PagePicture, confidence_of, content_of, page_picture

MOST_FILE_BYTES = 32 << 20
# Of one file. A program that reads .doc files starts slowly, so the clock leaves it more than the processor.
READING = Limits(cpu_seconds=6, wall_seconds=90)


@dataclass(frozen=True)
class Unread:
    """The reason why a file could not be read. `is_companion`: the `.yaml` file beside the document is at fault."""

    reason: str
    is_companion: bool
    is_scan: bool = False


def read_guarded(child: Child, path: Path, data: bytes, ocr: Child | None = None) -> ReadDocument:
    """Reads a document as `bot.documents.reader.read_document` does, but in the child process.

    `ocr`: a child that recognises the characters of scans; without it a scan is refused.

    Raises:
        UnreadableDocument: also if the file is too large, or reading it takes too much time or memory.
    """
    if len(data) > MOST_FILE_BYTES:
        raise UnreadableDocument(path, f"超过 {MOST_FILE_BYTES >> 20} MB")
    try:
        read = child.call(read_or_reason, str(path.absolute()), data)
        if ocr and isinstance(read, Unread) and read.is_scan:
            read = child.call(read_scan_or_reason, str(path.absolute()), _recognised(child, ocr, path, data))
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
        return _unread(path, error)


def read_scan_or_reason(path: str, pages: list[list[RecognisedLine]]) -> ReadDocument | Unread:
    """Runs in the child process, as `read_or_reason` does; `pages`: what was recognised of each."""
    try:
        read = document_of(Path(path), content_of(Path(path), pages))
        return replace(read, is_recognised=True, confidence=confidence_of(pages))
    except UnreadableDocument as error:
        return _unread(path, error)


def _unread(path: str, error: UnreadableDocument) -> Unread:
    return Unread(error.reason, error.path != Path(path), isinstance(error, ScannedDocument))


def _recognised(child: Child, ocr: Child, path: Path, data: bytes) -> list[list[RecognisedLine]]:
    """The lines of each page. A page is drawn when the one before has been read, so that one is kept at a time.

    Raises:
        ScannedDocument: there are too many pages, or one took too much time or memory.
    """
    pages: list[list[RecognisedLine]] = []
    drawn = _drawn(child, path, data, 0)
    if drawn.page_count > MOST_SCANNED_PAGES:
        raise ScannedDocument(path, f"超过 {MOST_SCANNED_PAGES} 页的不自动识别")
    for number in range(drawn.page_count):
        drawn = drawn if number == 0 else _drawn(child, path, data, number)
        try:
            pages.append(ocr.call(recognised_lines, drawn.content) if drawn.picture else [])
        except OutOfBounds as error:
            raise ScannedDocument(path, f"自动识别没有成功，第 {number + 1} 页：{error}") from None
    return pages


def _drawn(child: Child, path: Path, data: bytes, number: int) -> PagePicture:
    return child.call(page_picture, str(path.absolute()), data, number)
