"""The list of cases: one query with filters, order and page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, false, func, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from bot.conversations.mentions import has_message_with
from bot.reviews.models import Case
from bot.reviews.reasons import Kind, Priority, Reason
from bot.reviews.states import CaseState
from bot.staff.models import Person
from bot.staff.roles import Role

PAGE_ROWS = 50


@dataclass(frozen=True)
class Page:
    """One page of the list. `total` is the number of matching cases on all pages."""

    rows: list[Case]
    total: int
    number: int

    @property
    def last_number(self) -> int:
        return max(1, -(-self.total // PAGE_ROWS))


@dataclass(frozen=True)
class QueueFilter:
    """Which cases the list shows.

    `department`: its code; the cases that it works on or answered. `older_than`: opened at least that long ago.
    `mine`: claimed by the person who looks. `state`: None for all open cases. `text`: words separated by spaces; each
    must occur in the question, transcript, a message or the number. `snoozed`: True for only the snoozed cases, False
    for only the others.
    """

    reason: Reason | None = None
    kind: Kind | None = None
    department: str | None = None
    channel: str | None = None
    older_than: timedelta | None = None
    overdue: bool = False
    mine: bool = False
    state: CaseState | None = None
    text: str = ""
    snoozed: bool = False


def queue(session: Session, wanted: QueueFilter, *, seen_by: Person, now: datetime, page: int = 1) -> Page:
    """The matching cases: overdue ones first, then by priority, then longest waiting first.

    Args:
        seen_by: who asks; a department sees only its own cases (`service.is_visible_to`).
        page: from 1.
    """
    ids = select(Case.id).where(*_visible_to(seen_by), *_matching(wanted, seen_by, now)).cte("found")
    total = select(func.count().label("count")).select_from(ids).cte("total")
    number = max(1, page)
    in_page = (
        select(Case)
        .where(Case.id.in_(select(ids.c.id)))
        .order_by(*_order(Case, now))
        .limit(PAGE_ROWS)
        .offset((number - 1) * PAGE_ROWS)
        .subquery()
    )
    shown = aliased(Case, in_page)
    # An outer join, so that a page beyond the last still returns the total.
    rows = session.execute(
        select(total.c.count, shown).select_from(total).outerjoin(shown, true()).order_by(*_order(shown, now))
    ).all()
    return Page([row for _, row in rows if row is not None], rows[0][0], number)


def _visible_to(person: Person) -> list[ColumnElement[bool]]:
    if person.role != Role.DEPARTMENT:
        return []
    own = person.department_code
    return [Case.department_code == own if own is not None else false()]


def _matching(wanted: QueueFilter, person: Person, now: datetime) -> list[ColumnElement[bool]]:
    is_snoozed = func.coalesce(Case.snoozed_until > now, false())
    conditions = [
        Case.state == wanted.state if wanted.state else Case.state != CaseState.CLOSED,
        is_snoozed if wanted.snoozed else ~is_snoozed,
        *map(_has, wanted.text.split()),
    ]
    if wanted.reason:
        # Reasons are ASCII, so each occurs unescaped and in quotation marks in the JSON text.
        conditions.append(cast(Case.reasons, String).contains(f'"{wanted.reason}"', autoescape=True))
    if wanted.kind:
        conditions.append(Case.kind == wanted.kind)
    if wanted.department:
        conditions.append(Case.department_code == wanted.department)
    if wanted.channel:
        conditions.append(Case.channel == wanted.channel)
    if wanted.older_than is not None:
        conditions.append(Case.opened_at <= now - wanted.older_than)
    if wanted.overdue:
        conditions.append(Case.due_at < now)
    if wanted.mine:
        conditions.append(Case.claimed_by_id == person.id)
    return conditions


def _order(table: type[Case], now: datetime) -> Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]:
    is_overdue = case((table.due_at < now, 0), else_=1)
    urgency = case({priority: rank for rank, priority in enumerate(Priority)}, value=table.priority)
    return (is_overdue, urgency, table.waiting_since, table.id)


def _has(word: str) -> ColumnElement[bool]:
    number = word.upper().removeprefix("AJ-")
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    return or_(
        Case.searched_text.icontains(word, autoescape=True),
        has_message_with(Case.conversation_id, word),
        Case.id == literal(int(number)) if is_number else false(),
    )
