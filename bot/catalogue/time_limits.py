"""How long an item is promised to take: a number and its unit, as the national implementation list counts.

Working days and days of the calendar are never turned into each other: how many of the one are in the other depends on
the day on which they begin (行政许可法 art. 82: working days, without holidays).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.tabular import folded


class TimeUnit(StrEnum):
    """`DAYS`: the list says only 天 or 日, not of which kind."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    DAYS = "days"
    MINUTES = "minutes"
    HOURS = "hours"
    MONTHS = "months"
    YEARS = "years"


# How lists write each unit. The first form is the one that we write.
_WRITTEN = {
    TimeUnit.WORKING_DAYS: ("个工作日", "工作日"),
    TimeUnit.CALENDAR_DAYS: ("个自然日", "自然日", "个日历日", "日历日", "个日历天", "日历天"),
    TimeUnit.DAYS: ("天", "日", "个日"),
    TimeUnit.MINUTES: ("分钟", "分"),
    TimeUnit.HOURS: ("小时", "个小时"),
    TimeUnit.MONTHS: ("个月", "月"),
    TimeUnit.YEARS: ("年",),
}
_UNITS = {word: unit for unit, words in _WRITTEN.items() for word in words}
_LIMIT = re.compile(r"(\d{1,4})\(?(\D*?)\)?(?:以?内)?")
_AT_ONCE = "当场办结"
_UNKNOWN = "写成“5个工作日”“15个自然日”“2个月”“1小时”的样子，当场办结写 0"


@dataclass(frozen=True)
class TimeLimit:
    """`count` 0: at once (当场办结), whatever the unit."""

    count: int
    unit: TimeUnit = TimeUnit.WORKING_DAYS

    @classmethod
    def parse(cls, written: object) -> TimeLimit:
        """“15个自然日”; a number alone is of working days.

        Raises:
            ValueError: it is none; in Chinese.
        """
        text = "".join(folded(str(written)).split())
        if text == _AT_ONCE:
            return cls(0)
        match = _LIMIT.fullmatch(text)
        if match is None or (match[2] and match[2] not in _UNITS):
            raise ValueError(_UNKNOWN if text else "不能为空")
        return cls(int(match[1]), _UNITS.get(match[2], TimeUnit.WORKING_DAYS))

    def __str__(self) -> str:
        """As it is written; `parse` reads it again."""
        return f"{self.count}{self.unit_words}" if self.count else _AT_ONCE

    @property
    def unit_words(self) -> str:
        return _WRITTEN[self.unit][0]

    @property
    def working_days(self) -> int | None:
        """None if it is promised in another unit."""
        return self.count if not self.count or self.unit is TimeUnit.WORKING_DAYS else None
