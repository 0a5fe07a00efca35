"""What a person at the desk has to act on now, and how each person wishes to be told of it.

The navigation of every page counts it; the browser may add a sound, the number in the title or a notification.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.db import UTCDateTime
from bot.language.case_numbers import case_number
from bot.reviews.handling import DRAFTED
from bot.reviews.models import AnswerDraft, Case, DeskWishes, Mention, WorkOrder
from bot.reviews.order_states import OrderState
from bot.reviews.queue import OPEN, came_back, reviewed_drafts, visible_to, waits_now
from bot.reviews.states import CaseState
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission


class NewsKind(StrEnum):
    WAITS = "waits"
    ANSWERED_MINE = "answered_mine"
    NEARLY_LATE = "nearly_late"
    TO_APPROVE = "to_approve"
    REVIEWED = "reviewed"
    TO_SIGN = "to_sign"
    EXTENSION_ASKED = "extension_asked"
    NAMED = "named"
    CAME_BACK = "came_back"


class Way(StrEnum):
    """How the browser tells of news, besides the numbers in the navigation."""

    SOUND = "sound"
    TITLE = "title"
    NOTIFICATION = "notification"


# Of each kind at most so many are read; the page then shows “99+”.
MOST_OF_A_KIND = 100
_LATE_SOON = timedelta(minutes=30)
# A citizen's wait is promised to last minutes: half an hour before its end it has not begun.
_WAIT_LATE_SOON = timedelta(minutes=2)


@dataclass(frozen=True)
class News:
    """`since` tells a new wait of the same case from the one before."""

    kind: NewsKind
    case_id: int
    since: datetime

    @property
    def number(self) -> str:
        return case_number(self.case_id)

    @property
    def key(self) -> str:
        return f"{self.kind} {self.case_id} {int(self.since.timestamp())}"


def news_of(session: Session, person: Person, now: datetime) -> list[News]:
    """All that this person has to act on now, in one statement."""
    sources = _sources(person, now)
    found = session.execute(union_all(*sources)).all() if sources else []
    return [News(NewsKind(kind), case_id, since) for kind, case_id, since in found]


def counts(news: Sequence[News]) -> dict[str, int]:
    return dict(Counter(each.kind.value for each in news))


def wishes_of(session: Session, person: Person) -> DeskWishes:
    """Nothing is wished until the person chooses it."""
    return session.get(DeskWishes, person.id) or DeskWishes(person_id=person.id, ways=[], kinds=[])


def set_wishes(session: Session, person: Person, ways: Collection[Way], kinds: Collection[NewsKind]) -> None:
    session.merge(DeskWishes(person_id=person.id, ways=sorted(ways), kinds=sorted(kinds)))


def kinds_for(person: Person) -> list[NewsKind]:
    """The kinds of news that the role of the person makes theirs."""
    permissions = {
        NewsKind.WAITS: Permission.CLAIM_CASES,
        NewsKind.ANSWERED_MINE: Permission.HANDLE_CASES,
        NewsKind.NEARLY_LATE: Permission.ANSWER_AS_DEPARTMENT,
        NewsKind.TO_APPROVE: Permission.APPROVE_ANSWERS,
        NewsKind.REVIEWED: Permission.ANSWER_AS_DEPARTMENT,
        NewsKind.TO_SIGN: Permission.ANSWER_AS_DEPARTMENT,
        NewsKind.EXTENSION_ASKED: Permission.ASSIGN_CASES,
        NewsKind.NAMED: Permission.SEE_QUEUE,
        NewsKind.CAME_BACK: Permission.HANDLE_CASES,
    }
    kinds = [kind for kind, permission in permissions.items() if may(person, permission)]
    return kinds if person.department_code is not None else [kind for kind in kinds if kind != NewsKind.TO_SIGN]


def _sources(person: Person, now: datetime) -> list[Select[Any]]:
    """A statement for each kind. A limit is only allowed within a subquery when they are united."""
    sources = {
        NewsKind.WAITS: _cases(person, now, Case.waiting_since, Case.state == CaseState.NEW, waits_now(Case, now)),
        NewsKind.ANSWERED_MINE: _cases(
            person,
            now,
            Case.waiting_since,
            Case.claimed_by_id == person.id,
            Case.state == CaseState.CLAIMED,
            waits_now(Case, now),
        ),
        NewsKind.NEARLY_LATE: _cases(
            person, now, Case.due_at, or_(Case.claimed_by_id == person.id, _is_of(person)), _is_nearly_late(now)
        ),
        NewsKind.TO_APPROVE: _drafts(person),
        NewsKind.REVIEWED: reviewed_drafts(person),
        NewsKind.TO_SIGN: _orders(
            WorkOrder.issued_at,
            WorkOrder.state == OrderState.ISSUED,
            WorkOrder.department_code == person.department_code,
        ),
        NewsKind.EXTENSION_ASKED: _orders(WorkOrder.issued_at, WorkOrder.state == OrderState.EXTENSION_ASKED),
        NewsKind.NAMED: _mentions(person),
        NewsKind.CAME_BACK: came_back(person),
    }
    limited = {kind: source.limit(MOST_OF_A_KIND).subquery() for kind, source in sources.items()}
    return [select(literal(kind.value), *limited[kind].c) for kind in kinds_for(person)]


def _cases(
    person: Person, now: datetime, since: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]
) -> Select[Any]:
    not_snoozed = or_(Case.snoozed_until.is_(None), Case.snoozed_until <= now)
    return select(Case.id, since).where(*conditions, not_snoozed, *visible_to(person))


def _drafts(person: Person) -> Select[Any]:
    columns: tuple[Any, Any] = (AnswerDraft.case_id, func.max(AnswerDraft.at, type_=UTCDateTime))
    return (
        select(*columns)
        .join(Case, Case.id == AnswerDraft.case_id)
        .where(AnswerDraft.state == DRAFTED, AnswerDraft.by_id.is_distinct_from(person.id), Case.state.in_(OPEN))
        .group_by(AnswerDraft.case_id)
    )


def _orders(since: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(WorkOrder.case_id, since).where(*conditions)


def _mentions(person: Person) -> Select[Any]:
    columns: tuple[Any, Any] = (Mention.case_id, func.max(Mention.at, type_=UTCDateTime))
    return (
        select(*columns)
        .join(Case, Case.id == Mention.case_id)
        .where(Mention.person_id == person.id, Mention.seen_at.is_(None), *visible_to(person))
        .group_by(Mention.case_id)
    )


def _is_of(person: Person) -> ColumnElement[bool]:
    return and_(Case.state == CaseState.WITH_DEPARTMENT, Case.department_code == person.department_code)


def _is_nearly_late(now: datetime) -> ColumnElement[bool]:
    """Only what staff owe: what waits for the citizen closes by itself."""
    owed = Case.state.in_({CaseState.CLAIMED, CaseState.WITH_DEPARTMENT})
    began_before = Case.waiting_since <= now - _LATE_SOON
    soon = and_(Case.due_at <= now + _LATE_SOON, or_(began_before, Case.due_at <= now + _WAIT_LATE_SOON))
    return and_(owed, Case.due_at > now, soon)
