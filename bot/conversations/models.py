"""Conversations and their messages. A message is one input of a citizen with all replies to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from bot.conversations.subjects import Subject, subject_of
from bot.db import Base, UTCDateTime
from bot.sealed_columns import SealedList, SealedText


class Conversation(Base):
    """A conversation. `id` is also Rasa's sender id.

    Ids of the portal cannot be guessed, because whoever knows an id can resume the conversation.
    `awaits`: the form step that the citizen was asked for last, null if none; the next message may be personal.
    `held_case_id`: the case whose clerk answers instead of the bot, null while the bot answers.
    `ended_at`: when the citizen left it on the page; it cannot be resumed afterwards.
    `owner_digest`: digest of the API key or address that began it at `/api/chat`; nobody else may continue it. Null for
    other channels.
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
    """A message of a citizen and the replies to it.

    `text` is sealed, without query codes and identity numbers; a personal answer to a form is replaced by a mark.
    `masked_text` is for lists and logs.
    `replies` are sealed too, because they may repeat the message.
    `client_id` is the sender's own id of the message, so that one sent twice is stored and answered once.
    `is_pressed`: a button was pressed, and `text` is its label.
    `outcome` is one of `bot.conversations.outcomes.Outcome`, null until answered.
    `is_likely`: the answer was only offered as likely. `matter`: what it told first (`subjects.matter_of`), null if
    nothing that has a record. Messages older than these columns have false and null.
    `stars`: the citizen's grade of the answer, 1 to 5, null if none was given.
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
    is_likely: Mapped[bool] = mapped_column(default=False, server_default=false())
    matter: Mapped[str | None] = mapped_column(index=True)
    stars: Mapped[int | None]

    @property
    def subjects(self) -> list[Subject]:
        """What the replies are about; some are about nothing that has a record."""
        return [about for reply in self.replies if (about := subject_of(reply))]


class AnswerMark(Base):
    """What a reviewer says of an answer of the bot; one an answer.

    `mark` is one of `bot.conversations.marks.Mark`. `matter`: that of the message. A mark has no words of citizens, and
    stays when the message is deleted; `message_id` is then null.
    """

    __tablename__ = "answer_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), unique=True)
    mark: Mapped[str]
    matter: Mapped[str | None]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class StaffMessage(Base):
    """A message of staff to the citizen; its text is sealed.

    `by_name` is the sender as citizens see it; `delivered_at` is null until the message is shown.
    """

    __tablename__ = "staff_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    by_name: Mapped[str]
    text: Mapped[str] = mapped_column(SealedText)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class TalkFile(Base):
    """A file that went between a citizen and a clerk. It belongs to one conversation and goes with its message.

    `message_id`: the citizen's message that brought it; `staff_message_id`: the clerk's. One of the two is null.
    `format` is one of `bot.notices.file_formats.Format`; `size` is in bytes.
    """

    __tablename__ = "talk_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    staff_message_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff_messages.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(SealedText)
    format: Mapped[str]
    size: Mapped[int]


class TalkFilePart(Base):
    """A piece of such a file in base64, sealed."""

    __tablename__ = "talk_file_parts"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("talk_files.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    sealed: Mapped[str] = mapped_column(Text)


class TalkLink(Base):
    """A link that opens a conversation for reading (`bot.conversations.talk_links`); only its digest is kept."""

    __tablename__ = "talk_links"

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Done(Base):
    """The sealed result of an action for a message, kept for an hour (`bot.conversations.once`).

    `key_digest`: digest of message and action.
    """

    __tablename__ = "done_acts"

    key_digest: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    result_sealed: Mapped[str] = mapped_column(Text)
