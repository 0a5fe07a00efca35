"""What people of the staff wrote goes out as texts: into conversations by text, and to numbers left off duty."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from bot.conversations.channels import SMS
from bot.conversations.models import StaffMessage
from bot.helpline import answers
from bot.helpline.hours import next_allowed
from bot.helpline.models import Outgoing, Subscriber
from bot.helpline.subscribers import Deed, consent, mobile_number, subscriber_of
from bot.replies import helpline as wording
from bot.reviews.models import Case
from bot.sealing import SealBroken, Sealer

logger = logging.getLogger(__name__)

# Who wrote so lately is awake, and waits for the answer.
IN_TALK_FOR = timedelta(minutes=30)
# Who has the page open sees a line at once; who does not within this time gets it at the number that they left.
UNSEEN_FOR = timedelta(minutes=1)
# What was left unsent for so long, because no carrier was set up, is not sent any more when one is.
NOT_OLDER_THAN = timedelta(days=7)


@dataclass(frozen=True)
class QuietHours:
    starts: time
    ends: time


def collect(session: Session, sealer: Sealer, quiet: QuietHours, now: datetime, *, has_sms: bool) -> None:
    """Puts into the outbox what is not there yet. Who has unsubscribed gets it once they write again."""
    after_quiet = next_allowed(now, quiet.starts, quiet.ends)
    for line, subscriber in _in_text_conversations(session, now):
        due_at = now if _is_in_talk(subscriber, now) else after_quiet
        answers.write_to(session, subscriber, line, wording.staff_line(line.by_name, line.text), due_at, now)
    if has_sms:
        for line, case, number in _for_contacts(session, sealer, now):
            subscriber = subscriber_of(session, sealer, SMS, number)
            consent(session, subscriber, Deed.LEFT_CONTACT, now)
            if subscriber.unsubscribed_at is None and subscriber.blocked_at is None:
                text = wording.answer_to_case(case.number, line.by_name, line.text)
                answers.write_to(session, subscriber, line, text, after_quiet, now)


def texts_of(session: Session, lines: Iterable[StaffMessage]) -> dict[int, Outgoing]:
    """Line's id → the text by which it goes, or went, to a telephone."""
    ids = [line.id for line in lines]
    found = session.scalars(select(Outgoing).where(Outgoing.staff_message_id.in_(ids)).order_by(Outgoing.id))
    return {text.staff_message_id: text for text in found if text.staff_message_id is not None}


def _in_text_conversations(session: Session, now: datetime) -> list[tuple[StaffMessage, Subscriber]]:
    found = (
        select(StaffMessage, Subscriber)
        .join(Subscriber, Subscriber.conversation_id == StaffMessage.conversation_id)
        .where(
            *_is_new(now),
            StaffMessage.delivered_at.is_(None),
            Subscriber.unsubscribed_at.is_(None),
            Subscriber.blocked_at.is_(None),
        )
        .order_by(StaffMessage.id)
    )
    return [(line, subscriber) for line, subscriber in session.execute(found)]


def _for_contacts(session: Session, sealer: Sealer, now: datetime) -> Iterator[tuple[StaffMessage, Case, str]]:
    """Answers to cases whose citizen left a mobile number, and what else of them nobody has seen on the page.

    Of a line that stands in several conversations, the one in the case's own. Notices of joining and leaving are for
    those who are there.
    """
    found = (
        select(StaffMessage, Case)
        .join(Case, Case.id == StaffMessage.case_id)
        .where(
            *_is_new(now),
            Case.contact_sealed.is_not(None),
            Case.conversation_id == StaffMessage.conversation_id,
            StaffMessage.by_name != "",
            or_(
                StaffMessage.at == Case.answered_at,
                StaffMessage.delivered_at.is_(None) & (StaffMessage.at <= now - UNSEEN_FOR),
            ),
        )
        .order_by(StaffMessage.id)
    )
    for line, case in session.execute(found).all():
        try:
            number = mobile_number(sealer.open(case.contact_sealed or ""))
        except SealBroken:
            logger.error("the contact of %s was sealed with another key", case.number)
            continue
        if number:
            yield line, case, number


def _is_new(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        StaffMessage.at > now - NOT_OLDER_THAN,
        ~exists().where(Outgoing.staff_message_id == StaffMessage.id),
    )


def _is_in_talk(subscriber: Subscriber, now: datetime) -> bool:
    return subscriber.last_heard_at is not None and subscriber.last_heard_at > now - IN_TALK_FOR
