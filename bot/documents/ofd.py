"""Reads OFD, the format of official documents (GB/T 33190): a zip of XML pages with text and its places."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from bot.documents.content import DocumentContent, UnreadableDocument
from bot.documents.layout import Piece, lines_of
from bot.documents.packages import Package
from bot.documents.pdf import IS_SCAN, MOST_PAGES, LaidOutPage, blocks_of
from bot.documents.published import official

_ROOT = "OFD.xml"


def read_ofd(path: Path, data: bytes) -> DocumentContent:
    package = Package(path, data)
    pages: list[LaidOutPage] = []
    for body in _named(package.part(_ROOT), "DocRoot"):
        document = _under("", body.text)
        for page in _named(package.part(document), "Page"):
            if len(pages) >= MOST_PAGES:
                raise UnreadableDocument(path, f"超过 {MOST_PAGES} 页，请分开再导入")
            content = _under(posixpath.dirname(document), page.get("BaseLoc"))
            # A package may name a page that it does not hold.
            if content in package.names:
                lines = lines_of(_pieces(package.part(content)))
                pages.append(LaidOutPage([lines] if lines else []))
    blocks = list(blocks_of(pages))
    if not blocks:
        raise UnreadableDocument(path, IS_SCAN)
    return official(blocks)


def _under(folder: str, location: str | None) -> str:
    """A location in the package: from its root if it begins with a slash, else from the folder."""
    plain = (location or "").strip()
    return posixpath.normpath(plain.lstrip("/") if plain.startswith("/") else posixpath.join(folder, plain))


def _named(element: Element, name: str) -> Iterator[Element]:
    """The elements of this name, in any namespace: makers of OFD files use several."""
    return (one for one in element.iter() if one.tag.rsplit("}", 1)[-1] == name)


def _pieces(page: Element) -> Iterator[Piece]:
    for shown in _named(page, "TextObject"):
        box = _numbers(shown.get("Boundary"))
        size = next(iter(_numbers(shown.get("Size"))), 4.0)
        left, top, width = (box[0], box[1], box[2]) if len(box) == 4 else (0.0, 0.0, 0.0)
        for code in _named(shown, "TextCode"):
            text = "".join(code.itertext()).strip("\r\n")
            if text.strip():
                start = left + next(iter(_numbers(code.get("X"))), 0.0)
                line = top + next(iter(_numbers(code.get("Y"))), 0.0)
                yield Piece(text, start, max(left + width, start), line, size)


def _numbers(text: str | None) -> list[float]:
    try:
        return [float(part) for part in (text or "").split()]
    except ValueError:
        return []
