from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.models import Case
from bot.reviews.promises import Clock, Promises, is_overdue, time_left
from bot.settings import Settings, SettingsError
from bot.workdays import CHINA, is_working_day

PROMISES = Promises.of(Settings.from_environment({}))


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-03-02 09:00", "2026-03-02 09:05"),  # a Monday
        ("2026-03-02 17:29", "2026-03-02 17:34"),  # on duty at that instant, and so promised in minutes
        ("2026-03-02 17:30", "2026-03-03 12:00"),
        ("2026-03-02 07:00", "2026-03-02 12:00"),  # duty of the same day is still to come
        ("2026-03-06 18:00", "2026-03-09 12:00"),  # Friday evening
        ("2026-02-27 18:00", "2026-02-28 12:00"),  # a Saturday worked for the Spring Festival
        ("2026-02-28 10:00", "2026-02-28 10:05"),
        ("2026-02-14 18:00", "2026-02-24 12:00"),  # the eve of the nine free days of the Spring Festival
        ("2026-10-01 10:00", "2026-10-08 12:00"),  # National Day
        ("2026-05-01 08:00", "2026-05-06 12:00"),  # Labour Day
        ("2026-12-31 20:00", "2027-01-01 12:00"),  # holidays of 2027 are not published: only weekends are known
    ],
)
def test_the_first_reply_is_due_in_minutes_on_duty_and_else_at_noon(since: str, due: str) -> None:
    assert PROMISES.first_reply_due_at(china(since)) == china(due)


@pytest.mark.parametrize(
    ("since", "department", "closing"),
    [
        ("2026-03-02 10:00", "2026-03-05 17:30", "2026-03-09 17:30"),
        ("2026-03-07 10:00", "2026-03-11 17:30", "2026-03-13 17:30"),  # a Saturday
        ("2026-09-24 16:00", "2026-09-30 17:30", "2026-10-09 17:30"),  # Mid-Autumn and National Day between
        ("2026-02-13 09:30", "2026-02-25 17:30", "2026-02-27 17:30"),  # Spring Festival between
    ],
)
def test_departments_and_closing_are_counted_in_working_days_to_the_end_of_duty(
    since: str, department: str, closing: str
) -> None:
    assert PROMISES.department_due_at(china(since)) == china(department)
    assert PROMISES.closing_due_at(china(since)) == china(closing)


def case(opened: str, **fields: object) -> Case:
    at = china(opened)
    return Case(**{"opened_at": at, "waiting_since": at, "citizen_waits": True, "extended_working_days": 0, **fields})


def test_each_wait_has_its_clock_the_first_the_next_and_the_one_after_a_bad_rating() -> None:
    now, at = china("2026-03-02 10:00"), "2026-03-02 10:00"
    assert PROMISES.due_at(Clock.REPLY, case(at), now) == china("2026-03-02 10:05")
    assert PROMISES.due_at(Clock.REPLY, case(at, first_reply_at=now), now) == china("2026-03-02 10:10")
    assert PROMISES.due_at(Clock.REPLY, case(at, first_reply_at=now, reopened_at=now), now) == china("2026-03-02 10:30")
    assert PROMISES.due_at(Clock.REPLY, case(at, first_reply_at=now, citizen_waits=False), now) == china(
        "2026-03-09 17:30"
    )


def test_a_letter_is_answered_by_the_closing_time_but_a_bad_rating_of_it_soon() -> None:
    now, at = china("2026-03-02 10:00"), "2026-03-02 10:00"
    assert PROMISES.due_at(Clock.REPLY, case(at, kind="complaint"), now) == china("2026-03-09 17:30")
    badly_rated = case(at, kind="complaint", reopened_at=now)
    assert PROMISES.due_at(Clock.REPLY, badly_rated, now) == china("2026-03-02 10:30")


def test_the_days_at_a_department_do_not_count_for_the_clerk_who_takes_the_case_back() -> None:
    waiting = case("2026-03-02 10:00", first_reply_at=china("2026-03-02 10:03"))
    assert PROMISES.due_at(Clock.TAKEN_BACK, waiting, china("2026-03-04 10:00")) == china("2026-03-04 10:10")


def test_nobody_is_promised_a_reply_who_does_not_wait_for_one() -> None:
    sampled = case("2026-03-02 10:00", citizen_waits=False)
    assert PROMISES.due_at(Clock.REPLY, sampled, china("2026-03-02 10:00")) == china("2026-03-09 17:30")


def test_a_department_has_no_longer_than_the_case_itself() -> None:
    now = china("2026-03-06 10:00")
    assert PROMISES.due_at(Clock.DEPARTMENT, case("2026-03-02 10:00"), now) == china("2026-03-09 17:30")
    assert PROMISES.due_at(Clock.DEPARTMENT, case("2026-03-06 10:00"), now) == china("2026-03-11 17:30")


def test_closing_counts_from_the_reopening() -> None:
    again = case("2026-03-02 10:00", reopened_at=china("2026-03-16 10:00"))
    assert PROMISES.due_at(Clock.CLOSING, again, china("2026-03-17 10:00")) == china("2026-03-23 17:30")


def test_time_left_turns_negative_when_overdue() -> None:
    due = china("2026-03-02 10:05")
    waiting = case("2026-03-02 10:00", due_at=due)
    assert time_left(waiting, due - timedelta(minutes=2)) == timedelta(minutes=2)
    assert time_left(waiting, due + timedelta(minutes=2)) == timedelta(minutes=-2)
    assert (is_overdue(waiting, due), is_overdue(waiting, due + timedelta(seconds=1))) == (False, True)
    assert time_left(case("2026-03-02 10:00", due_at=None), due) is None


def test_a_city_promises_what_it_wants() -> None:
    settings = Settings.from_environment(
        {"FIRST_REPLY_MINUTES": "10", "DUTY_STARTS": "8:30", "NEXT_DAY_REPLY_AT": "10:00", "CLOSING_WORKING_DAYS": "1"}
    )
    promises = Promises.of(settings)
    assert promises.first_reply_due_at(china("2026-03-02 08:30")) == china("2026-03-02 08:40")
    assert promises.first_reply_due_at(china("2026-03-02 08:29")) == china("2026-03-02 10:00")
    assert promises.closing_due_at(china("2026-03-06 10:00")) == china("2026-03-09 17:30")
    assert promises.duty_hours == "工作日 08:30—17:30"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DUTY_STARTS", "nine"),
        ("DUTY_ENDS", "25:00"),
        ("NEXT_DAY_REPLY_AT", "12"),
        ("FIRST_REPLY_MINUTES", "0"),
        ("CLOSING_WORKING_DAYS", "-1"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be"):
        Settings.from_environment({name: value})


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
    st.integers(1, 30),
    st.sampled_from([time(8), time(9)]),
)
def test_every_promise_ends_later_on_a_working_day_and_none_ends_before_an_earlier_one(
    since: datetime, minutes: int, starts: time
) -> None:
    promises = replace(PROMISES, first_reply_minutes=minutes, duty_starts=starts)
    at = since.replace(tzinfo=CHINA)
    for due_at in (promises.first_reply_due_at, promises.department_due_at, promises.closing_due_at):
        assert due_at(at) > at
        assert is_working_day(due_at(at).astimezone(CHINA).date())
    assert promises.department_due_at(at) <= promises.closing_due_at(at)
    assert promises.closing_due_at(at) <= promises.closing_due_at(at + timedelta(hours=1))
