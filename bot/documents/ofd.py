"""Reads OFD, the format of official documents (GB/T 33190): a zip of XML pages with text and its places."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from bot.documents.content import DocumentContent, ScannedDocument, UnreadableDocument
from bot.documents.layout import Piece, lines_of
from bot.documents.packages import Package
from bot.documents.pdf import MOST_PAGES, LaidOutPage, blocks_of
from bot.documents.published import official

_ROOT = "OFD.xml"


def read_ofd(path: Path, data: bytes) -> DocumentContent:
    package = Package(path, data)
    pages: list[LaidOutPage] = []
    for _, page in _pages(package):
        if len(pages) >= MOST_PAGES:
            raise UnreadableDocument(path, f"超过 {MOST_PAGES} 页，请分开再导入")
        lines = lines_of(_pieces(page))
        pages.append(LaidOutPage([lines] if lines else []))
    blocks = list(blocks_of(pages))
    if not blocks:
        raise ScannedDocument(path)
    return official(blocks)


@dataclass(frozen=True)
class PagePictures:
    """`names`: of each page the part with its largest picture, empty if it has none."""

    package: Package
    names: Sequence[str]

    def content(self, number: int) -> bytes:
        return self.package.content(self.names[number]) if self.names[number] else b""


def page_pictures(path: Path, data: bytes) -> PagePictures:
    """Raises `UnreadableDocument` if the package is broken."""
    package = Package(path, data)
    media: dict[str, dict[str, str]] = {}
    names = []
    for document, page in _pages(package):
        if document not in media:
            media[document] = _media(package, document)
        shown = sorted(_named(page, "ImageObject"), key=lambda one: _area(one.get("Boundary")))
        names.append(media[document].get(shown[-1].get("ResourceID") or "", "") if shown else "")
    return PagePictures(package, names)


def _pages(package: Package) -> Iterator[tuple[str, Element]]:
    """Each page with the location of its document. A package may name a page that it does not hold."""
    for body in _named(package.part(_ROOT), "DocRoot"):
        document = _under("", body.text)
        for page in _named(package.part(document), "Page"):
            content = _under(posixpath.dirname(document), page.get("BaseLoc"))
            if content in package.names:
                yield document, package.part(content)


def _media(package: Package, document: str) -> dict[str, str]:
    """Identifier → location in the package, of the pictures and the like that the document names as its resources."""
    found = {}
    described = package.part(document)
    for named in (*_named(described, "PublicRes"), *_named(described, "DocumentRes")):
        resources = _under(posixpath.dirname(document), named.text)
        if resources not in package.names:
            continue
        part = package.part(resources)
        folder = _under(posixpath.dirname(resources), part.get("BaseLoc"))
        for one in _named(part, "MultiMedia"):
            file = next(_named(one, "MediaFile"), None)
            location = _under(folder, file.text if file is not None else None)
            if location in package.names:
                found[one.get("ID") or ""] = location
    return found


def _area(boundary: str | None) -> float:
    box = _numbers(boundary)
    return box[2] * box[3] if len(box) == 4 else 0.0


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
