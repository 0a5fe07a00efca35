"""Reads Markdown: with YAML front matter, or a statute with title and enactment above `<!-- INFO END -->`.

Each line is a block of its own, because statutes put each item on its own line. markdown-it reads only the markup
within a line; everything else here takes time linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

from bot.documents.content import (
    Block,
    DocumentContent,
    Heading,
    Paragraph,
    Particulars,
    UnreadableDocument,
    checked_particulars,
    table_paragraphs,
)
from bot.documents.decoding import decoded
from bot.documents.text_file import UNKNOWN_ENCODING

_END_OF_ENACTMENT = "<!-- INFO END -->"
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"(#{1,6})\s+")
# CommonMark requires a space between `**` and Chinese quotation marks, but nobody writes one.
_BOLD = re.compile(r"\*\*([^*]+)\*\*|__([^_]+)__")
_QUOTE_OR_ITEM = re.compile(r"[>\s]*>\s*|[-*+]\s+")
_TABLE_RULE = "|:- \t"
_INLINE = MarkdownIt("zero").enable(["link", "image", "backticks"])
_INLINE_SIGNS = frozenset("[`")
_NAME_DATE = re.compile(r"\((\d{4})-(\d{2})-(\d{2})\)$")
_LINE_DATE = re.compile(r"(\d{4})[年-](\d{1,2})[月-](\d{1,2})日?")
_ORDER = re.compile(r"(?:中华人民共和国)?([一-龥、]{2,20}令)\s*第?\s*(\d+)\s*号")
_ISSUER = re.compile(r"(全国人民代表大会常务委员会|全国人民代表大会|国务院)")


def read_markdown(path: Path, data: bytes) -> DocumentContent:
    text = decoded(data)
    if text is None:
        raise UnreadableDocument(path, UNKNOWN_ENCODING)
    text = text.replace("\r\n", "\n").replace("\0", "")
    if _END_OF_ENACTMENT in text:
        enactment, body = text.split(_END_OF_ENACTMENT, 1)
        return DocumentContent(_statute_particulars(path, enactment), list(_blocks(body)))
    particulars = Particulars()
    front_matter = _FRONT_MATTER.match(text)
    if front_matter:
        particulars = checked_particulars(path, _parsed(path, front_matter[1]))
        text = text[front_matter.end() :]
    blocks = list(_blocks(text))
    if blocks and isinstance(blocks[0], Heading) and blocks[0].level == 1:
        particulars = Particulars(title=blocks[0].text).overridden_by(particulars)
        blocks = blocks[1:]
    return DocumentContent(particulars, blocks)


def _parsed(path: Path, front_matter: str) -> object:
    try:
        return yaml.safe_load(front_matter)
    except (yaml.YAMLError, ValueError):  # ValueError: a date such as 2026-02-30
        raise UnreadableDocument(path, "文件头（两行 --- 之间）不是正确的 YAML") from None


def _statute_particulars(path: Path, enactment: str) -> Particulars:
    """The particulars of a statute. It is published on the date in the file name, else of the last enactment line."""
    lines = [line.strip() for line in enactment.splitlines() if line.strip()]
    titles = [line.lstrip("# ").strip() for line in lines if line.startswith("#")]
    dated = [line for line in lines if _LINE_DATE.match(line)]
    enacted = [line for line in dated if "施行" not in line]
    orders = [match for line in enacted if (match := _ORDER.search(line))]
    issuer = _ISSUER.search(enacted[0]) if enacted else None
    in_name = _NAME_DATE.search(path.stem)
    takes_effect = next((line for line in reversed(dated) if line.endswith("施行")), "")
    return Particulars(
        title=" ".join(titles) or _NAME_DATE.sub("", path.stem),
        number=f"{orders[-1][1]}第{orders[-1][2]}号" if orders else None,
        issuer=issuer[1] if issuer else (orders[0][1].removesuffix("令") if orders else None),
        published_on=_as_date(in_name or (_LINE_DATE.match(enacted[-1]) if enacted else None)),
        effective_on=_as_date(_LINE_DATE.match(takes_effect)),
    )


def _as_date(match: re.Match[str] | None) -> date | None:
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _blocks(text: str) -> Iterator[Block]:
    table: list[list[str]] = []
    for raw in [*_without_comments(text).splitlines(), ""]:
        line = raw.strip(" \t\u3000")
        if line.startswith("|"):
            if line.strip(_TABLE_RULE):
                table.append([_plain(cell) for cell in line.strip("|").split("|")])
            continue
        if table:
            yield from table_paragraphs(table)
            table = []
        heading = _HEADING.match(line)
        if heading:
            yield Heading(len(heading[1]), _plain(line[heading.end() :].rstrip().rstrip("#")))
        elif line and (plain := _plain(line)):
            yield Paragraph(plain)


def _plain(text: str) -> str:
    text = _BOLD.sub(lambda match: match[1] or match[2], text.strip())
    if _INLINE_SIGNS & set(text):
        pieces = _INLINE.parseInline(text)[0].children or []
        text = "".join(piece.content for piece in pieces if piece.type != "image")
    start = _QUOTE_OR_ITEM.match(text)
    return text[start.end() if start else 0 :].strip()


def _without_comments(text: str) -> str:
    """The text without HTML comments; an unclosed comment stays as text."""
    kept, end = [], 0
    while (start := text.find("<!--", end)) >= 0 and (close := text.find("-->", start)) >= 0:
        kept.append(text[end:start])
        end = close + len("-->")
    return "".join([*kept, text[end:]])
