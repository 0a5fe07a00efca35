"""Time spans in Chinese words, for cases."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.reviews.models import Case
from bot.reviews.promises import time_left

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(span: timedelta) -> str:
    """`3 分钟`, `2 小时 5 分`, `4 天`: as exact as a clerk needs. `console-cases.js` must use the same words."""
    seconds = int(span.total_seconds())
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} 分钟"
    if seconds < _DAY:
        minutes = seconds % _HOUR // _MINUTE
        return f"{seconds // _HOUR} 小时" + (f" {minutes} 分" if minutes else "")
    return f"{seconds // _DAY} 天"


def time_left_words(case: Case, now: datetime) -> str:
    """The time until the promise ends; empty once the case is closed."""
    left = time_left(case, now)
    return "" if left is None else span_left(left)


def span_left(left: timedelta) -> str:
    return f"还剩 {duration(left)}" if left >= timedelta(0) else f"超时 {duration(-left)}"
