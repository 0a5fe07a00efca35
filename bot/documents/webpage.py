"""Reads HTML pages of government portals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from bot.documents.content import Block, Content, Heading, Paragraph, Particulars, table_paragraphs
from bot.documents.published import parsed_date, shown_particulars
from bot.links import WEB_ADDRESS

_NOT_CONTENT = (
    "script",
    "style",
    "noscript",
    "template",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "button",
    "iframe",
)
# Selectors of the main text, most reliable first; ids and classes are those of widely used publishing systems.
_CONTENT = ("#UCAP-CONTENT", ".TRS_Editor", "#zoom", "#Zoom", "article", "main", "[role=main]", "#content", ".content")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PARAGRAPHS = ("p", "li", "dt", "dd", "pre", "blockquote")
_BLOCKS = (*_HEADINGS, *_PARAGRAPHS, "table", "div", "section", "ul", "ol", "dl")


def read_webpage(path: Path, data: bytes) -> Content:  # noqa: ARG001 (every reader takes the path)
    page = BeautifulSoup(data, "lxml")
    declared = _declared(page)
    for element in page.find_all(_NOT_CONTENT):
        element.decompose()
    blocks = list(_blocks(_main(page)))
    if blocks and isinstance(blocks[0], Heading) and blocks[0].level == 1:
        blocks = blocks[1:]
    shown, rest = shown_particulars(blocks)
    return Content(shown.overridden_by(declared), rest)


def _declared(page: BeautifulSoup) -> Particulars:
    """Particulars from the `meta` elements of the standard for government websites; a title also from the page."""
    meta = {
        str(tag.get("name") or tag.get("property")).lower(): str(tag.get("content") or "").strip()
        for tag in page.find_all("meta")
    }
    heading = page.find("h1")
    title = (
        meta.get("articletitle")
        or (heading.get_text(" ", strip=True) if heading else "")
        or meta.get("og:title")
        or (page.title.get_text(strip=True) if page.title else "")
    )
    return Particulars(
        title=" ".join(title.split()) or None,
        published_on=parsed_date(meta.get("pubdate", "")),
        issuer=meta.get("contentsource") or None,
        url=next((meta[name] for name in ("url", "og:url") if re.match(WEB_ADDRESS, meta.get(name, ""))), None),
    )


def _main(page: BeautifulSoup) -> Tag:
    for selector in _CONTENT:
        found = page.select_one(selector)
        if found is not None and found.get_text(strip=True):
            return found
    return page.body or page


def _blocks(element: Tag) -> Iterator[Block]:
    loose = ""
    for child in element.children:
        if isinstance(child, Tag) and (child.name in _BLOCKS or child.find(_BLOCKS) is not None):
            yield from _paragraphs(loose)
            loose = ""
            yield from _block(child)
        elif isinstance(child, Tag):
            loose += "\n" if child.name == "br" else child.get_text()
        elif type(child).__name__ == "NavigableString":  # its subclasses are comments and the like
            # A line break in the source is not a line break on the page.
            loose += " ".join(str(child).split("\n"))
    yield from _paragraphs(loose)


def _block(element: Tag) -> Iterator[Block]:
    if element.name in _HEADINGS:
        text = " ".join(element.get_text().split())
        if text:
            yield Heading(_HEADINGS.index(element.name) + 1, text)
    elif element.name == "table":
        rows = [
            [" ".join(cell.get_text().split()) for cell in row.find_all(("th", "td"))] for row in element.find_all("tr")
        ]
        # Some portals lay out a whole page as a table with one cell per row.
        if any(len(row) > 1 for row in rows):
            yield from table_paragraphs([row for row in rows if any(row)])
        else:
            for cell in element.find_all(("th", "td")):
                yield from _blocks(cell)
    else:
        yield from _blocks(element)


def _paragraphs(text: str) -> Iterator[Paragraph]:
    for line in text.split("\n"):
        plain = " ".join(line.split())
        if plain:
            yield Paragraph(plain)
