"""Sends what staff wrote: to citizens of text conversations, and to the numbers and mail addresses that they left."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from bot.conversations.models import StaffMessage
from bot.db import locked
from bot.helpline import answers
from bot.helpline.hours import QuietHours, next_allowed
from bot.helpline.models import Outgoing, Subscriber
from bot.helpline.subscribers import Deed, consent, find_subscriber, reached_by, subscriber_of, wants_texts
from bot.replies import helpline as wording
from bot.reviews.models import Case
from bot.sealing import SealBroken, Sealer

logger = logging.getLogger(__name__)

# A citizen who wrote within this time is awake and waits for the answer, also in quiet hours.
IN_TALK_FOR = timedelta(minutes=30)
# With the page open a citizen sees a line at once. After this time an unseen line goes to the number they left.
UNSEEN_FOR = timedelta(minutes=1)
# Older lines, unsent because no carrier was set up, are not sent any more when one is.
NOT_OLDER_THAN = timedelta(days=7)


@dataclass(frozen=True)
class StaffLine:
    """A `StaffMessage` to be collected, and whom it is for: a citizen who texts, or a contact (`reached_by`)."""

    staff_message_id: int
    subscriber_id: int | None = None
    contact: tuple[str, str] = field(default=("", ""), repr=False)


def not_collected(session: Session, sealer: Sealer, now: datetime, channels: Collection[str]) -> list[StaffLine]:
    """Lines that are not in the outbox yet. A citizen who has unsubscribed gets them after writing again.

    `channels`: those by which something can be sent.
    """
    found = _in_text_conversations(session, now)
    # A line found by conversation and by contact is sent once.
    known = {line.staff_message_id for line in found}
    contacts = _for_contacts(session, sealer, now, channels)
    return [*found, *(line for line in contacts if line.staff_message_id not in known)]


def collect(session: Session, sealer: Sealer, quiet: QuietHours, line: StaffLine, now: datetime) -> None:
    """Puts a line into the outbox, unless another process just did.

    To be called in a transaction of its own. It locks the citizen, so that two processes neither add the same line nor
    overwrite `screens`. If one transaction locked several citizens, two processes could wait for each other.
    """
    if line.subscriber_id is None:
        subscriber = subscriber_of(session, sealer, *line.contact)
    else:
        subscriber = session.get_one(Subscriber, line.subscriber_id)
    locked(session, Subscriber, subscriber.id)
    is_there = session.scalar(select(exists().where(Outgoing.staff_message_id == line.staff_message_id)))
    if is_there or not wants_texts(subscriber):
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
    """Id of a line of staff → the text that passes it on, sent or not."""
    ids = [line.id for line in lines]
    found = session.scalars(select(Outgoing).where(Outgoing.staff_message_id.in_(ids)).order_by(Outgoing.id))
    return {text.staff_message_id: text for text in found if text.staff_message_id is not None}


def _in_text_conversations(session: Session, now: datetime) -> list[StaffLine]:
    found = (
        select(StaffMessage.id, Subscriber.id)
        .join(Subscriber, Subscriber.conversation_id == StaffMessage.conversation_id)
        .where(
            *_is_new(now),
            StaffMessage.delivered_at.is_(None),
            Subscriber.unsubscribed_at.is_(None),
            Subscriber.blocked_at.is_(None),
        )
        .order_by(StaffMessage.at, StaffMessage.id)
    )
    return [StaffLine(staff_message_id, subscriber_id) for staff_message_id, subscriber_id in session.execute(found)]


def _for_contacts(session: Session, sealer: Sealer, now: datetime, channels: Collection[str]) -> Iterator[StaffLine]:
    """Lines for citizens who left a contact by which they are reached: answers to their cases, and others not seen on
    the page.

    Of a line that stands in several conversations, the one in the case's own is taken. Notices that staff joined or
    left, which have an empty `by_name`, are not sent.
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
        .order_by(StaffMessage.at, StaffMessage.id)
    )
    for staff_message_id, case in session.execute(found).all():
        try:
            contact = reached_by(sealer.open(case.contact_sealed or ""))
        except SealBroken:
            logger.error("the contact of %s was sealed with another key", case.number)
            continue
        if contact is None or contact[0] not in channels:
            continue
        subscriber = find_subscriber(session, sealer, *contact)
        if subscriber is None or wants_texts(subscriber):
            yield StaffLine(staff_message_id, contact=contact)


def _is_new(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        StaffMessage.at > now - NOT_OLDER_THAN,
        ~exists().where(Outgoing.staff_message_id == StaffMessage.id),
    )


def _is_in_talk(subscriber: Subscriber, now: datetime) -> bool:
    return subscriber.last_heard_at is not None and subscriber.last_heard_at > now - IN_TALK_FOR
