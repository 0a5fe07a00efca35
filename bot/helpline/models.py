"""Tables of the text channels: citizens, texts from them, texts to them, and what a supervisor allowed for a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.db import Base, UTCDateTime
from bot.sealed_columns import SealedList, SealedText


class Subscriber(Base):
    """A citizen on a text channel, known by a telephone number, an openid or a mail address, which is sealed.

    `screens`: what was shown last, newest at the end, as `bot.helpline.screens` keeps it, sealed. `last_heard_at` is
    null for a citizen who never wrote to us. `unsubscribed_at` is null while texts may go to them. `answering_until`,
    `sending_until`: until then one process answers them, or sends to them, and no other may.
    """

    __tablename__ = "helpline_subscribers"
    __table_args__ = (UniqueConstraint("channel", "user_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    user_digest: Mapped[str]
    user_sealed: Mapped[str] = mapped_column(Text)
    conversation_id: Mapped[str] = mapped_column(unique=True)
    screens: Mapped[list[dict[str, Any]]] = mapped_column(SealedList, default=list)
    greeted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_heard_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    unsubscribed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    blocked_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    blocked_why: Mapped[str] = mapped_column(SealedText, default="")
    answering_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sending_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Consent(Base):
    """When a citizen agreed to get texts or withdrew this, and by which act (`bot.helpline.subscribers.Deed`)."""

    __tablename__ = "helpline_consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("helpline_subscribers.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    deed: Mapped[str]


class Inbound(Base):
    """A text, or a part of one, as the carrier brought it. `text_sealed` is null once it is answered or joined.

    `state` is one of `bot.helpline.inbox.InboundState`, `kind` of `bot.helpline.texts.Kind`.
    `due_at`: not to be tried before.
    """

    __tablename__ = "helpline_inbound"
    __table_args__ = (UniqueConstraint("channel", "gateway_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    gateway_id: Mapped[str]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("helpline_subscribers.id"), index=True)
    kind: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    text_sealed: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[int | None]
    total: Mapped[int | None]
    number: Mapped[int | None]
    state: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    subscriber: Mapped[Subscriber] = relationship()


class Outgoing(Base):
    """A text that goes, or went, to a citizen, sealed; it never holds a query code or an identity.

    `key` is the same at each attempt, until a carrier took the text and did not deliver it. `inbound_id`: the text that
    it answers; `staff_message_id`: the line of staff that it passes on. `state` is one of
    `bot.helpline.outbox.OutgoingState`; `due_at`: not to be sent before;
    `trouble`: why it could not be sent, or was not delivered. `is_urgent`: it helps in an emergency, so it goes above
    the day's ceiling and before others. `is_asked_once`: it was asked for once, by a contact that is not kept for more.
    """

    __tablename__ = "helpline_outgoing"
    __table_args__ = (UniqueConstraint("subscriber_id", "staff_message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("helpline_subscribers.id"), index=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("helpline_inbound.id"), index=True)
    staff_message_id: Mapped[int | None] = mapped_column(ForeignKey("staff_messages.id"), index=True)
    text: Mapped[str] = mapped_column(SealedText)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    gateway_id: Mapped[str | None] = mapped_column(index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    trouble: Mapped[str] = mapped_column(Text, default="")
    is_urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_asked_once: Mapped[bool] = mapped_column(default=False, server_default=false(), index=True)

    subscriber: Mapped[Subscriber] = relationship()


class DayCeiling(Base):
    """How many SMS may go out on one day (in China), where a supervisor set another number than usual."""

    __tablename__ = "helpline_ceilings"

    day: Mapped[date] = mapped_column(primary_key=True)
    texts: Mapped[int]


class Nonce(Base):
    """The nonce of a signed request that was taken, so that a copy of it is refused (`bot.web.carriers.signing`)."""

    __tablename__ = "helpline_nonces"

    nonce: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
