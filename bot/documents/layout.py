"""Makes paragraphs of the lines of a page, for formats that know only where each line stands (PDF, OFD)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_PAGE_NUMBER = re.compile(r"[-—–－·\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/共]\s*\d{1,4}\s*页?)?[-—–－·\s]*$")
# A line begins a paragraph if it is indented by so many characters, and ends one if it ends so many before the margin.
_INDENT, _SHORT = 1.2, 1.8
_BEGINS = re.compile(
    r"第[零〇一二三四五六七八九十百千\d]+[条章节编]|[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|附件"
)
# Columns of a table are further apart than words.
_GAP = 2.0


@dataclass(frozen=True)
class PageLine:
    """A line of a page, from `left` to `right`; `size`: the height of its characters, in the same unit."""

    text: str
    left: float
    right: float
    size: float


@dataclass(frozen=True)
class Piece:
    """A run of characters on a page. `top` grows downwards."""

    text: str
    left: float
    right: float
    top: float
    size: float


def lines_of(pieces: Iterable[Piece]) -> list[PageLine]:
    """The lines of one page, from top to bottom; pieces stand on one line if their tops are close."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: (one.top, one.left)):
        if rows and abs(rows[-1][0].top - piece.top) < max(rows[-1][0].size, piece.size) * 0.5:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_line(sorted(row, key=lambda one: one.left)) for row in rows]


Margins = tuple[float, float]


def margins_of(lines: Iterable[PageLine]) -> Margins:
    """How far left and right the lines of a page reach, without page numbers."""
    own = [line for line in lines if not _PAGE_NUMBER.match(line.text.strip())]
    return min((line.left for line in own), default=0.0), max((line.right for line in own), default=0.0)


def paragraphs_of(pages: Iterable[Sequence[PageLine]], margins: Sequence[Margins] = ()) -> list[str]:
    """The paragraphs of all pages, without page numbers; one may go on over the end of a page.

    `margins`: of each page, where its lines are only a part of what stands there.
    """
    paragraphs: list[str] = []
    is_open = False
    for number, page in enumerate(pages):
        lines = [line for line in page if line.text.strip() and not _PAGE_NUMBER.match(line.text.strip())]
        if not lines:
            continue
        left, right = margins[number] if margins else margins_of(lines)
        for line in lines:
            text, size = line.text.strip(), max(line.size, 1.0)
            begins = line.left > left + _INDENT * size or bool(_BEGINS.match(text))
            if paragraphs and is_open and not begins:
                paragraphs[-1] = _joined(paragraphs[-1], text)
            else:
                paragraphs.append(text)
            is_open = line.right > right - _SHORT * size and not text.endswith(("：", ":"))
    return paragraphs


def is_furniture(lines: Iterable[PageLine]) -> bool:
    """Whether these are only page numbers."""
    return all(_PAGE_NUMBER.match(line.text.strip()) for line in lines)


def _line(row: Sequence[Piece]) -> PageLine:
    text, right = "", row[0].left
    for piece in row:
        if text and piece.left - right > _GAP * piece.size:
            text += "　"
        text = _joined(text, piece.text)
        right = max(right, piece.right)
    return PageLine(text, row[0].left, right, max(piece.size for piece in row))


def _joined(before: str, after: str) -> str:
    """Two words of Latin letters get a space between them, Chinese does not."""
    is_latin = bool(before and after) and before[-1].isascii() and after[0].isascii()
    return f"{before} {after}" if is_latin and before[-1].isalpha() and after[0].isalpha() else before + after
