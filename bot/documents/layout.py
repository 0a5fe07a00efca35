"""Makes paragraphs of the lines of a page, for formats that know only where each line stands (PDF, OFD)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_PAGE_NUMBER = re.compile(
    r"[-—–－·\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:[\s，,]*[/共]\s*\d{1,4}\s*页?)?[-—–－·\s]*$|page\s*\d+(?:\s*of\s*\d+)?$",
    re.IGNORECASE,
)
# A line begins a paragraph if it is indented by so many characters, and ends one if it ends so many before the margin.
_INDENT, _SHORT = 1.2, 1.8
# The first line of a paragraph is indented by two; what stands deeper is centred or at the right.
_DEEP = 2.6
_BEGINS = re.compile(
    r"第[零〇一二三四五六七八九十百千\d]+[条章节编]|[一二三四五六七八九十]+、|[(（][一二三四五六七八九十]+[)）]|附件"
)
# The characters of a title are so much larger than those of a text.
_LARGER = 1.2
# Brackets and marks among them
_FIRST_CHINESE = "\u3000"
# So many lines at the top and at the bottom of a page may be furniture, a running head on so many pages.
_EDGE, _LEAST_PAGES = 2, 3
# Words are as far apart as two characters; columns of a table may be nearer.
_GAP, _CELL_GAP = 2.0, 1.1


@dataclass(frozen=True)
class Cell:
    """A run of a line that is far from the others."""

    text: str
    left: float
    right: float


@dataclass(frozen=True)
class PageLine:
    """A line of a page, from `left` to `right`; `size`: the height of its characters, in the same unit.

    `top` grows downwards. `cells`: its runs, if there are several.
    """

    text: str
    left: float
    right: float
    size: float
    top: float = 0.0
    cells: tuple[Cell, ...] = ()


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


def furniture_of(pages: Sequence[Sequence[PageLine]]) -> list[list[PageLine]]:
    """Of each page its page numbers and running heads, which stand at the edge of most pages.

    A number in the middle of a page belongs to its text, and so does a line that only one page has.
    """
    edges = [[*page[:_EDGE], *page[_EDGE:][-_EDGE:]] for page in pages]
    counts = Counter(text for edge in edges for text in {line.text.strip() for line in edge})
    least = max(_LEAST_PAGES, (len(pages) + 1) // 2)
    return [[line for line in edge if _is_page_number(line) or counts[line.text.strip()] >= least] for edge in edges]


def without(page: Iterable[PageLine], taken: Sequence[PageLine]) -> list[PageLine]:
    return [line for line in page if not any(line is one for one in taken)]


def margins_of(lines: Iterable[PageLine]) -> Margins:
    """How far left and right the lines of a page reach."""
    own = list(lines)
    return min((line.left for line in own), default=0.0), max((line.right for line in own), default=0.0)


def paragraphs_of(pages: Iterable[Sequence[PageLine]], margins: Sequence[Margins] = ()) -> list[str]:
    """The paragraphs of all pages, without furniture; one may go on over the end of a page.

    `margins`: of each page, where its lines are only a part of what stands there.
    """
    paragraphs: list[str] = []
    last: PageLine | None = None
    for number, page in enumerate(pages):
        lines = [line for line in page if line.text.strip()]
        if not lines:
            continue
        left, right = margins[number] if margins else margins_of(lines)
        for line in lines:
            text = line.text.strip()
            begins = line.left > left + _INDENT * max(line.size, 1.0) or bool(_BEGINS.match(text)) or _is_row(line)
            if last and not begins and not _differ(last, line):
                paragraphs[-1] = _joined(paragraphs[-1], text)
            else:
                paragraphs.append(text)
            last = line if _goes_on(line, left, right) else None
    return paragraphs


def _goes_on(line: PageLine, left: float, right: float) -> bool:
    """Whether the paragraph of a line may go on with the next one: it reaches the right margin and is not centred."""
    size = max(line.size, 1.0)
    is_full = not _is_row(line) and line.left - left < _DEEP * size and line.right > right - _SHORT * size
    return is_full and not line.text.rstrip().endswith(("：", ":"))


def _is_row(line: PageLine) -> bool:
    """Whether the line looks like a row of a table: its cells must not flow into the next row."""
    return len(line.cells) > 2 or (len(line.cells) == 2 and not _BEGINS.match(line.text.strip()))


def _differ(one: PageLine, other: PageLine) -> bool:
    """Whether the lines are of unlike size. Latin letters and digits are lower than Chinese characters."""
    sizes = sorted((one.size, other.size))
    is_chinese = min(one.text.strip()[0], other.text.strip()[0]) >= _FIRST_CHINESE
    return is_chinese and sizes[0] > 0 and sizes[1] / sizes[0] > _LARGER


def _is_page_number(line: PageLine) -> bool:
    return bool(_PAGE_NUMBER.match(line.text.strip()))


def _line(row: Sequence[Piece]) -> PageLine:
    cells: list[Cell] = []
    text = ""
    for piece in row:
        gap = (piece.left - cells[-1].right) / max(piece.size, 0.1) if cells else 0.0
        text = _joined(f"{text}　" if gap > _GAP else text, piece.text)
        if cells and gap <= _CELL_GAP:
            last = cells.pop()
            cells.append(Cell(_joined(last.text, piece.text), last.left, max(last.right, piece.right)))
        else:
            cells.append(Cell(piece.text, piece.left, max(piece.left, piece.right)))
    size = max(piece.size for piece in row)
    several = tuple(cells) if len(cells) > 1 else ()
    return PageLine(text, row[0].left, cells[-1].right, size, row[0].top, several)


def _joined(before: str, after: str) -> str:
    """Two words of Latin letters get a space between them, Chinese does not."""
    is_latin = bool(before and after) and before[-1].isascii() and after[0].isascii()
    return f"{before} {after}" if is_latin and before[-1].isalpha() and after[0].isalpha() else before + after
