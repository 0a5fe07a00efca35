"""Lists as text."""

from __future__ import annotations

from collections.abc import Iterable


def numbered(lines: Iterable[str], start: int = 1) -> list[str]:
    """“1. 身份证”, one a line, so that a reply by number needs no button."""
    return [f"{number}. {line}" for number, line in enumerate(lines, start=start)]
