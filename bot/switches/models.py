"""Records what was turned off, when and why. Rows are kept after it is turned on again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base, UTCDateTime

_IS_OFF = text("ended_at IS NULL")


class Switch(Base):
    """One thing that is or was off. `scope` is one of `bot.switches.scopes.Scope`; `key` is empty for the whole bot.

    `off_by` and `ended_by` are logins, or the name given in a terminal. Citizens read `notice` instead of an answer.
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
