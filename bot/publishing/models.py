"""Organs, what they have to publish, what they published, tasks, requests for correction, proposals."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

from bot.db import Base, UTCDateTime
from bot.documents.models import Document
from bot.sealed_columns import SealedText


class Organ(Base):
    """An organ that publishes (条例 art. 10). `office` is its 政府信息公开工作机构 (art. 4).

    `department_code`: the department of the catalogue whose staff see its tasks, empty if there is none. It is no
    foreign key, because what an organ published stays when the catalogue loses the department.
    `in_charge`: this is the 政府信息公开工作主管部门 of the city (art. 3).
    """

    __tablename__ = "publishing_organs"

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(unique=True)
    department_code: Mapped[str | None] = mapped_column(index=True)
    in_charge: Mapped[bool]
    duties: Mapped[str] = mapped_column(Text)
    address: Mapped[str]
    hours: Mapped[str]
    phone: Mapped[str]
    office: Mapped[str]
    office_address: Mapped[str]
    office_hours: Mapped[str]
    office_phone: Mapped[str]
    fax: Mapped[str]
    online: Mapped[str]

    leaders: Mapped[list[Leader]] = relationship(
        order_by="Leader.position", cascade="all, delete-orphan", lazy="selectin"
    )


class Leader(Base):
    """The name of a leader, their post and what they are in charge of (条例 art. 20, item 2)."""

    __tablename__ = "publishing_leaders"

    id: Mapped[int] = mapped_column(primary_key=True)
    organ_code: Mapped[str] = mapped_column(ForeignKey("publishing_organs.code", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    post: Mapped[str]
    duties: Mapped[str] = mapped_column(Text)


class ReadingPlace(Base):
    """A place where published information can be read (查阅场所, 条例 art. 25)."""

    __tablename__ = "publishing_places"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    kind: Mapped[str]
    name: Mapped[str]
    address: Mapped[str]
    hours: Mapped[str]
    phone: Mapped[str]
    note: Mapped[str] = mapped_column(Text)


class GazetteIssue(Base):
    """An issue of the government's gazette (政府公报, 条例 art. 23)."""

    __tablename__ = "publishing_gazettes"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(unique=True)
    published_on: Mapped[date] = mapped_column(index=True)
    contents: Mapped[str] = mapped_column(Text)
    url: Mapped[str]


class Duty(Base):
    """A row of the table of what each organ has to publish (条例 art. 22).

    `subject` is one of `terms.SUBJECTS`, `frequency` a `Frequency`. The term is `days` of `unit`, counted from the day
    on which the information was made or changed; or it ends on the same day of each year, `until`, as `01-31`.
    `term_basis`: the article that sets the term.
    """

    __tablename__ = "publishing_duties"

    code: Mapped[str] = mapped_column(primary_key=True)
    organ_code: Mapped[str] = mapped_column(ForeignKey("publishing_organs.code", ondelete="CASCADE"), index=True)
    subject: Mapped[str]
    content: Mapped[str] = mapped_column(Text)
    basis: Mapped[str]
    frequency: Mapped[str]
    days: Mapped[int]
    unit: Mapped[str]
    until: Mapped[str]
    term_basis: Mapped[str]

    organ: Mapped[Organ] = relationship(lazy="joined")


class Information(Base):
    """Information to be published, or published (条例 arts. 12, 26). `index_number` is its 索引号.

    `made_on`: 生成日期. The term runs from `counted_from`: the day on which it was made or changed, or on which it was
    decided to publish what had been given on request. `reviewed_by`: who checked that it may be published (art. 17).
    `withheld_why`: set if it is not published after all. `receipts`: the requests that it was given on before.
    """

    __tablename__ = "published_information"

    id: Mapped[int] = mapped_column(primary_key=True)
    index_number: Mapped[str] = mapped_column(unique=True)
    organ_code: Mapped[str] = mapped_column(ForeignKey("publishing_organs.code"), index=True)
    duty_code: Mapped[str | None] = mapped_column(ForeignKey("publishing_duties.code", ondelete="SET NULL"))
    subject: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    number: Mapped[str]
    summary: Mapped[str] = mapped_column(Text)
    made_on: Mapped[date] = mapped_column(index=True)
    counted_from: Mapped[date]
    due_on: Mapped[date] = mapped_column(index=True)
    published_on: Mapped[date | None] = mapped_column(index=True)
    url: Mapped[str]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"))
    reviewed_by: Mapped[str]
    withheld_why: Mapped[str] = mapped_column(Text)
    receipts: Mapped[list[str]] = mapped_column(JSON)
    entered_by: Mapped[str]
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)

    organ: Mapped[Organ] = relationship(lazy="joined")
    duty: Mapped[Duty | None] = relationship(lazy="joined")
    document: Mapped[Document | None] = relationship(lazy="joined")


class PublishingTask(Base):
    """What an organ has not published in time, or has not entered at all (`kind` is a `TaskKind`).

    `key` names what it is about and for which day, so that it is raised once. Open until `settled_at` is set.
    """

    __tablename__ = "publishing_tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    organ_code: Mapped[str] = mapped_column(ForeignKey("publishing_organs.code", ondelete="CASCADE"), index=True)
    information_id: Mapped[int | None] = mapped_column(ForeignKey("published_information.id", ondelete="CASCADE"))
    duty_code: Mapped[str | None] = mapped_column(ForeignKey("publishing_duties.code", ondelete="CASCADE"))
    period: Mapped[str]
    due_on: Mapped[date | None]
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(Text)

    organ: Mapped[Organ] = relationship(lazy="joined")
    information: Mapped[Information | None] = relationship(lazy="joined")
    duty: Mapped[Duty | None] = relationship(lazy="joined")


class CorrectionRequest(Base):
    """A request to correct a record about oneself (条例 art. 41). `number` looks like `GZ-2026-482913`.

    `sealed` holds name and contact. `outcome` is a `CorrectionOutcome`, null while it is open; `agency`: the organ that
    may correct it, if it is another one; `words`: what the applicant is told.
    """

    __tablename__ = "correction_requests"

    number: Mapped[str] = mapped_column(primary_key=True)
    query_code_hash: Mapped[str]
    organ_code: Mapped[str] = mapped_column(ForeignKey("publishing_organs.code"), index=True)
    record: Mapped[str] = mapped_column(SealedText)
    wrong: Mapped[str] = mapped_column(SealedText)
    evidence: Mapped[str] = mapped_column(SealedText)
    sealed: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    outcome: Mapped[str | None]
    agency: Mapped[str]
    words: Mapped[str] = mapped_column(SealedText)
    decided_on: Mapped[date | None]
    decided_by: Mapped[str | None]

    organ: Mapped[Organ] = relationship(lazy="joined")


class Proposal(Base):
    """A proposal to publish what was given on request (条例 art. 44); `kind` is a `ProposalKind`.

    `key` names the group of requests. `words`: what the applicant says in favour of it. Open until `settled_at` is set;
    then either `information_id` is what came of it, or `note` says why it was set aside.
    """

    __tablename__ = "publishing_proposals"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    department_code: Mapped[str] = mapped_column(index=True)
    receipts: Mapped[list[str]] = mapped_column(JSON)
    asked: Mapped[str] = mapped_column(SealedText)
    words: Mapped[str] = mapped_column(SealedText)
    applicants: Mapped[int]
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(Text)
    information_id: Mapped[int | None] = mapped_column(ForeignKey("published_information.id", ondelete="SET NULL"))
