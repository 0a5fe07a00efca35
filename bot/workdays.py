"""Working days by the State Council's holiday calendar (`chinesecalendar`), and the time zone of all cities."""

from __future__ import annotations

from datetime import date, datetime, timedelta
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


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`, which itself is not counted; `day` if `count` is 0."""
    for _ in range(count):
        day = next_working_day(day)
    return day


def count_working_days(after: date, through: date) -> int:
    """Working days from the day after `after` up to and including `through`; 0 if `through` comes no later."""
    days = (after + timedelta(days=number) for number in range(1, (through - after).days + 1))
    return sum(is_working_day(day) for day in days)


def next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def today_in_china(now: datetime) -> date:
    return now.astimezone(CHINA).date()
