"""Reads a document from a file; `docs/document-files.md` describes the formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.documents.content import Content, Particulars, UnreadableDocument, checked_particulars
from bot.documents.markdown import read_markdown
from bot.documents.passages import Excerpt, split
from bot.documents.webpage import read_webpage
from bot.documents.word import read_word

_READERS: dict[str, Callable[[Path, bytes], Content]] = {
    ".md": read_markdown,
    ".html": read_webpage,
    ".htm": read_webpage,
    ".docx": read_word,
}
SUFFIXES = frozenset(_READERS)


@dataclass(frozen=True)
class ReadDocument:
    """A document as read from a file. `title` is never empty; `excerpts` has at least one element."""

    title: str
    particulars: Particulars
    excerpts: list[Excerpt]


def companion(path: Path) -> Path:
    """The path of the file with particulars that the document cannot hold itself: `通知.docx.yaml` for `通知.docx`."""
    return path.with_name(f"{path.name}.yaml")


def read_document(path: Path, data: bytes) -> ReadDocument:
    """Reads `data`, the content of `path`.

    Raises:
        UnreadableDocument: the format is not supported, the file is broken, or it has no text.
    """
    if path.suffix.lower() not in _READERS:
        raise UnreadableDocument(path, "只能读 .md、.html、.htm、.docx")
    content = _READERS[path.suffix.lower()](path, data)
    particulars = content.particulars
    beside = companion(path)
    if beside.exists():
        particulars = particulars.overridden_by(checked_particulars(beside, parsed_yaml(beside)))
    excerpts = split(content.blocks)
    if not excerpts:
        raise UnreadableDocument(path, "没有正文")
    return ReadDocument(particulars.title or path.stem, particulars, excerpts)


def parsed_yaml(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, yaml.YAMLError):
        raise UnreadableDocument(path, "不是 UTF-8 编码的 YAML") from None
