"""Reads a document from a file; `docs/document-files.md` describes the formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from bot.documents.content import (
    MOST_BLOCKS,
    TOO_MANY_BLOCKS,
    DocumentContent,
    Particulars,
    UnreadableDocument,
    checked_particulars,
)
from bot.documents.decoding import clean
from bot.documents.kinds import checked_kind
from bot.documents.markdown import read_markdown
from bot.documents.ofd import read_ofd
from bot.documents.old_word import read_old_word
from bot.documents.open_document import read_open_document
from bot.documents.passages import Excerpt, split
from bot.documents.pdf import read_pdf
from bot.documents.rich_text import read_rich_text
from bot.documents.text_file import read_text
from bot.documents.webpage import read_webpage
from bot.documents.word import read_word

_READERS: dict[str, Callable[[Path, bytes], DocumentContent]] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_text,
    ".html": read_webpage,
    ".htm": read_webpage,
    ".docx": read_word,
    ".pdf": read_pdf,
    ".ofd": read_ofd,
    ".rtf": read_rich_text,
    ".odt": read_open_document,
    ".doc": read_old_word,
    ".wps": read_old_word,
}


@dataclass(frozen=True)
class ReadDocument:
    """A document as read from a file. `title` is never empty; `excerpts` has at least one element.

    `is_recognised`: its text was recognised from a scan, with this mean `confidence`, from 0 to 1.
    """

    title: str
    particulars: Particulars
    excerpts: list[Excerpt]
    is_recognised: bool = False
    confidence: float = 1.0


def companion(path: Path) -> Path:
    """The path of the file with particulars that the document cannot hold itself: `通知.docx.yaml` for `通知.docx`."""
    return path.with_name(f"{path.name}.yaml")


def read_document(path: Path, data: bytes) -> ReadDocument:
    """Reads `data`, the content of `path`.

    Raises:
        UnreadableDocument: the format is not supported, the file is broken, or it has no text.
    """
    checked_kind(path, data)
    return document_of(path, _READERS[path.suffix.lower()](path, data))


def document_of(path: Path, content: DocumentContent) -> ReadDocument:
    """What was read of `path`, with the particulars beside it. Raises `UnreadableDocument`."""
    particulars = content.particulars
    beside = companion(path)
    if beside.exists():
        particulars = particulars.overridden_by(checked_particulars(beside, parsed_yaml(beside)))
    if len(content.blocks) > MOST_BLOCKS:
        raise UnreadableDocument(path, TOO_MANY_BLOCKS)
    excerpts = [cleaned for excerpt in split(content.blocks) if (cleaned := _cleaned(excerpt)).text.strip()]
    if not excerpts:
        raise UnreadableDocument(path, "没有正文")
    return ReadDocument(clean(particulars.title or path.stem), particulars, excerpts)


def _cleaned(excerpt: Excerpt) -> Excerpt:
    return replace(excerpt, heading=clean(excerpt.heading), paragraphs=[clean(text) for text in excerpt.paragraphs])


def parsed_yaml(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, yaml.YAMLError):
        raise UnreadableDocument(path, "不是 UTF-8 编码的 YAML") from None
