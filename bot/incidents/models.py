"""Incidents: times in which citizens got no answers because a part of the system failed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base, UTCDateTime

_GOES_ON = text("ended_at IS NULL")


class Incident(Base):
    """An outage. `kind` is one of `bot.incidents.service.Kind`. `message_count`: the number of messages affected.

    `last_at`: the time of the last of them. `ended_at`: when a message was answered again, null while it continues.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("uq_incidents_open_kind", "kind", unique=True, sqlite_where=_GOES_ON, postgresql_where=_GOES_ON),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    message_count: Mapped[int]
