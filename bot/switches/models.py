"""What a supervisor has turned off, from when, and why; what is on again keeps its row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base, UTCDateTime

_IS_OFF = text("ended_at IS NULL")


class Switch(Base):
    """`scope` is one of `bot.switches.scopes.Scope`, `key` names what of it: empty for the bot itself.

    `off_by` and `ended_by` are logins, or the terminal. `notice` is what citizens read in place of an answer.
    """

    __tablename__ = "switches"
    __table_args__ = (
        Index("uq_switches_off", "scope", "key", unique=True, sqlite_where=_IS_OFF, postgresql_where=_IS_OFF),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str]
    key: Mapped[str]
    off_since: Mapped[datetime] = mapped_column(UTCDateTime)
    off_by: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    notice: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_by: Mapped[str | None]
