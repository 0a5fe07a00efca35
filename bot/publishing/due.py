"""When information has to be published, and what has to be there on a day.

条例 art. 26: within 20 working days from the day on which it was made or changed, unless another law sets a term.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.publishing.models import Duty, Information
from bot.publishing.terms import WORKING_DAYS, Frequency, TermUnit
from bot.workdays import add_working_days, count_working_days


@dataclass(frozen=True)
class Expected:
    """What a duty demands on a day: something made from `begins` through `ends`. `due_on` None: no day is set."""

    period: str
    begins: date
    ends: date
    due_on: date | None


def due_on(counted_from: date, duty: Duty | None) -> date:
    """The last day for publishing. The day from which the term is counted is not counted itself."""
    if duty is None:
        return add_working_days(counted_from, WORKING_DAYS)
    if duty.until:
        return _day_of_year(counted_from.year, duty.until)
    if duty.unit == TermUnit.DAYS:
        return counted_from + timedelta(days=duty.days)
    return add_working_days(counted_from, duty.days)


def expected(duty: Duty, today: date) -> Expected | None:
    """What must have been made by now: in the last month, quarter or year that is over, or ever; None if nothing.

    A duty with a day of the year is expected from the beginning of each year on, and late after that day.
    """
    if duty.frequency == Frequency.ONCE:
        return Expected("", date.min, today, None)
    if duty.until:
        begins, ends = date(today.year, 1, 1), date(today.year, 12, 31)
        return Expected(f"{today.year}年", begins, ends, _day_of_year(today.year, duty.until))
    if duty.frequency == Frequency.YEAR:
        year = today.year - 1
        return Expected(f"{year}年", date(year, 1, 1), date(year, 12, 31), date(year, 12, 31))
    if duty.frequency == Frequency.QUARTER:
        ends = date(today.year, (today.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)
        period = f"{ends.year}年第{'一二三四'[ends.month // 3 - 1]}季度"
        return Expected(period, date(ends.year, ends.month - 2, 1), ends, ends)
    if duty.frequency == Frequency.MONTH:
        ends = today.replace(day=1) - timedelta(days=1)
        return Expected(f"{ends.year}年{ends.month}月", ends.replace(day=1), ends, ends)
    return None


def days_late(information: Information, today: date) -> int:
    """Working days after the term on which it was published or, if it is not, that have passed; 0 in time."""
    if information.withheld_why:
        return 0
    return count_working_days(information.due_on, information.published_on or today)


def is_late(information: Information, today: date) -> bool:
    """Whether it should have been published by now and is not."""
    return information.published_on is None and not information.withheld_why and today > information.due_on


def _day_of_year(year: int, until: str) -> date:
    month, day = map(int, until.split("-"))
    return date(year, month, day)
