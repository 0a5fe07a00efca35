"""Reads stored messages by outcome, and by id."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, func, not_, select
from sqlalchemy.orm import Session, aliased

from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome

UNANSWERED = (Outcome.NOTHING_FOUND, Outcome.ASKED_BACK, Outcome.NOT_IN_CATALOGUE)


def unanswered(session: Session, since: datetime, newest: int) -> list[Message]:
    """Questions without an answer received at `since` or later, newest first, at most `newest`."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.outcome.in_([outcome.value for outcome in UNANSWERED]), Message.received_at >= since)
            .where(Message.masked_text != "", not_(Message.is_pressed))
            .order_by(Message.id.desc())
            .limit(newest)
        )
    )


def waiting(session: Session, since: datetime, before: datetime) -> tuple[int, datetime | None]:
    """How many messages received from `since` on and before `before` have no answer at all, and the oldest's time."""
    found = select(func.count(), func.min(Message.received_at)).where(
        Message.outcome.is_(None), Message.received_at >= since, Message.received_at < before
    )
    number, oldest_at = session.execute(found).one()
    return number, oldest_at


def typed(session: Session, since: datetime, newest: int) -> list[str]:
    """The masked texts of what citizens typed at `since` or later and the bot answered, newest first."""
    found = (
        select(Message.masked_text)
        .where(Message.received_at >= since, not_(Message.is_pressed), Message.outcome != Outcome.WITH_PERSON)
        .order_by(Message.id.desc())
        .limit(newest)
    )
    return list(session.scalars(found))


def after_another_matter(session: Session, message_ids: Collection[int]) -> frozenset[int]:
    """Those of the messages before which the citizen said more in the same conversation than a greeting."""
    before = aliased(Message)
    spoke = exists().where(
        before.conversation_id == Message.conversation_id, before.id < Message.id, before.outcome != Outcome.SMALLTALK
    )
    return frozenset(session.scalars(select(Message.id).where(Message.id.in_(message_ids), spoke)))


def messages(session: Session, message_ids: Collection[int]) -> Sequence[Message]:
    """The messages with these ids that exist, oldest first."""
    return session.scalars(select(Message).where(Message.id.in_(message_ids)).order_by(Message.id)).all()
