"""The period that figures count, in days in China."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.workdays import CHINA

MOST_DAYS = 366
_QUARTERS = "一二三四"


class PeriodRefused(ValueError):
    """The period is not valid; the message is shown to staff, so it is in Chinese."""


@dataclass(frozen=True)
class Period:
    """A period of days; the first and the last day are part of it."""

    first_on: date
    last_on: date

    def __post_init__(self) -> None:
        if self.last_on < self.first_on:
            raise PeriodRefused(f"结束日期 {self.last_on} 早于开始日期 {self.first_on}")
        if (self.last_on - self.first_on).days >= MOST_DAYS:
            raise PeriodRefused(f"一次最多统计 {MOST_DAYS} 天")

    @classmethod
    def of_month(cls, month: str) -> Period:
        """`month` as 2026-11."""
        if not re.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])", month, re.ASCII):
            raise PeriodRefused(f"月份要写成 2026-11 这样，不是“{month}”")
        year, number = int(month[:4]), int(month[5:])
        return cls(date(year, number, 1), date(year, number, monthrange(year, number)[1]))

    @classmethod
    def of_quarter(cls, year: int, quarter: int) -> Period:
        """`quarter`: 1 to 4."""
        month = 3 * quarter - 2
        return cls(date(year, month, 1), cls.of_month(f"{year}-{month + 2:02}").last_on)

    @classmethod
    def between(cls, first: str, last: str) -> Period:
        """Two days as 2026-11-01."""
        return cls(_day(first), _day(last))

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.first_on, time(), CHINA).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the period."""
        return datetime.combine(self.last_on + timedelta(days=1), time(), CHINA).astimezone(UTC)

    @property
    def days(self) -> list[date]:
        return [self.first_on + timedelta(days=number) for number in range((self.last_on - self.first_on).days + 1)]

    @property
    def before(self) -> Period:
        """The month before a month, the quarter before a quarter, otherwise as many days before."""
        last = self.first_on - timedelta(days=1)
        if self.is_quarter:
            return Period.of_quarter(last.year, quarter_of(last))
        return Period(last.replace(day=1) if self.is_month else last - (self.last_on - self.first_on), last)

    @property
    def is_month(self) -> bool:
        first, last = self.first_on, self.last_on
        return first.day == 1 and last == first.replace(day=monthrange(first.year, first.month)[1])

    @property
    def is_quarter(self) -> bool:
        return self == Period.of_quarter(self.first_on.year, quarter_of(self.first_on))

    def __str__(self) -> str:
        if self.is_quarter:
            return f"{self.first_on.year}年第{_QUARTERS[quarter_of(self.first_on) - 1]}季度"
        if self.is_month:
            return f"{self.first_on.year}年{self.first_on.month}月"
        return f"{self.first_on} 至 {self.last_on}"


def quarter_of(day: date) -> int:
    return (day.month + 2) // 3


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PeriodRefused(f"日期要写成 2026-11-01 这样，不是“{text}”") from None
    # `ends_at` needs the day after the last one. In some years before 1992 China had daylight saving time, so not
    # every day had 24 hours.
    if not 2000 <= day.year < 9999:
        raise PeriodRefused(f"没有 {day.year} 年的记录")
    return day
