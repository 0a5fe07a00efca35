"""Reads what stands in forms and addresses: numbers, pages and days."""

from __future__ import annotations

from datetime import date

from aiohttp import web

# A number of more digits fits no column of ids.
_MOST_DIGITS = 9


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
