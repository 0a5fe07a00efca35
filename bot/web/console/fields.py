"""Reads what stands in forms and addresses: numbers, pages and days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from aiohttp import web

from bot.workdays import CHINA

# A number of more digits fits no column of ids.
_MOST_DIGITS = 9
# Beyond these nothing was done and nothing will be.
_YEARS = range(2000, 3000)


def number_in(text: str) -> int | None:
    """The number; None if the text is anything but a few ASCII digits."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def page_number(request: web.Request) -> int:
    """The requested page of a list; 1 if the address has no page, or one that is not a number."""
    return number_in(request.query.get("page", "")) or 1


def day_in(text: str) -> date | None:
    """The day written as `2026-11-28`; None if the text is no day."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def beginning_of(text: str, days_later: int = 0) -> datetime | None:
    """When the day begins in China. None if the text is no day, so that a filter by it is ignored."""
    day = day_in(text)
    if day is None or day.year not in _YEARS:
        return None
    return datetime.combine(day + timedelta(days=days_later), time(), CHINA)
