"""When a citizen is promised what: the clocks of a case. Pure; all instants carry their time zone.

The time that a promise gives is a setting (`bot.settings`); `docs/reviews.md` lists them.
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
    """Which promise runs. REPLY is the first reply while the citizen waits for it, and closing from then on."""

    REPLY = "reply"
    DEPARTMENT = "department"
    CITIZEN = "citizen"
    CLOSING = "closing"
    NONE = "none"


@dataclass(frozen=True)
class Promises:
    """Times of day are China's."""

    first_reply_minutes: int
    next_day_reply_at: time
    department_working_days: int
    closing_working_days: int
    citizen_working_days: int
    duty_starts: time
    duty_ends: time

    @classmethod
    def of(cls, settings: Settings) -> Promises:
        return cls(
            first_reply_minutes=settings.first_reply_minutes,
            next_day_reply_at=settings.next_day_reply_at,
            department_working_days=settings.department_working_days,
            closing_working_days=settings.closing_working_days,
            citizen_working_days=settings.citizen_working_days,
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
        """Within minutes on duty; else at noon of the day on which staff come next, which may be the same day."""
        if self.is_on_duty(since):
            return since + timedelta(minutes=self.first_reply_minutes)
        local = since.astimezone(CHINA)
        is_still_to_come = is_working_day(local.date()) and local.time() < self.duty_starts
        day = local.date() if is_still_to_come else next_working_day(local.date())
        return datetime.combine(day, self.next_day_reply_at, CHINA)

    def department_due_at(self, since: datetime) -> datetime:
        return self._end_of_duty(since, self.department_working_days)

    def closing_due_at(self, since: datetime) -> datetime:
        return self._end_of_duty(since, self.closing_working_days)

    def citizen_due_at(self, since: datetime) -> datetime:
        return self._end_of_duty(since, self.citizen_working_days)

    def due_at(self, clock: Clock, case: Case, now: datetime) -> datetime | None:
        """When the promise ends that begins to run at `now`. A department's never outlasts that of closing."""
        closing = self.closing_due_at(case.reopened_at or case.opened_at)
        if clock is Clock.NONE:
            return None
        if clock is Clock.CITIZEN:
            return self.citizen_due_at(now)
        if clock is Clock.DEPARTMENT:
            return min(self.department_due_at(now), closing)
        # A letter is answered in writing, by the day of closing: nobody sits and waits.
        is_letter = case.kind in LETTERS
        if clock is Clock.REPLY and not is_letter and case.citizen_waits and case.first_reply_at is None:
            return self.first_reply_due_at(case.waiting_since)
        return closing

    def _end_of_duty(self, since: datetime, working_days: int) -> datetime:
        day: date = add_working_days(since.astimezone(CHINA).date(), working_days)
        return datetime.combine(day, self.duty_ends, CHINA)


@cache
def in_force() -> Promises:
    """Those of this process's environment."""
    return Promises.of(Settings.from_environment())


def time_left(case: Case, now: datetime) -> timedelta | None:
    """Until the promise of the present state ends; negative once overdue, None once closed."""
    return None if case.due_at is None else case.due_at - now


def is_overdue(case: Case, now: datetime) -> bool:
    return case.due_at is not None and case.due_at < now
