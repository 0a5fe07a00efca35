"""Cases: the conversations that a person is to look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from bot.db import Base, UTCDateTime


class Case(Base):
    """One open case a conversation; `reasons` add up. `transcript` is masked: `[{"by": "citizen" | "bot", "text"}]`."""

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(index=True)
    channel: Mapped[str]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    waiting_since: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    transcript: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    @property
    def number(self) -> str:
        """As citizens and staff write it: `AJ-000012`."""
        return f"AJ-{self.id:06d}"
