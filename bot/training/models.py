"""Trainings: each made a model, was measured beside the one that answers, and went live or not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base, UTCDateTime


class Training(Base):
    """`state` is a `bot.training.service.TrainingState`; `why` says in words why it was refused, failed or taken back.

    `by` and `agreed_by` are logins, or how an operator at the terminal is called. `model`, `lessons` and `base` are as
    in `bot.running.live_model.LiveModel`, null until trained; `former_model` and `former_lessons`: what answered
    before. `report_path` is null until measured. `step`: what it is at while it is under way, in Chinese.
    """

    __tablename__ = "trainings"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    by: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    model: Mapped[str | None]
    lessons: Mapped[str | None]
    base: Mapped[str | None]
    lesson_count: Mapped[int]
    report_path: Mapped[str | None]
    step: Mapped[str | None]
    agreed_by: Mapped[str | None]
    agreed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    former_model: Mapped[str | None]
    former_lessons: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    why: Mapped[str] = mapped_column(Text)
