"""Talks, their pictures, the questions of citizens with their answers, and who shares the concern of a question."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

from bot.catalogue.models import Department
from bot.db import Base, UTCDateTime
from bot.interviews.terms import State
from bot.sealed_columns import SealedText


class Interview(Base):
    """A talk. `guests`: name and office of each, as one text (“李明，医疗保障局局长”).

    `begins_at`, `ends_at`: as announced. `questions_until`: from then on no question is taken. `begun_at`, `closed_at`:
    when it really began, and ended or was cancelled. `why`: the reason for cancelling, empty otherwise.
    """

    __tablename__ = "interviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    topic: Mapped[str] = mapped_column(Text)
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"), index=True)
    guests: Mapped[list[str]] = mapped_column(JSON)
    begins_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    questions_until: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(index=True)
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    why: Mapped[str] = mapped_column(Text)

    department: Mapped[Department | None] = relationship(lazy="joined")

    @property
    def is_over(self) -> bool:
        return self.state in (State.ENDED, State.CANCELLED)

    def takes_questions(self, now: datetime) -> bool:
        return not self.is_over and now < self.questions_until


class Picture(Base):
    """A picture of a talk, without what the camera wrote beside it. `format`: `bot.notices.file_formats.Format`."""

    __tablename__ = "interview_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interviews.id"), index=True)
    caption: Mapped[str]
    format: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Question(Base):
    """A question to the guests of a talk.

    `words` and `contact` are what the citizen wrote. `question` is the masked wording that staff took up, empty before;
    `answer` and `answered_by` are public once the state says so. `position`: the order of what is public, from 1; 0
    before. `why`: why it was left out, told to who asked. `correction`: what was put right after `answered_at`, empty
    if nothing was. `text_digest` is keyed; `form_id` is random and made with the empty form. `query_code_hash` is empty
    once what is private has been deleted. `holds`: values of `bot.voices.terms.Hold`.
    """

    __tablename__ = "interview_questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interviews.id"), index=True)
    form_id: Mapped[str] = mapped_column(unique=True)
    query_code_hash: Mapped[str]
    words: Mapped[str] = mapped_column(SealedText)
    contact: Mapped[str] = mapped_column(SealedText)
    text_digest: Mapped[str] = mapped_column(index=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    holds: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(index=True)
    why: Mapped[str] = mapped_column(SealedText)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str]
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    position: Mapped[int]
    correction: Mapped[str] = mapped_column(Text)
    corrected_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    interview: Mapped[Interview] = relationship(lazy="joined", innerjoin=True)

    @property
    def number(self) -> str:
        """As who asked and staff write it: `FT-000012`."""
        return f"FT-{self.id:06d}"


class QuestionConcern(Base):
    """Somebody shares the concern (我也关心). `visitor_digest`: keyed, and different for each question."""

    __tablename__ = "interview_concerns"

    question_id: Mapped[int] = mapped_column(ForeignKey("interview_questions.id"), primary_key=True)
    visitor_digest: Mapped[str] = mapped_column(primary_key=True)
