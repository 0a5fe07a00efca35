"""The tables of notices, of their numbers, and of the files that go with an answer.

They name a request by its receipt without a foreign key: a notice that went out must not vanish when its request is
struck off the register (`bot.disclosures.mending`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.db import Base, UTCDateTime
from bot.notices.kinds import NoticeKind
from bot.notices.letter import Letter
from bot.sealed_columns import SealedDict, SealedText


class Notice(Base):
    """A notice that went out. It is never changed: a later one may correct it, and says so.

    `kind` is one of `NoticeKind`; `step_on` the day of the step that it tells, null if it tells none. `content` is the
    `Letter`, with the name of the addressee; `addressee_masked` is for lists. `file_ids`: the files that go with it.
    `delivery` is the way (邮寄 and the like); `delivered_on` is null until somebody records it, or the applicant opens
    it on the portal.
    """

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(index=True)
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), index=True)
    kind: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    step_on: Mapped[date | None]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    issued_by: Mapped[str]
    addressee_masked: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(SealedDict)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id"), unique=True)
    why: Mapped[str | None] = mapped_column(SealedText)
    delivery: Mapped[str]
    delivered_on: Mapped[date | None]
    delivered_by: Mapped[str | None]
    delivery_note: Mapped[str | None] = mapped_column(SealedText)

    corrects: Mapped[Notice | None] = relationship(
        remote_side=[id], back_populates="corrected_by", lazy="selectin", join_depth=1
    )
    corrected_by: Mapped[Notice | None] = relationship(back_populates="corrects", lazy="selectin", join_depth=1)
    file_links: Mapped[list[NoticeFile]] = relationship(order_by="NoticeFile.id", lazy="selectin")

    @property
    def what(self) -> NoticeKind:
        return NoticeKind(self.kind)

    @property
    def letter(self) -> Letter:
        """Raises KeyError: the key that sealed it is gone."""
        return Letter.from_dict(self.content)

    @property
    def file_ids(self) -> tuple[int, ...]:
        return tuple(link.file_id for link in self.file_links)


class NoticeCounter(Base):
    """The next serial of a series of numbers, such as 云水信公告〔2026〕."""

    __tablename__ = "notice_counters"

    series: Mapped[str] = mapped_column(primary_key=True)
    next_serial: Mapped[int]


class AnswerFile(Base):
    """A file that goes with an answer, or with `is_supplement` one that the applicant handed in (条例 art. 30).

    `format` is one of `bot.notices.file_formats.Format`; `size` is in bytes.
    """

    __tablename__ = "answer_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(SealedText)
    format: Mapped[str]
    size: Mapped[int]
    is_supplement: Mapped[bool] = mapped_column(default=False, server_default=false())
    added_by: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)

    notice_links: Mapped[list[NoticeFile]] = relationship(lazy="selectin", viewonly=True)


class AnswerFilePart(Base):
    """A piece of a file in base64, sealed. Pieces keep each row small: sealing all anew reads many rows at a time."""

    __tablename__ = "answer_file_parts"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("answer_files.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    sealed: Mapped[str] = mapped_column(Text)


class NoticeFile(Base):
    """A file that went out with a notice; such a file can no longer be removed."""

    __tablename__ = "notice_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("answer_files.id"), index=True)
