"""The promises to citizens: when each step of a case is due. All instants have a time zone.

The length of each promise is a setting (`bot.settings`); `docs/reviews.md` lists them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache

from bot.reviews.models import Case
from bot.reviews.reasons import LETTERS
from bot.settings import Settings
from bot.workdays import CHINA, add_working_days, is_working_day, next_working_day


class Clock(Enum):
    """The promise that applies. REPLY is the next reply while the citizen waits for one, otherwise the closing.

    TAKEN_BACK is the same, counted from now: the days before belong to the department.
    """

    REPLY = "reply"
    TAKEN_BACK = "taken_back"
    DEPARTMENT = "department"
    CITIZEN = "citizen"
    CLOSING = "closing"
    NONE = "none"


@dataclass(frozen=True)
class Promises:
    """The lengths of all promises. Times of day are in China's time zone."""

    first_reply_minutes: int
    next_reply_minutes: int
    bad_rating_reply_minutes: int
    next_day_reply_at: time
    signing_working_days: int
    department_working_days: int
    closing_working_days: int
    citizen_working_days: int
    answered_days: int
    duty_starts: time
    duty_ends: time

    @classmethod
    def of(cls, settings: Settings) -> Promises:
        return cls(
            first_reply_minutes=settings.first_reply_minutes,
            next_reply_minutes=settings.next_reply_minutes,
            bad_rating_reply_minutes=settings.bad_rating_reply_minutes,
            next_day_reply_at=settings.next_day_reply_at,
            signing_working_days=settings.signing_working_days,
            department_working_days=settings.department_working_days,
            closing_working_days=settings.closing_working_days,
            citizen_working_days=settings.citizen_working_days,
            answered_days=settings.answered_days,
            duty_starts=settings.duty_starts,
            duty_ends=settings.duty_ends,
        )

    @property
    def duty_hours(self) -> str:
        return f"工作日 {self.duty_starts:%H:%M}—{self.duty_ends:%H:%M}"

    def is_on_duty(self, now: datetime) -> bool:
        """Whether staff are at their desks at that instant."""
        local = now.astimezone(CHINA)
        return is_working_day(local.date()) and self.duty_starts <= local.time() < self.duty_ends

    def first_reply_due_at(self, since: datetime) -> datetime:
        return self._reply_due_at(since, self.first_reply_minutes)

    def next_reply_due_at(self, since: datetime) -> datetime:
        return self._reply_due_at(since, self.next_reply_minutes)

    def bad_rating_reply_due_at(self, since: datetime) -> datetime:
        return self._reply_due_at(since, self.bad_rating_reply_minutes)

    def _reply_due_at(self, since: datetime, minutes: int) -> datetime:
        """On duty `minutes` later; else at `next_day_reply_at` when staff come next, maybe the same day."""
        if self.is_on_duty(since):
            return since + timedelta(minutes=minutes)
        local = since.astimezone(CHINA)
        is_still_to_come = is_working_day(local.date()) and local.time() < self.duty_starts
        day = local.date() if is_still_to_come else next_working_day(local.date())
        return datetime.combine(day, self.next_day_reply_at, CHINA)

    def signing_due_at(self, since: datetime) -> datetime:
        return self.end_of_duty(since, self.signing_working_days)

    def department_due_at(self, since: datetime) -> datetime:
        return self.end_of_duty(since, self.department_working_days)

    def closing_due_at(self, since: datetime, extended_working_days: int = 0) -> datetime:
        return self.end_of_duty(since, self.closing_working_days + extended_working_days)

    def closing_of(self, case: Case) -> datetime:
        """When the case is to be closed, counted from its opening or reopening, with the extensions granted."""
        return self.closing_due_at(case.reopened_at or case.opened_at, case.extended_working_days)

    def citizen_due_at(self, since: datetime) -> datetime:
        return self.end_of_duty(since, self.citizen_working_days)

    def due_at(self, clock: Clock, case: Case, now: datetime) -> datetime | None:
        """When the promise that starts at `now` ends. A department's ends no later than the closing promise."""
        closing = self.closing_of(case)
        if clock is Clock.NONE:
            return None
        if clock is Clock.CITIZEN:
            return self.citizen_due_at(now)
        if clock is Clock.DEPARTMENT:
            return min(self.department_due_at(now), closing)
        if clock is Clock.CLOSING or not case.citizen_waits:
            return closing
        return self._wait_due_at(case, now if clock is Clock.TAKEN_BACK else case.waiting_since)

    def _wait_due_at(self, case: Case, since: datetime) -> datetime:
        """When a citizen who waits since then is to have a reply: to a question, a bad rating or further words."""
        if case.reopened_at is not None and case.waiting_since == case.reopened_at:
            return self.bad_rating_reply_due_at(since)
        # A letter is answered in writing by the closing time: nobody sits and waits for it.
        if case.kind in LETTERS:
            return self.closing_of(case)
        return self.first_reply_due_at(since) if case.first_reply_at is None else self.next_reply_due_at(since)

    def end_of_duty(self, since: datetime, working_days: int) -> datetime:
        """The end of duty on the `working_days`-th working day after the day of `since`."""
        day: date = add_working_days(since.astimezone(CHINA).date(), working_days)
        return datetime.combine(day, self.duty_ends, CHINA)


@cache
def in_force() -> Promises:
    """The promises from the settings of this process."""
    return Promises.of(Settings.from_environment())


def time_left(case: Case, now: datetime) -> timedelta | None:
    """The time until the promise of the current state ends; negative if overdue, None once closed."""
    return None if case.due_at is None else case.due_at - now


def is_overdue(case: Case, now: datetime) -> bool:
    return case.due_at is not None and case.due_at < now
