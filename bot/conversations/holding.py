"""Records who answers in a conversation: the bot, or a clerk who has taken it over.

Storing an answer and taking a conversation over lock the same row, so that they never happen at the same time.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.conversations.service import locked_conversation


def hold(session: Session, conversation_id: str, case_id: int) -> bool:
    """Silences the bot from now on. False if a clerk answers there already, or the conversation is not stored."""
    return _set_holder(session, conversation_id, Conversation.held_case_id.is_(None), case_id)


def release(session: Session, conversation_id: str) -> bool:
    """Lets the bot answer again. False if it already did."""
    return _set_holder(session, conversation_id, Conversation.held_case_id.is_not(None), None)


def pass_on(session: Session, from_case_id: int, to_case_id: int) -> None:
    """What was held for one case is held for another, into which it is merged."""
    session.execute(
        update(Conversation)
        .where(Conversation.held_case_id == from_case_id)
        .values(held_case_id=to_case_id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def lock_holder(session: Session, conversation_id: str) -> int | None:
    """The id of the case whose clerk answers, None if the bot does. It cannot change until the transaction ends."""
    conversation = locked_conversation(session, conversation_id)
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
