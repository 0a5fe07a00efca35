"""Which dates of their requests applicants are reminded of, and when: each date once.

Only requests filed in conversation are looked at, since only these have the contact that the applicant chose (条例
art. 29); of others the department has the papers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.db import added
from bot.disclosures.clock import Assessment, RemedyKind
from bot.disclosures.models import Applicant, Event, Request, SentReminder
from bot.disclosures.service import assess
from bot.disclosures.terms import Decision, RequestState
from bot.workdays import count_working_days

# Before the last day for the supplement or the fee, in working days.
APPLICANT_ACTS_WITHIN = 2
RECONSIDERATION_WITHIN = timedelta(days=10)
# An older answer, recorded late or before texts were set up, is no news.
NEWS_FOR = timedelta(days=7)
# A request in which nothing happened for so long has no date ahead: 40 working days, 30 of opinions, then 60 days.
_NOTHING_AFTER = timedelta(days=200)


class ReminderKind(StrEnum):
    SUPPLEMENT_DUE = "supplement_due"
    FEE_DUE = "fee_due"
    ANSWERED = "answered"
    RECONSIDERATION_ENDS = "reconsideration_ends"


_WAITING = {
    RequestState.AWAITING_SUPPLEMENT: ReminderKind.SUPPLEMENT_DUE,
    RequestState.AWAITING_PAYMENT: ReminderKind.FEE_DUE,
}


@dataclass(frozen=True)
class Reminder:
    """`day`: the date that matters, the last day or the day of the answer."""

    receipt: str
    kind: ReminderKind
    day: date


def due(session: Session, today: date) -> list[Reminder]:
    """The reminders of today that were not sent yet."""
    is_recent = exists().where(Event.receipt == Request.receipt, Event.happened_on >= today - _NOTHING_AFTER)
    requests = select(Request).join(Applicant).where(is_recent).order_by(Request.receipt)
    found = [one for request in session.scalars(requests) for one in reminders_of(request, today)]
    receipts = [one.receipt for one in found]
    sent = select(SentReminder.receipt, SentReminder.kind, SentReminder.day).where(SentReminder.receipt.in_(receipts))
    before = {Reminder(receipt, ReminderKind(kind), day) for receipt, kind, day in session.execute(sent)}
    return [one for one in found if one not in before]


def reminders_of(request: Request, today: date) -> list[Reminder]:
    assessment = assess(request, today)
    return [Reminder(request.receipt, kind, day) for kind, day in _dates(request, assessment, today)]


def note_sent(session: Session, reminder: Reminder, now: datetime) -> bool:
    """False if another process has just sent it."""
    sent = SentReminder(receipt=reminder.receipt, kind=reminder.kind.value, day=reminder.day, sent_at=now)
    return added(session, sent)


def _dates(request: Request, assessment: Assessment, today: date) -> Iterator[tuple[ReminderKind, date]]:
    answered_on, waiting = assessment.answered_on, _WAITING.get(assessment.state)
    by = assessment.respond_by or assessment.pay_by
    # On the day of the notice itself the applicant has just been told.
    was_told_before = request.steps[-1].on < today
    if waiting and by and was_told_before and count_working_days(today, by) <= APPLICANT_ACTS_WITHIN:
        yield waiting, by
    if answered_on is not None and answered_on >= today - NEWS_FOR:
        yield ReminderKind.ANSWERED, answered_on
    if assessment.outcome == Decision.GRANTED:
        return
    for remedy in assessment.remedies:
        by = remedy.by if remedy.kind == RemedyKind.RECONSIDERATION else None
        if by is not None and by - RECONSIDERATION_WITHIN <= today <= by:
            yield ReminderKind.RECONSIDERATION_ENDS, by
