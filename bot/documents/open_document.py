"""Reads OpenDocument texts (.odt)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from bot.documents.content import Block, DocumentContent, Heading, Paragraph, UnreadableDocument, table_paragraphs
from bot.documents.packages import Package
from bot.documents.published import official

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_NOT_SHOWN = frozenset({f"{_TEXT}tracked-changes", f"{_TEXT}note", f"{_OFFICE}annotation", f"{_OFFICE}forms"})
# A table may say that a cell is repeated a million times.
_MOST_REPEATED = 50


def read_open_document(path: Path, data: bytes) -> DocumentContent:
    package = Package(path, data)
    if "META-INF/manifest.xml" in package.names and b"encryption-data" in package.content("META-INF/manifest.xml"):
        raise UnreadableDocument(path, "加了密码，请去掉密码再存")
    body = package.part("content.xml").find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise UnreadableDocument(path, "打不开，不是完好的 .odt 文件")
    return official(list(_blocks(body)))


def _blocks(element: Element) -> Iterator[Block]:
    for child in element:
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            level = child.get(f"{_TEXT}outline-level", "1")
            for line in _text(child).split("\n"):
                text = line.strip(" \t\u3000")
                if text:
                    is_heading = child.tag == f"{_TEXT}h" and level.isdecimal()
                    yield Heading(int(level), text) if is_heading else Paragraph(text)
        elif child.tag == f"{_TABLE}table":
            rows = [list(_cells(row)) for row in child.iter(f"{_TABLE}table-row")]
            yield from table_paragraphs([row for row in rows if any(row)])
        elif child.tag not in _NOT_SHOWN:
            yield from _blocks(child)


def _cells(row: Element) -> Iterator[str]:
    for cell in row:
        if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            repeated = cell.get(f"{_TABLE}number-columns-repeated", "1")
            text = " ".join(" ".join(_text(part) for part in cell.iter(f"{_TEXT}p")).split())
            yield from [text] * (min(int(repeated), _MOST_REPEATED) if text and repeated.isdecimal() else 1)


def _text(element: Element) -> str:
    if element.tag in _NOT_SHOWN:
        return ""
    special = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
    parts = [element.text or ""]
    for child in element:
        parts += [special.get(child.tag) or _text(child), child.tail or ""]
    return "".join(parts)
