"""Lists, days, instants and articles as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from bot.workdays import CHINA

# The title 《…》 or the number …号 of a law, then its article if there is one.
_LAW_AND_ARTICLE = re.compile("(.*?(?:》|号(?=第)))(.*)")
_WEEKDAYS = "一二三四五六日"


def numbered(lines: Iterable[str], start: int = 1) -> list[str]:
    """Lines like “1. 身份证”, so that one can answer with a number where there are no buttons."""
    return [f"{number}. {line}" for number, line in enumerate(lines, start=start)]


def day_in_words(day: date) -> str:
    """2026年11月9日"""
    return f"{day.year}年{day.month}月{day.day}日"


def day_with_weekday(day: date) -> str:
    """11月30日（周一）"""
    return f"{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def instant_in_words(instant: datetime) -> str:
    """11月30日（周一）12:00"""
    local = instant.astimezone(CHINA)
    return f"{day_with_weekday(local.date())}{local:%H:%M}"


def span_in_words(begin: datetime, end: datetime) -> str:
    """2026年11月30日 14:30 到 16:00, with the second day if it is another one."""
    first, last = begin.astimezone(CHINA), end.astimezone(CHINA)
    day = "" if first.date() == last.date() else f"{day_in_words(last.date())} "
    return f"{day_in_words(first.date())} {first:%H:%M} 到 {day}{last:%H:%M}"


def cited(bases: Sequence[str], between: str = "、") -> str:
    """A law's title or number once, before all its articles: 《政府信息公开条例》第三十三条、第三十条."""
    articles: dict[str, list[str]] = {}
    for basis in bases:
        found = _LAW_AND_ARTICLE.fullmatch(basis)
        law, article = found.groups() if found else (basis, "")
        articles.setdefault(law, []).append(article)
    return between.join(f"{law}{'、'.join(of_law)}" for law, of_law in articles.items())
