"""The tables of disclosure requests (政府信息公开申请), their events, and the attempts to look them up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.catalogue.models import Department
from bot.db import Base, UTCDateTime
from bot.disclosures.terms import Decision, Kind, Party, Reason, Step
from bot.sealed_columns import SealedDict, SealedText


class Request(Base):
    """A disclosure request. `receipt` looks like `XXGK-2026-000123`.

    The query code is stored only as a salted hash, or, from a large register, as a keyed digest until its first use;
    empty if the request came from a register without codes. And the applicant's name here only masked. `description` is
    encrypted, because it may contain facts about the applicant.

    `applicant_kind` is one of `bot.disclosures.terms.ApplicantKind`; `outcome` one of `Decision`, null until answered.
    `form_wanted` and `delivery` are the applicant's wishes (条例 art. 29), null if unknown. `own_number`: under which
    number the agency keeps it in its own register, null if it has none.
    """

    __tablename__ = "disclosure_requests"

    receipt: Mapped[str] = mapped_column(primary_key=True)
    query_code_hash: Mapped[str]
    applicant_kind: Mapped[str]
    applicant_masked: Mapped[str]
    description: Mapped[str] = mapped_column(SealedText)
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), index=True)
    received_on: Mapped[date] = mapped_column(index=True)
    submitted_via: Mapped[str]
    form_wanted: Mapped[str | None]
    delivery: Mapped[str | None]
    outcome: Mapped[str | None]
    own_number: Mapped[str | None] = mapped_column(index=True)

    department: Mapped[Department] = relationship(lazy="joined")
    events: Mapped[list[Event]] = relationship(order_by="Event.position", cascade="all, delete-orphan", lazy="selectin")
    applicant: Mapped[Applicant | None] = relationship(cascade="all, delete-orphan")

    @property
    def steps(self) -> list[Step]:
        """The events in the form that `bot.disclosures.clock` takes."""
        return [event.step for event in self.events]


class Applicant(Base):
    """The applicant of a request that was filed here, encrypted (`bot.sealing`).

    Requests that staff entered or imported have none. `sealed` holds name, identity, contact and address, and
    `text_conversation`: the conversation by SMS or WeChat in which the request was filed, if it was. With
    `digest`, requests of the same applicant can be found without decrypting.
    """

    __tablename__ = "disclosure_applicants"

    receipt: Mapped[str] = mapped_column(
        ForeignKey("disclosure_requests.receipt", ondelete="CASCADE"), primary_key=True
    )
    sealed: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(index=True)


class KeptDraft(Base):
    """A draft (`bot.disclosures.draft.Draft`) that is being filled in, encrypted as a whole."""

    __tablename__ = "disclosure_drafts"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Errand(Base):
    """What an applicant who gave the query code is about to do with a request in a conversation (`errands`).

    `kind` is a `bot.language.errands.ErrandKind`; `words`: the supplement as it will be recorded, empty until told.
    """

    __tablename__ = "disclosure_errands"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    receipt: Mapped[str] = mapped_column(ForeignKey("disclosure_requests.receipt", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(SealedText, default="")
    proven_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class SentReminder(Base):
    """A reminder that was sent; `kind` is a `bot.disclosures.reminders.ReminderKind`, `day` the date that matters."""

    __tablename__ = "disclosure_reminders"
    __table_args__ = (UniqueConstraint("receipt", "kind", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(ForeignKey("disclosure_requests.receipt", ondelete="CASCADE"))
    kind: Mapped[str]
    day: Mapped[date]
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Event(Base):
    """One `bot.disclosures.terms.Step` of a request; `position` is its place in order, from 1."""

    __tablename__ = "disclosure_events"
    __table_args__ = (UniqueConstraint("receipt", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(ForeignKey("disclosure_requests.receipt", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    happened_on: Mapped[date]
    kind: Mapped[str]
    respond_by: Mapped[date | None]
    working_days: Mapped[int | None]
    party: Mapped[str | None]
    consultation_id: Mapped[str | None]
    amount: Mapped[int | None]
    pay_by: Mapped[date | None]
    until: Mapped[date | None]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    note: Mapped[str] = mapped_column(SealedText)

    @classmethod
    def of(cls, step: Step, position: int) -> Event:
        return cls(**columns_of_step(step, position))

    @property
    def step(self) -> Step:
        return Step(
            kind=Kind(self.kind),
            on=self.happened_on,
            respond_by=self.respond_by,
            working_days=self.working_days,
            party=Party(self.party) if self.party else None,
            consultation_id=self.consultation_id,
            amount=self.amount,
            pay_by=self.pay_by,
            until=self.until,
            outcome=Decision(self.outcome) if self.outcome else None,
            reason=Reason(self.reason) if self.reason else None,
            note=self.note,
        )


def columns_of_step(step: Step, position: int) -> dict[str, Any]:
    """The columns of an `Event`, except `id` and `receipt`."""
    return {
        "position": position,
        "happened_on": step.on,
        "kind": step.kind.value,
        "respond_by": step.respond_by,
        "working_days": step.working_days,
        "party": step.party.value if step.party else None,
        "consultation_id": step.consultation_id,
        "amount": step.amount,
        "pay_by": step.pay_by,
        "until": step.until,
        "outcome": step.outcome.value if step.outcome else None,
        "reason": step.reason.value if step.reason else None,
        "note": step.note,
    }


class ReceiptCounter(Base):
    """The next receipt number of a year (`bot.disclosures.numbering`)."""

    __tablename__ = "receipt_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next_serial: Mapped[int]


class StruckRequest(Base):
    """A request that was removed from the register (`bot.disclosures.mending`), kept so that it can be restored.

    `content` holds the columns of the request and, under `events`, those of its events; dates as `2026-03-01`.
    """

    __tablename__ = "struck_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(index=True)
    content: Mapped[dict[str, Any]] = mapped_column(SealedDict)
    struck_by: Mapped[str]
    why: Mapped[str] = mapped_column(SealedText)
    struck_at: Mapped[datetime] = mapped_column(UTCDateTime)


class LookupAttempt(Base):
    """An attempt to prove that a request or a case is one's own. `receipt`: the number as given; it need not exist."""

    __tablename__ = "lookup_attempts"
    __table_args__ = (
        Index("ix_lookup_attempts_receipt_at", "receipt", "at"),
        Index("ix_lookup_attempts_client_at", "client", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str]
    client: Mapped[str]
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    failed: Mapped[bool]
