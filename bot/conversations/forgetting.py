"""Deletes conversations and messages when their retention ends or the citizen asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, Message, StaffMessage
from bot.conversations.talk_files import forget_files_of_messages


def expired_messages(before: datetime) -> Select[int]:
    """Ids of messages older than `before`, except in conversations that a clerk has taken over."""
    is_held = exists().where(Conversation.id == Message.conversation_id, Conversation.held_case_id.is_not(None))
    return select(Message.id).where(Message.received_at < before, ~is_held)


def forget_messages(session: Session, ids: Sequence[int]) -> None:
    forget_files_of_messages(session, ids)
    session.execute(delete(Message).where(Message.id.in_(ids)))


def expired_conversations(before: datetime) -> Select[str]:
    """Ids of conversations older than `before` that have no messages left and that no clerk has taken over."""
    has_message = exists().where(Message.conversation_id == Conversation.id)
    has_line = exists().where(StaffMessage.conversation_id == Conversation.id)
    return select(Conversation.id).where(
        Conversation.last_message_at < before, Conversation.held_case_id.is_(None), ~has_message, ~has_line
    )


def forget_conversations(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(Conversation).where(Conversation.id.in_(ids)))


def message_ids(session: Session, conversation_id: str) -> list[int]:
    return list(session.scalars(select(Message.id).where(Message.conversation_id == conversation_id)))


def awaits_an_answer(session: Session, conversation_id: str, since: datetime) -> bool:
    """Whether a message received at `since` or later has no answer yet."""
    unanswered = select(Message.id).where(
        Message.conversation_id == conversation_id, Message.outcome.is_(None), Message.received_at >= since
    )
    return session.scalars(unanswered.limit(1)).first() is not None
