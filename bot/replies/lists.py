"""Lists, days and articles as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date


def numbered(lines: Iterable[str], start: int = 1) -> list[str]:
    """“1. 身份证”, one a line, so that a reply by number needs no button."""
    return [f"{number}. {line}" for number, line in enumerate(lines, start=start)]


def day_in_words(day: date) -> str:
    """2026年11月9日"""
    return f"{day.year}年{day.month}月{day.day}日"


def cited(bases: Sequence[str], between: str = "、") -> str:
    """A law's title once, before all its articles: 《政府信息公开条例》第三十三条、第三十条."""
    articles: dict[str, list[str]] = {}
    for basis in bases:
        law, article = basis.split("》", 1)
        articles.setdefault(law, []).append(article)
    return between.join(f"{law}》{'、'.join(of_law)}" for law, of_law in articles.items())
