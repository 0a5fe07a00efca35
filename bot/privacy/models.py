"""Records of deletions, as proof for the citizens who asked and for the authorities."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from bot.db import Base, UTCDateTime


class Deletion(Base):
    """A citizen's request to delete a conversation (个人信息保护法 art. 47).

    `done_at` is null until it is done; `conversation_id` is null afterwards. `kept`: sentences for the citizen about
    the data that stays, and why. `open_case_ids`: cases that are emptied once they are closed.
    """

    __tablename__ = "deletions"

    receipt: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(index=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    kept: Mapped[list[str]] = mapped_column(JSON)
    open_case_ids: Mapped[list[int]] = mapped_column(JSON)


class RetentionRun(Base):
    """A daily deletion of expired data, one per day. `deleted`: counts by kind (`bot.privacy.kinds.Kind`)."""

    __tablename__ = "retention_runs"

    day: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    deleted: Mapped[dict[str, Any]] = mapped_column(JSON)
