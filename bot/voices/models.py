"""Letters, what is proposed for publication, what is published, and who shares the concern of a published letter."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

from bot.catalogue.models import Department
from bot.db import Base, UTCDateTime
from bot.reviews.models import Case
from bot.sealed_columns import SealedText


class Voice(Base):
    """What a letter has beyond its case.

    `title` is masked, as the question of the case is. `text_digest` is a keyed digest, by which the same text is found
    again without opening it. `holds`: why the letter was held back, values of `bot.voices.terms.Hold`.
    `is_public_wished`: the citizen agrees to publication in general. `public_title`, `public_question` and
    `public_answer` are the wording that staff propose, empty before; `agreed_at` and `approved_at` are the consent of
    the citizen and of the city to exactly this wording.
    """

    __tablename__ = "voices"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    query_code_hash: Mapped[str]
    title: Mapped[str] = mapped_column(SealedText)
    text_digest: Mapped[str] = mapped_column(index=True)
    filed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    holds: Mapped[list[str]] = mapped_column(JSON)
    is_public_wished: Mapped[bool]
    public_title: Mapped[str] = mapped_column(SealedText)
    public_question: Mapped[str] = mapped_column(SealedText)
    public_answer: Mapped[str] = mapped_column(SealedText)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    agreed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    case: Mapped[Case] = relationship(lazy="joined")


class PublicLetter(Base):
    """A published letter with its answer, in the wording that both sides agreed to.

    The row exists only while it is published. `asked_on`, `answered_on`: days in China.
    """

    __tablename__ = "public_letters"

    id: Mapped[int] = mapped_column(ForeignKey("voices.id"), primary_key=True)
    kind: Mapped[str]
    title: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    asked_on: Mapped[date]
    answered_on: Mapped[date]
    published_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    department: Mapped[Department | None] = relationship(lazy="joined")


class Concern(Base):
    """Somebody shares the concern (我也关心). `visitor_digest`: keyed, and different for each letter."""

    __tablename__ = "public_letter_concerns"

    letter_id: Mapped[int] = mapped_column(ForeignKey("public_letters.id"), primary_key=True)
    visitor_digest: Mapped[str] = mapped_column(primary_key=True)
