"""Reads HTML pages of government portals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from bot.documents.content import (
    Block,
    DocumentContent,
    Heading,
    Paragraph,
    Particulars,
    UnreadableDocument,
    table_paragraphs,
)
from bot.documents.days import first_day
from bot.documents.decoding import decoded
from bot.documents.labels import take_labelled
from bot.documents.published import official
from bot.documents.text_file import UNKNOWN_ENCODING
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
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_-]{2,20})""", re.IGNORECASE)
# What follows the title in <title>: the column and the site.
_SITE = re.compile(r"\s*(?:[_|｜].*|\s-{1,2}\s.*|-{1,2}[^-]{0,30}(?:政府|门户|网|公开|专栏|官网|局|委|厅)[^-]{0,20})$")
# 云河市人民政府门户网站, 首页, Untitled
_NAMES_NO_DOCUMENT = re.compile(
    r"[\x00-\x7f]*|首\s*页|无标题.{0,6}|新建.{0,8}|正文|详情页?|内容页?|文件|政策文件|政府文件"
    r"|(?!.*关于).{1,20}(?:网站?|门户|人民政府|平台|专栏|[局委厅])"
)
# Editors give lines of the text the looks of a title: 三、相关要求, （此件公开发布）, 云府发〔2026〕7号.
_NO_TITLE = re.compile(
    r"[一二三四五六七八九十]+、|[（(][^（）()]*[)）]|.{2,30}\d\s*号$|附\s*件|第[一二三四五六七八九十\d]+[条章]"
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PARAGRAPHS = ("p", "li", "dt", "dd", "pre", "blockquote")
_BLOCKS = (*_HEADINGS, *_PARAGRAPHS, "table", "div", "section", "ul", "ol", "dl")


def read_webpage(path: Path, data: bytes) -> DocumentContent:
    text = _text(data)
    if text is None:
        raise UnreadableDocument(path, UNKNOWN_ENCODING)
    page = BeautifulSoup(text, "lxml")
    declared = _declared(page)
    labelled, is_day_of_signing = take_labelled(page)
    for element in page.find_all(_NOT_CONTENT):
        element.decompose()
    blocks = list(_blocks(_main(page)))
    if blocks and isinstance(blocks[0], Heading) and blocks[0].level == 1 and not _NO_TITLE.match(blocks[0].text):
        blocks = blocks[1:]
    stated = declared.overridden_by(labelled)
    content = official(blocks, stated)
    if is_day_of_signing:
        return content
    # A page is published after the document was signed; the day under the text counts more.
    signed = Particulars(published_on=official(blocks, Particulars(title=stated.title)).particulars.published_on)
    return replace(content, particulars=content.particulars.overridden_by(signed))


def _text(data: bytes) -> str | None:
    """The page in the encoding that it declares, else in the one that fits."""
    declared = _CHARSET.search(data[:4096])
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    if not name or b"\0" in data:
        return decoded(data)
    try:
        # GB 2312 and GBK are parts of GB 18030, and pages declare the smaller one.
        return data.decode("gb18030" if name.startswith("gb") else name)
    except (LookupError, UnicodeDecodeError):
        return decoded(data)


def _declared(page: BeautifulSoup) -> Particulars:
    """Particulars from the `meta` elements of the standard for government websites; a title also from the page."""
    meta = {
        str(tag.get("name") or tag.get("property")).lower(): str(tag.get("content") or "").strip()
        for tag in page.find_all("meta")
    }
    headings = (heading.get_text(" ", strip=True) for heading in page.find_all("h1"))
    title = (
        meta.get("articletitle")
        or next((text for text in headings if text and not _NO_TITLE.match(text)), "")
        or meta.get("og:title")
        or _named_in_window(page)
    )
    return Particulars(
        title=" ".join(title.split()) or None,
        published_on=first_day(meta.get("pubdate", "")),
        issuer=meta.get("contentsource") or None,
        url=next((meta[name] for name in ("url", "og:url") if re.match(WEB_ADDRESS, meta.get(name, ""))), None),
    )


def _named_in_window(page: BeautifulSoup) -> str:
    """The <title> without the name of the site; nothing if it names only the site, or was left as made."""
    name = _SITE.sub("", page.title.get_text(" ", strip=True) if page.title else "")
    return "" if _NAMES_NO_DOCUMENT.fullmatch(name) else name


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
