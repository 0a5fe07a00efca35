"""Quiet hours and days, by China's clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.helpline.hours import day_began, next_allowed
from bot.workdays import CHINA


def china(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        (china(2, 20, 59), china(2, 20, 59)),
        (china(2, 21), china(3, 8)),
        (china(2, 23, 59), china(3, 8)),
        (china(3, 0), china(3, 8)),
        (china(3, 7, 59), china(3, 8)),
        (china(3, 8), china(3, 8)),
    ],
)
def test_staff_write_to_nobody_at_night(now: datetime, allowed: datetime) -> None:
    assert next_allowed(now, time(21), time(8)) == allowed


def test_quiet_hours_may_be_within_a_day_or_not_at_all() -> None:
    assert next_allowed(china(2, 13), time(12), time(14)) == china(2, 14)
    assert next_allowed(china(2, 14), time(12), time(14)) == china(2, 14)
    assert next_allowed(china(2, 12), time(12), time(12)) == china(2, 12)


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)), st.times(), st.times())
def test_it_is_never_quiet_when_it_is_allowed(now: datetime, starts: time, ends: time) -> None:
    allowed = next_allowed(now.replace(tzinfo=UTC), starts, ends)
    assert now.replace(tzinfo=UTC) <= allowed <= now.replace(tzinfo=UTC) + timedelta(days=1)
    assert next_allowed(allowed, starts, ends) == allowed


def test_the_day_begins_at_midnight_in_china() -> None:
    assert day_began(datetime(2026, 3, 1, 16, tzinfo=UTC)) == china(2, 0)
    assert day_began(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == china(1, 0)
