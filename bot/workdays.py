"""Working days as the State Council's holiday calendar has them (`chinesecalendar`), and the time zone of all cities."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import chinese_calendar

CHINA = ZoneInfo("Asia/Shanghai")


def is_published(day: date) -> bool:
    """Whether the holidays of that year are published; if not, only weekends are known to be free."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def is_working_day(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day)) if is_published(day) else day.weekday() < 5


def today_in_china(now: datetime) -> date:
    return now.astimezone(CHINA).date()
