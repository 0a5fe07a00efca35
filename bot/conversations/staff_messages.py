"""Stores messages of staff in a conversation, and whether the citizen has seen them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.conversations.models import StaffMessage


def say(
    session: Session, conversation_id: str, *, case_id: int, by_name: str, text: str, now: datetime
) -> StaffMessage:
    """Stores a message; the page or the channel delivers it when it can."""
    message = StaffMessage(conversation_id=conversation_id, case_id=case_id, at=now, by_name=by_name, text=text)
    session.add(message)
    session.flush()
    return message


def staff_messages(session: Session, conversation_id: str) -> list[StaffMessage]:
    """All messages of staff in a conversation, oldest first."""
    return list(session.scalars(_of(conversation_id)))


def undelivered(session: Session, conversation_id: str) -> list[StaffMessage]:
    """The messages that the citizen has not seen, oldest first."""
    return list(session.scalars(_of(conversation_id).where(StaffMessage.delivered_at.is_(None))))


def mark_delivered(messages: Iterable[StaffMessage], now: datetime) -> None:
    """Marks messages as delivered now; those already delivered keep their time."""
    for message in messages:
        message.delivered_at = message.delivered_at or now


def _of(conversation_id: str) -> Select[StaffMessage]:
    return select(StaffMessage).where(StaffMessage.conversation_id == conversation_id).order_by(StaffMessage.id)
