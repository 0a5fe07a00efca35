"""Cases: conversations that a person must look at, and everything that people do with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

from bot.catalogue.models import Department
from bot.db import Base, UTCDateTime
from bot.language.case_numbers import case_number
from bot.sealed_columns import SealedDict, SealedList, SealedText
from bot.staff.models import Person

_IS_OPEN = text("state <> 'closed'")
_IS_OPEN_LEAD = text("NOT is_assisting AND state IN ('issued', 'signed', 'extension_asked')")
_IS_OPEN_OUTSIDE = text("state IN ('waiting', 'sent', 'accepted', 'in_progress')")


class Case(Base):
    """A case. A conversation has at most one open case; its `reasons` add up (`bot.reviews.reasons`).

    `kind` is one of `bot.reviews.reasons.Kind`. `question` is the message that needs a person, masked. `transcript` is
    masked too, and only kept if the messages of the conversation are not stored:
    `[{"by": "citizen" | "bot", "text"}]`. `searched_text` contains both, for the search.
    Question, transcript and everything that people write about the case are sealed.
    `waiting_since`: since when the citizen waits; if `citizen_waits` is false, since when they last waited.
    `contact_sealed`: where the citizen wants the answer sent, sealed; null if they come back to look.
    `contact_digest`: by which other cases with this contact are found (`bot.sealing.Sealer.digest`).
    `due_at`: when the promise of the current state ends, null once closed. `extended_working_days`: by so much the day
    of closing was put off (延期). `outcome` is one of `bot.reviews.reasons.ClosedAs`.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_open_conversation",
            "conversation_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_cases_waits", "state", "citizen_waits", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(index=True)
    channel: Mapped[str]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    kind: Mapped[str] = mapped_column(index=True, server_default="question")
    question: Mapped[str] = mapped_column(SealedText)
    transcript: Mapped[list[dict[str, Any]]] = mapped_column(SealedList)
    searched_text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(index=True)
    priority: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(JSON)
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"), index=True)
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reopened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    citizen_waits: Mapped[bool]
    waiting_since: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    first_reply_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    snoozed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    extended_working_days: Mapped[int] = mapped_column(server_default="0")
    outcome: Mapped[str | None]
    contact_sealed: Mapped[str | None] = mapped_column(Text)
    contact_digest: Mapped[str | None] = mapped_column(index=True)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)

    claimed_by: Mapped[Person | None] = relationship(lazy="joined", innerjoin=False)
    department: Mapped[Department | None] = relationship(lazy="joined", innerjoin=False)
    # Read only for departments that assist: they see the case too (`service.is_visible_to`).
    orders: Mapped[list[WorkOrder]] = relationship(viewonly=True, order_by="WorkOrder.id")

    @property
    def number(self) -> str:
        """As citizens and staff write it: `AJ-000012`."""
        return case_number(self.id)


class CaseEvent(Base):
    """One event in the history of a case. `who_id` is null for the citizen and for automatic events."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    who_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    action: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    why: Mapped[str] = mapped_column(SealedText)

    who: Mapped[Person | None] = relationship(lazy="joined")


class Note(Base):
    """A note of staff for colleagues; citizens never see it."""

    __tablename__ = "case_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(SealedText)

    by: Mapped[Person] = relationship(lazy="joined")


class Mention(Base):
    """A note names a colleague by login. `seen_at` is null until they open the case."""

    __tablename__ = "case_mentions"
    __table_args__ = (Index("ix_case_mentions_unseen", "person_id", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AnswerDraft(Base):
    """A draft of an answer. `state`: drafted, approved, returned or sent. `why`: the reason for returning it.

    `by_id` is null for an answer that came from the city's own work-order system.
    """

    __tablename__ = "case_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(SealedText)
    state: Mapped[str] = mapped_column(index=True)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    why: Mapped[str] = mapped_column(SealedText)

    by: Mapped[Person | None] = relationship(foreign_keys=by_id, lazy="joined")
    reviewer: Mapped[Person | None] = relationship(foreign_keys=reviewer_id, lazy="joined")


class WorkOrder(Base):
    """A case sent to a department to be worked on (工单). `state` is one of `bot.reviews.order_states.OrderState`.

    A case has one open order that leads (主办) at most; others assist (协办). `words`: what the desk asks; `result`:
    what an assisting department found; both are sealed. `sign_due_at`, `due_at`: when the department is to have signed
    for it (签收) and to have handed in its answer; `working_days`: the limit that it was given. `finished_at`: when it
    handed in, null again once that is sent back. `asked_days`, `asked_why`: the extension that was asked for last;
    `extended_days`: what was granted, all together. `pressed_count`: how often the desk pressed (催办).
    `supervised_at`: since when a supervisor watches it (督办). `redo_of_id`: the order that is to be done again (重办).
    """

    __tablename__ = "work_orders"
    __table_args__ = (
        Index(
            "uq_work_orders_open_lead",
            "case_id",
            unique=True,
            sqlite_where=_IS_OPEN_LEAD,
            postgresql_where=_IS_OPEN_LEAD,
        ),
        Index("ix_work_orders_department_code_state", "department_code", "state"),
        Index("ix_work_orders_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"))
    is_assisting: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[str]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    words: Mapped[str] = mapped_column(SealedText)
    working_days: Mapped[int]
    sign_due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    result: Mapped[str] = mapped_column(SealedText, default="")
    asked_days: Mapped[int | None]
    asked_why: Mapped[str] = mapped_column(SealedText, default="")
    extended_days: Mapped[int] = mapped_column(default=0, server_default="0")
    pressed_count: Mapped[int] = mapped_column(default=0, server_default="0")
    pressed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    supervised_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    redo_of_id: Mapped[int | None] = mapped_column(ForeignKey("work_orders.id"), index=True)

    department: Mapped[Department] = relationship(lazy="joined")
    case: Mapped[Case] = relationship()


class CityOrder(Base):
    """A case handed to the city's own work-order system (城市工单系统). `state` is one of
    `bot.reviews.city_order_states.CityOrderState`.

    A case has one open order of this kind at most. `number`: our name of it for the other system, that of the case and
    from the second time on how often (`AJ-000012-2`); the same number is the same order. `body`: what is sent, sealed,
    the same at each attempt. `to_send` is one of `bot.reviews.city_order_states.ToSend`. `next_at`: when it is sent or
    asked after next, null where nothing is to be done. `trouble`: why the last attempt failed, empty if it did not;
    `failing_since`: since when none succeeded. `outer_number`: theirs. `sequence`: of the newest state that they told.
    `answer`, `reason`: what they said, sealed. `seen_at`: when the owner of the case saw how it ended.
    """

    __tablename__ = "city_orders"
    __table_args__ = (
        Index(
            "uq_city_orders_open_case",
            "case_id",
            unique=True,
            sqlite_where=_IS_OPEN_OUTSIDE,
            postgresql_where=_IS_OPEN_OUTSIDE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    issued_at: Mapped[datetime] = mapped_column(UTCDateTime)
    body: Mapped[dict[str, Any]] = mapped_column(SealedDict)
    to_send: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    trouble: Mapped[str] = mapped_column(default="")
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outer_number: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(default=0)
    heard_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answer: Mapped[str] = mapped_column(SealedText, default="")
    reason: Mapped[str] = mapped_column(SealedText, default="")
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class CallBack(Base):
    """What a citizen said after the answer (回访): whether it is solved and whether they are satisfied.

    `asked_at`: when it was asked by message, null for a call by telephone. `answered_at`: null until there is an
    answer. `by_id`: who called, null if the citizen answered a message. `words` are sealed.
    """

    __tablename__ = "call_backs"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    staff_message_id: Mapped[int | None] = mapped_column(ForeignKey("staff_messages.id"), unique=True)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    is_solved: Mapped[bool | None]
    is_satisfied: Mapped[bool | None]
    words: Mapped[str] = mapped_column(SealedText, default="")

    by: Mapped[Person | None] = relationship(lazy="joined")


class UnsentText(Base):
    """What a person has typed on the page of a case and not sent yet. `act`: one of `bot.reviews.unsent.ACTS`."""

    __tablename__ = "case_unsent_texts"
    __table_args__ = (UniqueConstraint("case_id", "person_id", "act"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    act: Mapped[str]
    text: Mapped[str] = mapped_column(SealedText)
    at: Mapped[datetime] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship(lazy="joined")


class CannedReply(Base):
    """A reply that clerks send often; if `department_code` is null, everybody may use it."""

    __tablename__ = "canned_replies"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str] = mapped_column(Text)
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))


class DeskWishes(Base):
    """How a person wishes to be told of news: values of `bot.reviews.desk_news.Way` and `NewsKind`."""

    __tablename__ = "desk_wishes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    ways: Mapped[list[str]] = mapped_column(JSON)
    kinds: Mapped[list[str]] = mapped_column(JSON)


class SavedView(Base):
    """A list of cases that a person keeps: `query` has the filters as the queue's address has them."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("person_id", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    query: Mapped[str] = mapped_column(SealedText)


class Rating(Base):
    """The citizen's rating of a case (好差评): `stars` from 1, 非常不满意, to 5, 非常满意. `why` is masked."""

    __tablename__ = "case_ratings"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    stars: Mapped[int]
    why: Mapped[str] = mapped_column(SealedText)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
