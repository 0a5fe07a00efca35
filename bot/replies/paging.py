"""Long answers in parts of at most 400 characters, since people do not read longer ones, least of all by text."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_TEXT = 400


def first_page(lines: Sequence[str], always: Sequence[str] = ()) -> tuple[str, tuple[str, ...]]:
    """A text of at most `LONGEST_TEXT` characters, cut at a line, and the lines left for “更多”.

    `always` (a question, the source) comes after the lines and is never cut. At least one line is included, however
    long it is.
    """
    lines, always = [line for line in lines if line], [line for line in always if line]
    whole = "\n".join([*lines, *always])
    if len(whole) <= LONGEST_TEXT:
        return whole, ()
    kept = 1
    while kept < len(lines) and len(_page(lines, always, kept + 1)) <= LONGEST_TEXT:
        kept += 1
    if kept > 1 and lines[kept - 1].endswith("："):
        kept -= 1  # a heading stays with the lines below it
    if kept >= len(lines):
        return whole, ()
    return _page(lines, always, kept), tuple(lines[kept:])


def whole(text: str, rest: Sequence[str]) -> str:
    """The answer with the lines that “更多” would bring, for readers who cannot ask for them. The source stays last."""
    if not rest:
        return text
    *lines, source, _left = text.split("\n")
    return "\n".join([*lines, *rest, source])


def _page(lines: Sequence[str], always: Sequence[str], kept: int) -> str:
    left = len(lines) - kept
    return "\n".join([*lines[:kept], *always, f"（还有 {left} 条，回复“更多”接着看）"])
