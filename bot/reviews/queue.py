"""The list of cases: one query with filters, order and page. Whoever waits for a person now comes first."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, false, func, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, defer, lazyload, load_only

from bot.conversations.mentions import has_message_with
from bot.reviews.city_order_states import CAME_BACK
from bot.reviews.handling import APPROVED, DRAFTED, RETURNED
from bot.reviews.mentions import is_named
from bot.reviews.models import AnswerDraft, Case, CityOrder, Rating, WorkOrder
from bot.reviews.order_states import SEEING_ORDERS
from bot.reviews.reasons import LETTERS, Kind, Priority, Reason, Stars
from bot.reviews.states import CaseState
from bot.staff.models import Person
from bot.staff.roles import Role
from bot.workdays import CHINA

PAGE_ROWS = 50
OPEN = frozenset(CaseState) - {CaseState.CLOSED}
# Cases in which the clerks have the next move; the others wait for a department, for the citizen or for time.
TO_DO = frozenset({CaseState.HELD, CaseState.NEW, CaseState.CLAIMED})
# Whoever has waited longer past the promise has left the conversation: theirs is an overdue case like others.
_STILL_THERE = timedelta(hours=2)
# With these the citizen expects a person, also before one has claimed the case.
_EXPECTS_PERSON = (Reason.ASKED_FOR_PERSON, Reason.RATED_BADLY)


# The columns that the list beside a case shows. No others are read: opening what is sealed takes longer than the query.
LISTED = (Case.question, Case.due_at, Case.claimed_by_id)
# For lists of whole cases: their long sealed texts are read only if they are asked for.
WITHOUT_TALK = (defer(Case.transcript), defer(Case.searched_text))


@dataclass(frozen=True)
class Page:
    """One page of the list. `total` is the number of matching cases on all pages.

    `waiting`: the ids of the cases on this page whose citizens wait for a person now.
    """

    rows: list[Case]
    total: int
    number: int
    waiting: frozenset[int]

    @property
    def last_number(self) -> int:
        return max(1, -(-self.total // PAGE_ROWS))


@dataclass(frozen=True)
class QueueFilter:
    """Which cases the list shows.

    `department`: its code; the cases that it works on or answered. `older_than`: opened at least that long ago.
    `mine`: claimed by the person who looks. `waits_now`: the citizen waits for a person (`waits_now`). `to_approve`: a
    draft waits for somebody else than its author. `reviewed`, `came_back`: see `reviewed_drafts` and `came_back`.
    `named`: a note names the person who looks. `due_today`: the promise ends today and is not broken yet. `text`:
    words separated by spaces; each must occur in the question, transcript, a message or the number. `snoozed`: True for
    only the snoozed cases, False for only the others; None for both. `owner_id`: claimed by this person. `stars`: the
    last answer was rated so. `tag`: a whole tag. `opened_from`, `opened_before`: the first instant included, and the
    first one excluded.
    """

    reason: Reason | None = None
    kind: Kind | None = None
    department: str | None = None
    channel: str | None = None
    older_than: timedelta | None = None
    overdue: bool = False
    mine: bool = False
    waits_now: bool = False
    to_approve: bool = False
    reviewed: bool = False
    came_back: bool = False
    due_today: bool = False
    named: bool = False
    states: Collection[CaseState] = OPEN
    text: str = ""
    snoozed: bool | None = False
    owner_id: int | None = None
    stars: Stars | None = None
    tag: str = ""
    opened_from: datetime | None = None
    opened_before: datetime | None = None


def queue(session: Session, wanted: QueueFilter, *, seen_by: Person, now: datetime, page: int = 1) -> Page:
    """The matching cases: whose citizens wait now, by time left, then what is due today, then the rest, by priority.

    Args:
        seen_by: who asks; a department sees only its own cases (`service.is_visible_to`).
        page: from 1.
    """
    ids = select(Case.id).where(*visible_to(seen_by), *_matching(wanted, seen_by, now)).cte("found")
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
        select(total.c.count, shown, waits_now(shown, now))
        .options(defer(shown.transcript), defer(shown.searched_text))
        .select_from(total)
        .outerjoin(shown, true())
        .order_by(*_order(shown, now))
    ).all()
    cases = [row for _, row, _ in rows if row is not None]
    waiting = frozenset(row.id for _, row, waits in rows if waits)
    return Page(cases, rows[0][0], number, waiting)


def count(session: Session, wanted: QueueFilter, *, seen_by: Person, now: datetime) -> int:
    """How many cases the list with this filter shows on all its pages."""
    found = select(func.count()).select_from(Case).where(*visible_to(seen_by), *_matching(wanted, seen_by, now))
    return session.scalar(found) or 0


def count_by_owner(session: Session, wanted: QueueFilter, *, seen_by: Person, now: datetime) -> dict[int | None, int]:
    """Id of the owner → how many cases `count` would find for them; None: nobody has claimed them."""
    conditions = (*visible_to(seen_by), *_matching(wanted, seen_by, now))
    rows = session.execute(select(Case.claimed_by_id, func.count()).where(*conditions).group_by(Case.claimed_by_id))
    return {owner_id: number for owner_id, number in rows}  # noqa: C416


def first_in(session: Session, wanted: QueueFilter, *, seen_by: Person, now: datetime, count: int) -> list[Case]:
    """The first cases of the list, in its order, with no more than `LISTED` read of each."""
    matching = select(Case).where(*visible_to(seen_by), *_matching(wanted, seen_by, now))
    matching = matching.options(load_only(*LISTED), lazyload(Case.claimed_by), lazyload(Case.department))
    return list(session.scalars(matching.order_by(*_order(Case, now)).limit(count)))


def next_in(listed: Sequence[Case], case: Case, person: Person) -> Case | None:
    """The case to go on with: the next one of the list, else the first, that is the person's or still nobody's."""
    place = next((place for place, one in enumerate(listed) if one.id == case.id), -1)
    after = [*listed[place + 1 :], *listed[: max(0, place)]]
    return next((one for one in after if one.claimed_by_id in (None, person.id)), None)


def is_waiting(session: Session, case: Case, now: datetime) -> bool:
    """Whether the citizen of this case waits for a person now (`waits_now`)."""
    return session.scalar(select(Case.id).where(Case.id == case.id, waits_now(Case, now))) is not None


def waits_now(table: type[Case], now: datetime) -> ColumnElement[bool]:
    """The citizen waits for a person's next line: asked for one, rated badly or talks with the one who claimed it."""
    return and_(
        table.citizen_waits.is_(True),
        table.due_at > now - _STILL_THERE,
        table.state.in_(TO_DO),
        table.kind.not_in(LETTERS),
        or_(
            table.state == CaseState.CLAIMED,
            *(_has_reason(table, one) for one in _EXPECTS_PERSON),
        ),
    )


def is_to_approve(person: Person) -> ColumnElement[bool]:
    """The case has a draft that this person may approve: one of somebody else."""
    return exists().where(
        AnswerDraft.case_id == Case.id, AnswerDraft.state == DRAFTED, AnswerDraft.by_id.is_distinct_from(person.id)
    )


def reviewed_drafts(person: Person) -> Select[int, datetime | None]:
    """Case and instant of drafts that a reviewer approved or returned, for their authors and the owners of the cases.

    Only until the next draft or the answer.
    """
    later = aliased(AnswerDraft)
    return (
        select(AnswerDraft.case_id, AnswerDraft.reviewed_at)
        .join(Case, Case.id == AnswerDraft.case_id)
        .where(
            AnswerDraft.state.in_((APPROVED, RETURNED)),
            or_(AnswerDraft.by_id == person.id, Case.claimed_by_id == person.id),
            Case.state.in_({*TO_DO, CaseState.WITH_DEPARTMENT}),
            ~exists().where(later.case_id == AnswerDraft.case_id, later.id > AnswerDraft.id),
        )
    )


def came_back(person: Person) -> Select[int, datetime | None]:
    """Case and instant of what came back from the city's own work-order system, until the owner of the case saw it."""
    return (
        select(CityOrder.case_id, CityOrder.ended_at)
        .join(Case, Case.id == CityOrder.case_id)
        .where(
            Case.claimed_by_id == person.id,
            Case.state.in_(OPEN),
            CityOrder.state.in_(CAME_BACK),
            CityOrder.seen_at.is_(None),
        )
    )


def visible_to(person: Person) -> list[ColumnElement[bool]]:
    if person.role != Role.DEPARTMENT:
        return []
    own = person.department_code
    if own is None:
        return [false()]
    assists = exists().where(
        WorkOrder.case_id == Case.id,
        WorkOrder.department_code == own,
        WorkOrder.is_assisting.is_(True),
        WorkOrder.state.in_(SEEING_ORDERS),
    )
    return [or_(Case.department_code == own, assists)]


def _matching(wanted: QueueFilter, person: Person, now: datetime) -> list[ColumnElement[bool]]:
    is_snoozed = func.coalesce(Case.snoozed_until > now, false())
    conditions = [
        Case.state.in_(wanted.states),
        *map(_has, wanted.text.split()),
    ]
    if wanted.snoozed is not None:
        conditions.append(is_snoozed if wanted.snoozed else ~is_snoozed)
    if wanted.reason:
        conditions.append(_has_reason(Case, wanted.reason))
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
    if wanted.waits_now:
        conditions.append(waits_now(Case, now))
    if wanted.to_approve:
        conditions.append(is_to_approve(person))
    if wanted.reviewed:
        conditions.append(Case.id.in_(select(reviewed_drafts(person).subquery().c.case_id)))
    if wanted.came_back:
        conditions.append(Case.id.in_(select(came_back(person).subquery().c.case_id)))
    if wanted.due_today:
        conditions.append(and_(Case.due_at >= now, Case.due_at < end_of_today(now)))
    if wanted.named:
        conditions.append(is_named(person))
    return [*conditions, *_searched(wanted)]


def _searched(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    """The conditions of the search form: owner, grade, tag and day of opening."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.owner_id is not None:
        conditions.append(Case.claimed_by_id == wanted.owner_id)
    if wanted.stars is not None:
        any_ = aliased(Rating)
        newest = select(func.max(any_.id)).where(any_.case_id == Case.id).correlate(Case).scalar_subquery()
        conditions.append(exists().where(Rating.id == newest, Rating.stars == wanted.stars))
    if wanted.tag:
        conditions.append(_has_tag(wanted.tag))
    if wanted.opened_from is not None:
        conditions.append(Case.opened_at >= wanted.opened_from)
    if wanted.opened_before is not None:
        conditions.append(Case.opened_at < wanted.opened_before)
    return conditions


def _order(table: type[Case], now: datetime) -> Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]:
    """A case that waits for its citizen or is answered only falls due to be closed, so it comes last."""
    today_ends = end_of_today(now)
    is_to_act = table.state.in_({*TO_DO, CaseState.WITH_DEPARTMENT})
    rank = case((waits_now(table, now), 0), (and_(is_to_act, table.due_at < today_ends), 1), (is_to_act, 2), else_=3)
    urgency = case({priority: place for place, priority in enumerate(Priority)}, value=table.priority)
    return (rank, case((rank == 0, 0), else_=urgency), table.due_at, table.waiting_since, table.id)


def end_of_today(now: datetime) -> datetime:
    """The first instant of tomorrow in China."""
    return datetime.combine(now.astimezone(CHINA).date() + timedelta(days=1), time(), CHINA)


def _has_reason(table: type[Case], reason: Reason) -> ColumnElement[bool]:
    """Reasons are ASCII, so each occurs unescaped and in quotation marks in the JSON text."""
    return cast(table.reasons, String).contains(f'"{reason}"', autoescape=True)


def _has_tag(tag: str) -> ColumnElement[bool]:
    """As the tag stands in the JSON text, with the escapes that JSON needs."""
    return cast(Case.tags, String).contains(json.dumps(tag), autoescape=True)


def _has(word: str) -> ColumnElement[bool]:
    number = word.upper().removeprefix("AJ-")
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    return or_(
        Case.searched_text.icontains(word, autoescape=True),
        has_message_with(Case.conversation_id, word),
        Case.id == literal(int(number)) if is_number else false(),
    )
