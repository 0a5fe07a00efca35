"""Who answers in a conversation: the bot, or a person who has taken it over.

Whoever stores an answer and whoever takes a conversation over lock the same row, so that one comes before the other.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.db import locked


def hold(session: Session, conversation_id: str, case_id: int) -> bool:
    """From now on the bot is silent. False if a person answers there already, or nothing is stored of it."""
    return _set_holder(session, conversation_id, Conversation.held_case_id.is_(None), case_id)


def release(session: Session, conversation_id: str) -> bool:
    """The bot answers again. False if it did already."""
    return _set_holder(session, conversation_id, Conversation.held_case_id.is_not(None), None)


def lock_holder(session: Session, conversation_id: str) -> int | None:
    """The case whose clerk answers, None if the bot does; so until the transaction ends."""
    conversation = locked(session, Conversation, conversation_id)
    return conversation.held_case_id if conversation else None


def _set_holder(session: Session, conversation_id: str, if_now: ColumnElement[bool], case_id: int | None) -> bool:
    changed = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, if_now)
        .values(held_case_id=case_id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return bool(changed.rowcount)  # type: ignore[attr-defined]
