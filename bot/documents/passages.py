"""Cuts a document into the passages that answers quote: by article where it has articles, else by section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from bot.documents.content import Block, Heading, Paragraph
from bot.language.numerals import parse_numeral

LONGEST_SECTION = 500
_LONGEST_SENTENCE = 2000

_NUMERAL = "零〇一二两三四五六七八九十百千"
_ARTICLE = re.compile(rf"(第([{_NUMERAL}]+|\d+)条(?:之[{_NUMERAL}]+)?)([\s\u3000：:]*)")
# These follow a reference in running text, never an article's own number: 第五条规定的, 第五条、第六条, 第五条第二款.
_REFERENCE = re.compile(r"[、和及至到或与的规所第中]")
_ANNEX = re.compile(r"附(?:件|表|录)?[一二三四五六七八九十\d]*(?:[：:\s].{0,30})?$")
_CHAPTER = re.compile(rf"第[{_NUMERAL}\d]+([编章节])[\s\u3000]*.{{0,30}}$")
_NUMBERED_HEADING = re.compile(r"([一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）])[^。；：:]{1,30}$")
# A heading that ends with a full stop, before its text: （一）指导思想。坚持便民。
_HEADING_WITH_STOP = re.compile(
    r"(([一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）])[^。；：:，]{2,30})。(.*)$", re.DOTALL
)
_CHAPTER_LEVELS = {"编": 1, "章": 2, "节": 3}
_SENTENCE_END = re.compile(r"(?<=[。！？；])")


@dataclass
class Excerpt:
    """`heading` holds the headings above it, the highest first."""

    heading: str
    article: str | None
    paragraphs: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


def split(blocks: Sequence[Block]) -> list[Excerpt]:
    has_articles = sum(1 for _ in _articles(blocks)) >= 2
    excerpts: list[Excerpt] = []
    for excerpt in _by_article(blocks) if has_articles else _by_heading(blocks):
        # An article stays whole, so that it can be quoted as one.
        excerpts.extend([excerpt] if excerpt.article else _short(excerpt))
    return [excerpt for excerpt in excerpts if excerpt.text]


def work_of(heading: str) -> tuple[str, str]:
    """What a notice issues, if the heading is in it, and the headings below: 《云河市犬只管理办法》, 第一章 总则."""
    first, _, rest = heading.partition(" / ")
    return (first, rest) if first.startswith("《") and first.endswith("》") else ("", heading)


def sentences(text: str) -> list[str]:
    """The sentences of a text; an item of a list counts as one."""
    parts = (part.strip() for line in text.split("\n") for part in _SENTENCE_END.split(line))
    return [part for part in parts if part]


def _articles(blocks: Iterable[Block]) -> Iterator[tuple[Block, re.Match[str] | None]]:
    """The blocks that begin an article, each with its match."""
    last = 0
    for block in blocks:
        match = _ARTICLE.match(block.text)
        if match is None:
            continue
        number = parse_numeral(match[2])
        follows = number in (last, last + 1) and not _REFERENCE.match(block.text[match.end() :])
        if match[3] or follows or match.end() == len(block.text):
            last = number
            yield block, match


def _by_article(blocks: Sequence[Block]) -> Iterator[Excerpt]:
    beginnings = {id(block): match for block, match in _articles(blocks)}
    headings = _Headings()
    excerpt = Excerpt("", None)
    for block in blocks:
        match = beginnings.get(id(block))
        if match:
            yield excerpt
            rest = block.text[match.end() :].strip()
            excerpt = Excerpt(headings.path, match[1], [rest] if rest else [])
        elif heading := _heading_of(block):
            yield excerpt
            headings.enter(heading)
            excerpt = Excerpt(headings.path, None)
        else:
            excerpt.paragraphs.append(block.text)
    yield excerpt


def _by_heading(blocks: Sequence[Block]) -> Iterator[Excerpt]:
    headings = _Headings()
    excerpt = Excerpt("", None)
    for block, following in zip(blocks, [*blocks[1:], None], strict=False):
        heading, rest = _heading_of(block), ""
        if heading is None and isinstance(block, Paragraph):
            heading, rest = _numbered(block, following)
        if heading:
            yield excerpt
            headings.enter(heading)
            excerpt = Excerpt(headings.path, None, [rest] if rest else [])
        else:
            excerpt.paragraphs.append(block.text)
    yield excerpt


def _heading_of(block: Block) -> Heading | None:
    """The heading if the block is one: a heading in the file, or a line that begins a chapter or an annex."""
    if isinstance(block, Heading):
        return block
    if block.is_heading is False:
        return None
    if chapter := _CHAPTER.match(block.text):
        return Heading(_CHAPTER_LEVELS[chapter[1]], block.text)
    return Heading(1, block.text) if _ANNEX.match(block.text) else None


def _numbered(block: Paragraph, following: Block | None) -> tuple[Heading | None, str]:
    """The heading of a paragraph that begins with 一、 or （一）, and what follows: （一）指导思想。坚持便民。

    （一）身份证。 with nothing below it but the next number is an item of a list.
    """
    if block.is_heading is False:
        return None, ""
    if match := _NUMBERED_HEADING.match(block.text):
        return Heading(5 if match[1].endswith("、") else 6, block.text), ""
    match = _HEADING_WITH_STOP.match(block.text)
    is_item = following is None or bool(_HEADING_WITH_STOP.match(following.text))
    if match and (match[3].strip() or not is_item):
        return Heading(5 if match[2].endswith("、") else 6, match[1]), match[3].strip()
    return None, ""


class _Headings:
    """The headings above the current block."""

    def __init__(self) -> None:
        self._above: list[Heading] = []

    def enter(self, heading: Heading) -> None:
        self._above = [above for above in self._above if above.level < heading.level] + [heading]

    @property
    def path(self) -> str:
        return " / ".join(" ".join(heading.text.split()) for heading in self._above)


def _short(section: Excerpt) -> Iterator[Excerpt]:
    """The section in parts of at most `LONGEST_SECTION` characters, cut between paragraphs, else between sentences."""
    part = Excerpt(section.heading, None)
    for paragraph in section.paragraphs:
        for piece in [paragraph] if len(paragraph) <= LONGEST_SECTION else _pieces(paragraph):
            if part.paragraphs and len(part.text) + len(piece) > LONGEST_SECTION:
                yield part
                part = Excerpt(section.heading, None)
            part.paragraphs.append(piece)
    yield part


def _cut(sentence: str) -> Iterator[str]:
    """A sentence as it is; what is far too long to be one in parts."""
    for start in range(0, len(sentence), _LONGEST_SENTENCE):
        yield sentence[start : start + _LONGEST_SENTENCE]


def _pieces(paragraph: str) -> Iterator[str]:
    piece = ""
    for sentence in chain.from_iterable(map(_cut, sentences(paragraph))):
        if piece and len(piece) + len(sentence) > LONGEST_SECTION:
            yield piece
            piece = ""
        piece += sentence
    yield piece
