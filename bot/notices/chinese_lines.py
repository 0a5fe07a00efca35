"""Breaks Chinese text into lines: no line begins with a closing sign or ends with an opening one (禁则)."""

from __future__ import annotations

import re
from collections.abc import Callable

_NOT_FIRST = frozenset("、，。；：？！）》〉】」』〕”’…—％%,.;:?!)]}")
_NOT_LAST = frozenset("（《〈【「『〔“‘([{")
# A word or number in Latin letters is not broken; a line may be broken after any other character.
_PIECE = re.compile(r"[!-~]+|.", re.DOTALL)


def lines(text: str, width: float, measure: Callable[[str], float], indent: float = 0) -> list[str]:
    """The lines of one paragraph.

    Args:
        width: of a line; `indent`: what the first line has less, in the same unit.
        measure: the width of a text.
    """
    found: list[str] = []
    line: list[str] = []
    left = width - indent
    for piece in _pieces(text, width, measure):
        if line and measure(piece) > left:
            carried = _carried(line, piece)
            if sum(map(measure, (*carried, piece))) > width:
                # So many closing signs in a row fill a line by themselves: the line must fit first of all.
                carried = []
            found.append("".join(line[: len(line) - len(carried)]))
            line, left = carried, width - sum(map(measure, carried))
        line.append(piece)
        left -= measure(piece)
    return [*found, "".join(line)]


def _pieces(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The text in pieces that are not broken; a word longer than a line is split into its letters."""
    found: list[str] = []
    for piece in _PIECE.findall(text):
        found += list(piece) if measure(piece) > width else [piece]
    return found


def _carried(line: list[str], piece: str) -> list[str]:
    """The pieces at the end of `line` that must go to the next line together with `piece`."""
    count, first = 0, piece
    while count < len(line) - 1 and (first[0] in _NOT_FIRST or line[-1 - count][-1] in _NOT_LAST):
        count += 1
        first = line[-count]
    return line[len(line) - count :]
