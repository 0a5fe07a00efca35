from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workdays import add_working_days, count_working_days, is_published, is_working_day, today_in_china


@pytest.mark.parametrize(
    ("day", "count", "reached"),
    [
        (date(2026, 11, 10), 0, date(2026, 11, 10)),
        (date(2026, 11, 10), 1, date(2026, 11, 11)),
        (date(2026, 11, 13), 1, date(2026, 11, 16)),  # over a weekend
        (date(2026, 11, 14), 1, date(2026, 11, 16)),  # from a Saturday
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # to a Sunday that is worked for the holiday
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over National Day
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # to a Saturday that is worked for the holiday
    ],
)
def test_working_days_are_added_by_the_holiday_calendar(day: date, count: int, reached: date) -> None:
    assert add_working_days(day, count) == reached


@pytest.mark.parametrize(
    ("after", "through", "count"),
    [
        (date(2026, 11, 10), date(2026, 11, 10), 0),
        (date(2026, 11, 10), date(2026, 11, 9), 0),
        (date(2026, 11, 10), date(2026, 11, 13), 3),
        (date(2026, 11, 13), date(2026, 11, 15), 0),
        (date(2026, 9, 30), date(2026, 10, 10), 3),
    ],
)
def test_the_first_day_is_not_counted_and_the_last_is(after: date, through: date, count: int) -> None:
    assert count_working_days(after, through) == count


@given(st.dates(date(2025, 1, 1), date(2028, 12, 31)), st.integers(1, 60))
def test_what_is_added_is_what_is_counted(day: date, count: int) -> None:
    reached = add_working_days(day, count)
    assert is_working_day(reached)
    assert count_working_days(day, reached) == count


def test_a_year_whose_holidays_are_not_published_counts_weekends_only() -> None:
    new_year = date(2100, 1, 1)
    assert not is_published(new_year)
    assert is_working_day(new_year)
    assert not is_working_day(date(2100, 1, 2))


def test_a_day_in_china_begins_eight_hours_before_utc() -> None:
    assert today_in_china(datetime(2026, 11, 9, 16, tzinfo=UTC)) == date(2026, 11, 10)
