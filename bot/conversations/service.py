"""Stores and reads conversations: the messages of citizens and the answers."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, Message
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.subjects import matter_of
from bot.disclosures.answers import is_personal
from bot.language.masking import ANSWER_MARKS, mask, without_query_codes, without_secrets

# What the database returns counts, also for what the session has read before.
_AS_STORED = {"populate_existing": True, "synchronize_session": False}


def new_conversation_id() -> str:
    return secrets.token_urlsafe(18)


def open_conversation(
    session: Session, conversation_id: str, channel: str, now: datetime, owner_digest: str | None = None
) -> Conversation:
    """The conversation with this id, created if it does not exist; only once, even if two workers do it at once.

    It is locked as by `locked_conversation`. `owner_digest` is only used when it is created.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    begun = insert(Conversation).values(
        id=conversation_id, channel=channel, started_at=now, last_message_at=now, owner_digest=owner_digest
    )
    # What changes nothing still locks the row and returns it.
    or_as_it_is = begun.on_conflict_do_update(index_elements=["id"], set_={"channel": Conversation.channel})
    return session.scalars(or_as_it_is.returning(Conversation), execution_options=_AS_STORED).one()


def locked_conversation(session: Session, conversation_id: str) -> Conversation | None:
    """The conversation as it is now; nobody else changes it until the transaction ends. None if it is not stored.

    One statement and not the two of `bot.db.locked`, since each message needs it.
    """
    unchanged = update(Conversation).where(Conversation.id == conversation_id).values(channel=Conversation.channel)
    return session.scalars(unchanged.returning(Conversation), execution_options=_AS_STORED).one_or_none()


def store_message(
    session: Session,
    conversation: Conversation,
    text: str,
    now: datetime,
    client_id: str | None = None,
    *,
    is_pressed: bool = False,
) -> Message:
    """Stores a message before it is answered. The same `client_id` again returns the message already stored.

    The label of a button contains no personal data, so it is not masked.
    """
    if client_id is not None:
        stored = session.scalars(
            select(Message).where(Message.conversation_id == conversation.id, Message.client_id == client_id)
        ).one_or_none()
        if stored is not None:
            return stored
    # While a clerk answers, the message is not an answer to the form.
    answers_with = (conversation.awaits or "") if conversation.held_case_id is None else ""
    kept = ANSWER_MARKS[answers_with] if is_personal(answers_with, text) else without_secrets(text)
    if is_pressed:
        kept = text
    message = Message(
        conversation_id=conversation.id,
        client_id=client_id,
        received_at=now,
        text=kept,
        masked_text=kept if is_pressed else mask(kept),
        is_pressed=is_pressed,
        replies=[],
        entities=[],
    )
    session.add(message)
    conversation.last_message_at = now
    session.flush()
    return message


def store_answer(
    session: Session, message_id: int, replies: Sequence[Mapping[str, Any]], how: Provenance, now: datetime
) -> Message:
    """Stores the answer to a message. The query code of what was just filed is shown once and not stored.

    `replies`: as sent. `how`: how the answer came about.
    """
    message = session.get_one(Message, message_id)
    hide = without_query_codes if how.outcome in (Outcome.FILED, Outcome.TAKEN_DOWN) else str
    message.replies = [{**reply, "text": hide(reply["text"])} for reply in replies]
    message.outcome = how.outcome.value
    message.is_likely = any(about.likely for about in message.subjects)
    message.matter = next((matter for about in message.subjects if (matter := matter_of(about))), None)
    message.intent = how.intent
    message.confidence = how.confidence
    message.entities = [{"entity": name, "value": mask(str(value))} for name, value in how.entities]
    message.action = how.action
    message.answered_at = now
    if how.action is not None:
        # Without an action the engine was not asked: then an open form still waits for the same answer.
        session.get_one(Conversation, message.conversation_id).awaits = how.awaits
    return message


def history(session: Session, conversation_id: str, newest: int = 50, *, before: int | None = None) -> list[Message]:
    """The newest messages of a conversation, oldest first. `before`: only those before the one with this id."""
    wanted = select(Message).where(Message.conversation_id == conversation_id)
    if before is not None:
        wanted = wanted.where(Message.id < before)
    return list(reversed(session.scalars(wanted.order_by(Message.id.desc()).limit(newest)).all()))


def messages_after(
    session: Session, conversation_id: str, after: int, *, also: Collection[int] = (), again: Collection[str] = ()
) -> list[Message]:
    """The messages after the one with id `after`, and older ones with an id in `also` or a client id in `again`."""
    wanted = or_(Message.id > after, Message.id.in_(also), Message.client_id.in_(again))
    rows = session.scalars(
        select(Message).where(Message.conversation_id == conversation_id, wanted).order_by(Message.id)
    )
    return list(rows)


def end_conversation(session: Session, conversation_id: str, now: datetime) -> None:
    """Marks the conversation as ended; it cannot be resumed. Does nothing if it is not stored."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is not None:
        conversation.ended_at = conversation.ended_at or now
