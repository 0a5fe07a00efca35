"""The tables of oversight: reconsideration and lawsuits, yearly reports, complaints, orders to correct, their events.

A request is named by its receipt without a foreign key: what was recorded here must not vanish when a request is struck
off the register (`bot.disclosures.mending`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

from bot.catalogue.models import Department
from bot.db import Base, UTCDateTime
from bot.sealed_columns import SealedText


class Contest(Base):
    """A reconsideration (行政复议) or a lawsuit (行政诉讼) about disclosure work (条例 art. 50, item 3).

    It is about a request (`receipt`), or about other work, such as publishing, of the department (`department_code`);
    the other one is null.

    `kind` is a `bot.oversight.contests.ContestKind`; `result` a `ContestResult`, null until it is decided. `authority`
    is the organ or court, `case_number` its number (案号), both as the clerk wrote them.
    """

    __tablename__ = "disclosure_contests"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str | None] = mapped_column(index=True)
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    kind: Mapped[str]
    filed_on: Mapped[date]
    authority: Mapped[str]
    case_number: Mapped[str]
    decided_on: Mapped[date | None]
    result: Mapped[str | None]
    note: Mapped[str] = mapped_column(SealedText)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)

    department: Mapped[Department | None] = relationship(lazy="joined")


class YearlyReport(Base):
    """The yearly report of one organ. `organ` is the code of a department, empty for the whole city (本级政府).

    `typed` holds what only the organ knows (`bot.oversight.typed`). `content` is the whole report as it was published;
    a published report no longer follows the register. `submitted_on`: handed to the office in charge (主管部门).
    """

    __tablename__ = "yearly_reports"
    __table_args__ = (UniqueConstraint("year", "organ"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    organ: Mapped[str]
    typed: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[str]
    submitted_on: Mapped[date | None]
    published_on: Mapped[date | None]
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Complaint(Base):
    """A complaint about disclosure (条例 art. 47, para. 2, and art. 51) to the office in charge (主管部门).

    `kind` is a `bot.oversight.complaints.ComplaintKind`, `state` a `ComplaintState`, `finding` a `Finding`, null until
    it is answered. `receipt`: the disclosure request that it is about, as the citizen wrote it; may be empty.
    """

    __tablename__ = "disclosure_complaints"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    query_code_hash: Mapped[str]
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), index=True)
    kind: Mapped[str]
    receipt: Mapped[str]
    words: Mapped[str] = mapped_column(SealedText)
    contact: Mapped[str] = mapped_column(SealedText)
    filed_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    state: Mapped[str]
    finding: Mapped[str | None]
    answer: Mapped[str] = mapped_column(SealedText)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    department: Mapped[Department] = relationship(lazy="joined")


class Order(Base):
    """An order to an organ to correct what it did or left undone (条例 arts. 47, 52, 53), with a day by which.

    `basis` is a `bot.oversight.orders.Basis`, `state` an `OrderState`. `duty`: which request or duty it is about;
    `receipt` may be empty.
    """

    __tablename__ = "disclosure_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), index=True)
    complaint_id: Mapped[int | None] = mapped_column(ForeignKey("disclosure_complaints.id"))
    receipt: Mapped[str]
    basis: Mapped[str]
    duty: Mapped[str] = mapped_column(Text)
    wrong: Mapped[str] = mapped_column(SealedText)
    issued_on: Mapped[date]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(index=True)
    closed_on: Mapped[date | None]

    department: Mapped[Department] = relationship(lazy="joined")
    complaint: Mapped[Complaint | None] = relationship(lazy="joined")


class OversightEvent(Base):
    """One thing that somebody did with a complaint or an order. `subject` is its number, `act` an `Act`."""

    __tablename__ = "oversight_events"
    __table_args__ = (Index("ix_oversight_events_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    who: Mapped[str]
    act: Mapped[str]
    words: Mapped[str] = mapped_column(SealedText)
