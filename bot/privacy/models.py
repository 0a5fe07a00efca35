"""What was deleted, for those who asked for it and those who must show that it was done."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from bot.db import Base, UTCDateTime


class Deletion(Base):
    """A citizen's wish that a conversation be forgotten (个人信息保护法 art. 47).

    `conversation_id` and `done_at`: null once, and until, it is done. `kept`: what stays and why, as the citizen reads
    it. `open_case_ids`: cases that are emptied once they are closed.
    """

    __tablename__ = "deletions"

    receipt: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(index=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    kept: Mapped[list[str]] = mapped_column(JSON)
    open_case_ids: Mapped[list[int]] = mapped_column(JSON)


class RetentionRun(Base):
    """One a day, whichever process does it. `deleted`: how much of each kind (`bot.privacy.kinds`)."""

    __tablename__ = "retention_runs"

    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    deleted: Mapped[dict[str, Any]] = mapped_column(JSON)
