"""Working days by the State Council's holiday calendar, and the time zone of all cities.

The holidays come from the package `chinesecalendar`. For a year that its release does not know, they come from the file
that `python -m bot import-holidays` wrote, if `follow` was called with it; else only weekends are known to be free.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Holidays:
    """The arrangement of whole years: `free` days, and weekend days that are `worked` for them (调休上班)."""

    free: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    @property
    def years(self) -> set[int]:
        return {day.year for day in self.free}

    def to_json(self) -> str:
        return json.dumps({"free": _written(self.free), "worked": _written(self.worked)}, indent=1)

    @classmethod
    def from_json(cls, content: str) -> Holidays:
        days = json.loads(content)
        return cls(*(frozenset(map(date.fromisoformat, days[kind])) for kind in ("free", "worked")))


class _Followed:
    """The imported holidays, read again whenever their file is replaced."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._holidays = Holidays()

    def holidays(self) -> Holidays:
        if self._path is None:
            return self._holidays
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return Holidays()
        stamp = found.st_mtime_ns, found.st_ino
        if stamp != self._stamp:
            self._holidays, self._stamp = Holidays.from_json(self._path.read_text(encoding="utf-8")), stamp
        return self._holidays


_followed = _Followed(None)


def follow(path: Path | None) -> None:
    """From now on the holidays in the file count too, and what replaces it; None: only those of the package."""
    global _followed
    _followed = _Followed(path)


def is_published(day: date) -> bool:
    """Whether the holidays of that year are known; if not, only weekends are known to be free."""
    return _by_package(day) is not None or day.year in _followed.holidays().years


def is_in_package(year: int) -> bool:
    return _by_package(date(year, 1, 1)) is not None


def is_working_day(day: date) -> bool:
    by_package = _by_package(day)
    if by_package is not None:
        return by_package
    holidays = _followed.holidays()
    return day in holidays.worked or (day.weekday() < 5 and day not in holidays.free)


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


@lru_cache(maxsize=8192)
def _by_package(day: date) -> bool | None:
    """Whether the package calls the day a working day; None for a year that it does not know."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


def _written(days: frozenset[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]
