"""Conversations and their messages. A message is one thing a citizen said, with all that was answered to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from bot.db import Base, UTCDateTime
from bot.sealed_columns import SealedList, SealedText


class Conversation(Base):
    """`id` is also Rasa's sender id; the portal's ids cannot be guessed, since whoever knows one may resume it.

    `awaits` names the step of a form that the citizen was asked for last, null if none: what comes may be personal.
    `held_case_id`: the case whose clerk answers in the bot's place, null while the bot answers.
    `ended_at`: when the citizen left it on the page; nobody goes on in it afterwards.
    `owner_digest`: of the key or the address that began it at `/api/chat`, and alone may go on; null elsewhere.
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_message_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    awaits: Mapped[str | None]
    held_case_id: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    owner_digest: Mapped[str | None]


class Message(Base):
    """`text` is what was said, less any query code, sealed; `masked_text` is what lists and logs may show.

    `replies` are sealed too, since they may repeat what was said.

    `client_id` is the sender's own number for the message, so that one sent twice is stored and answered once.
    `is_pressed`: a button was pressed, and `text` is what stood on it.
    `outcome` is one of `bot.conversations.outcomes.Outcome`, null until answered.
    """

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    client_id: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    text: Mapped[str] = mapped_column(SealedText)
    masked_text: Mapped[str] = mapped_column(Text)
    is_pressed: Mapped[bool] = mapped_column(default=False, server_default=false())
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(index=True)
    intent: Mapped[str | None]
    confidence: Mapped[float | None]
    entities: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    action: Mapped[str | None]
    replies: Mapped[list[dict[str, Any]]] = mapped_column(SealedList, default=list)


class StaffMessage(Base):
    """What a person wrote to the citizen, sealed.

    `by_name` is as citizens see it; `delivered_at` is null until shown.
    """

    __tablename__ = "staff_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_name: Mapped[str]
    text: Mapped[str] = mapped_column(SealedText)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Done(Base):
    """What a message has done, for an hour, sealed (`bot.conversations.once`). `key_digest`: of message and action."""

    __tablename__ = "done_acts"

    key_digest: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    result_sealed: Mapped[str] = mapped_column(Text)
