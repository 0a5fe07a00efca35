"""What people of the staff wrote goes out as texts: into conversations by text, and to numbers left off duty."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from bot.conversations.channels import SMS
from bot.conversations.models import StaffMessage
from bot.db import locked
from bot.helpline import answers
from bot.helpline.hours import next_allowed
from bot.helpline.models import Outgoing, Subscriber
from bot.helpline.subscribers import Deed, consent, find_subscriber, mobile_number, subscriber_of
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


@dataclass(frozen=True)
class Line:
    """What is to be collected: a `StaffMessage` and whom it is for, the citizen who texts or a number that was left."""

    staff_message_id: int
    subscriber_id: int | None = None
    number: str = field(default="", repr=False)


def not_collected(session: Session, sealer: Sealer, now: datetime, *, has_sms: bool) -> list[Line]:
    """What is not in the outbox yet. Who has unsubscribed gets it once they write again."""
    found = _in_text_conversations(session, now)
    # Of a line that is both, once.
    known = {line.staff_message_id for line in found}
    contacts = _for_contacts(session, sealer, now) if has_sms else ()
    return [*found, *(line for line in contacts if line.staff_message_id not in known)]


def collect(session: Session, sealer: Sealer, quiet: QuietHours, line: Line, now: datetime) -> None:
    """Puts it into the outbox, unless another process just did.

    In a transaction of its own: it locks its citizen, so that two processes do not put the same line there, and what
    they show last is not forgotten. Of many citizens locked at once, two processes would wait for each other.
    """
    if line.subscriber_id is None:
        subscriber = subscriber_of(session, sealer, SMS, line.number)
    else:
        subscriber = session.get_one(Subscriber, line.subscriber_id)
    locked(session, Subscriber, subscriber.id)
    is_there = session.scalar(select(exists().where(Outgoing.staff_message_id == line.staff_message_id)))
    if is_there or not _wants_texts(subscriber):
        return
    message = session.get_one(StaffMessage, line.staff_message_id)
    due_at = next_allowed(now, quiet.starts, quiet.ends)
    if line.subscriber_id is None:
        consent(session, subscriber, Deed.LEFT_CONTACT, now)
        number = session.get_one(Case, message.case_id).number
        text = wording.answer_to_case(number, message.by_name, message.text)
    else:
        text = wording.staff_line(message.by_name, message.text)
        due_at = now if _is_in_talk(subscriber, now) else due_at
    answers.write_to(session, subscriber, message, text, due_at, now)


def texts_of(session: Session, lines: Iterable[StaffMessage]) -> dict[int, Outgoing]:
    """Line's id → the text by which it goes, or went, to a telephone."""
    ids = [line.id for line in lines]
    found = session.scalars(select(Outgoing).where(Outgoing.staff_message_id.in_(ids)).order_by(Outgoing.id))
    return {text.staff_message_id: text for text in found if text.staff_message_id is not None}


def _in_text_conversations(session: Session, now: datetime) -> list[Line]:
    found = (
        select(StaffMessage.id, Subscriber.id)
        .join(Subscriber, Subscriber.conversation_id == StaffMessage.conversation_id)
        .where(
            *_is_new(now),
            StaffMessage.delivered_at.is_(None),
            Subscriber.unsubscribed_at.is_(None),
            Subscriber.blocked_at.is_(None),
        )
        .order_by(StaffMessage.id)
    )
    return [Line(staff_message_id, subscriber_id) for staff_message_id, subscriber_id in session.execute(found)]


def _for_contacts(session: Session, sealer: Sealer, now: datetime) -> Iterator[Line]:
    """Answers to cases whose citizen left a mobile number, and what else of them nobody has seen on the page.

    Of a line that stands in several conversations, the one in the case's own. Notices of joining and leaving are for
    those who are there.
    """
    found = (
        select(StaffMessage.id, Case)
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
    for staff_message_id, case in session.execute(found).all():
        try:
            number = mobile_number(sealer.open(case.contact_sealed or ""))
        except SealBroken:
            logger.error("the contact of %s was sealed with another key", case.number)
            continue
        subscriber = find_subscriber(session, sealer, SMS, number) if number else None
        if number and (subscriber is None or _wants_texts(subscriber)):
            yield Line(staff_message_id, number=number)


def _is_new(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        StaffMessage.at > now - NOT_OLDER_THAN,
        ~exists().where(Outgoing.staff_message_id == StaffMessage.id),
    )


def _wants_texts(subscriber: Subscriber) -> bool:
    return subscriber.unsubscribed_at is None and subscriber.blocked_at is None


def _is_in_talk(subscriber: Subscriber, now: datetime) -> bool:
    return subscriber.last_heard_at is not None and subscriber.last_heard_at > now - IN_TALK_FOR
