"""Gaps, and the messages that each is made of."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.catalogue.models import Department
from bot.db import Base, UTCDateTime
from bot.sealed_columns import SealedText


class Gap(Base):
    """A group of similar questions of one week. `week_on`: its Monday, in China.

    `department_code`: who is to mend it, null while nobody knows. `unit`: the item or document to which the questions
    come nearest, as `bot.answering.units.Unit.owner` names it; empty for none. `state` is one of
    `bot.gaps.service.GapState`. `question`, `answer`: what a department proposes to publish; `why`: a reason, or what
    was done; all three are sealed. `by`, `at`: the login that did the last act, and when.
    The questions themselves stay with the messages and go with them.
    """

    __tablename__ = "gaps"
    __table_args__ = (Index("ix_gaps_state_department_code", "state", "department_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    week_on: Mapped[date] = mapped_column(index=True)
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    unit: Mapped[str]
    state: Mapped[str]
    question: Mapped[str] = mapped_column(SealedText, default="")
    answer: Mapped[str] = mapped_column(SealedText, default="")
    why: Mapped[str] = mapped_column(SealedText, default="")
    by: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    department: Mapped[Department | None] = relationship(lazy="joined", innerjoin=False)


class GapMessage(Base):
    """A message belongs to one gap at most, and leaves it when it is deleted."""

    __tablename__ = "gap_messages"

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    gap_id: Mapped[int] = mapped_column(ForeignKey("gaps.id", ondelete="CASCADE"), index=True)
