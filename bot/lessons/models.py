"""What staff teach the bot: a citizen's words, and what they mean."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

from bot.db import Base, UTCDateTime
from bot.staff.models import Person


class Lesson(Base):
    """`text` is masked, so that it holds no personal data.

    `items`: the codes meant, several where the words fit several; empty where they name no item.
    `facets`: those of which the answer must give one. `absent_matter`: the name of a matter that the catalogue does not
    hold, so that it `should_be_refused`. `answer`: the passage or route that answers (`bot.lessons.labels.Label`), else
    empty. `state` is one of `bot.lessons.labels.LessonState`; `why` is the reviewer's reason.
    """

    __tablename__ = "lessons"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    intent: Mapped[str]
    items: Mapped[list[str]] = mapped_column(JSON)
    facets: Mapped[list[str]] = mapped_column(JSON)
    should_be_refused: Mapped[bool]
    absent_matter: Mapped[str | None]
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(index=True)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    why: Mapped[str] = mapped_column(Text)

    author: Mapped[Person] = relationship(foreign_keys=author_id, lazy="joined")
    reviewer: Mapped[Person | None] = relationship(foreign_keys=reviewer_id, lazy="joined")


class QuestionSetAside(Base):
    """A question that needs no teaching (不用教), known by the digest of its text alone (`bot.lessons.set_aside`)."""

    __tablename__ = "questions_set_aside"

    text_digest: Mapped[str] = mapped_column(primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
