"""Counts the conversations, answers, cases and ratings of a period. Only reads the tables.

Texts are masked, as in the tables. Days are days in China. `docs/figures.md` says what each figure counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median

from sqlalchemy import ColumnElement, Date, Integer, String, and_, case, cast, exists, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, defer

from bot.catalogue.departments import all_departments
from bot.catalogue.service import names_of
from bot.conversations.models import Conversation, Message
from bot.conversations.outcomes import Outcome
from bot.conversations.unanswered import UNANSWERED
from bot.figures.period import Period
from bot.figures.questions import CountedQuestion, alike_together
from bot.reviews import promises
from bot.reviews.models import Case, CaseEvent, Rating
from bot.reviews.reasons import NOBODY_WAITS, WORST_STARS, ClosedAs, Stars
from bot.reviews.states import Action, CaseState

FAILED = (Outcome.FAILED_ENGINE, Outcome.FAILED_ACTIONS)
_NOT_THE_BOT = (Outcome.WITH_PERSON, Outcome.SWITCHED_OFF, Outcome.COMMAND)
_TO_PERSON = (Outcome.HANDED_OVER, Outcome.TAKEN_DOWN, Outcome.WITH_PERSON)
_HELPED = (Outcome.ANSWERED_BY_RECORD, Outcome.ANSWERED_BY_PASSAGE, Outcome.ROUTED, Outcome.FILED, Outcome.OUT_OF_SCOPE)
_CITIZEN_WAITS_AFTER = (Action.CITIZEN_ADDS, Action.CITIZEN_ADDS_MEANWHILE, Action.CITIZEN_RETURNS)

# The most frequent wordings that are grouped; rarer ones are left out.
MOST_WORDINGS = 1500


@dataclass(frozen=True)
class DayVolume:
    """The messages of a day on a channel, and the number of their conversations."""

    day: date
    channel: str
    message_count: int
    conversation_count: int


@dataclass(frozen=True)
class Conversations:
    """Conversations with a message in the period.

    `unanswered_count`: conversations with an unanswered or failed message, without a useful answer or a person.
    """

    total: int
    with_person_count: int
    unanswered_count: int

    @property
    def alone_share(self) -> float | None:
        """The share handled without a person, from 0 to 1."""
        return share(self.total - self.with_person_count - self.unanswered_count, self.total)


@dataclass(frozen=True)
class Answers:
    """Messages of the period by outcome. `bot_count`: messages that the bot answered itself."""

    by_outcome: dict[str, int]
    bot_count: int
    fell_back_count: int
    failed_count: int

    @property
    def fallback_share(self) -> float | None:
        return share(self.fell_back_count, self.bot_count)


@dataclass(frozen=True)
class Times:
    """How long something took (a first reply or a closing), and how often it was on time.

    `median` and `ninetieth` are of those that have ended; None if there are none. `judged_count`: those that have
    ended or are late; `kept_count`: those that ended on time.
    """

    ended_count: int
    median: timedelta | None
    ninetieth: timedelta | None
    kept_count: int
    judged_count: int

    @property
    def kept_share(self) -> float | None:
        return share(self.kept_count, self.judged_count)


@dataclass(frozen=True)
class CaseFigures:
    """Figures of the cases opened in the period, without those merged into others.

    `department` None: cases that are with the desk, or in `Figures.cases` all cases.
    """

    department: str | None
    opened_count: int
    closed_count: int
    first_reply: Times
    closing: Times


@dataclass(frozen=True)
class Satisfaction:
    """Ratings of the period by stars, 1 to 5."""

    counts: dict[int, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def satisfied_share(self) -> float | None:
        return share(self.counts[Stars.SATISFIED] + self.counts[Stars.VERY_SATISFIED], self.total)

    @property
    def worst_count(self) -> int:
        return sum(self.counts[stars] for stars in WORST_STARS)


@dataclass(frozen=True)
class AskedItem:
    code: str
    name: str
    count: int


@dataclass(frozen=True)
class OverdueCase:
    """An open case after its promised time. `department` None: it is with the desk; `owner` None: it is unclaimed."""

    number: str
    question: str
    state: str
    department: str | None
    owner: str | None
    due_at: datetime


@dataclass(frozen=True)
class Figures:
    """All figures of a period. `departments` begins with the desk. `overdue` is the state at `taken_at`.

    `satisfaction`: ratings of what staff answered; `grades`: of what the assistant answered.
    """

    period: Period
    taken_at: datetime
    volume: list[DayVolume]
    conversations: Conversations
    answers: Answers
    cases: CaseFigures
    departments: list[CaseFigures]
    satisfaction: Satisfaction
    grades: Satisfaction
    unanswered: list[CountedQuestion]
    items: list[AskedItem]
    overdue: list[OverdueCase]


def figures(session: Session, period: Period, now: datetime) -> Figures:
    times = _case_times(session, period)
    return Figures(
        period=period,
        taken_at=now,
        volume=volume(session, period),
        conversations=conversations(session, period),
        answers=answers(session, period),
        cases=_case_figures(None, times, now),
        departments=_by_department(session, times, now),
        satisfaction=satisfaction(session, period),
        grades=grades(session, period),
        unanswered=unanswered(session, period),
        items=asked_items(session, period),
        overdue=overdue(session, now),
    )


def volume(session: Session, period: Period) -> list[DayVolume]:
    """Messages by day and channel; days without messages are left out."""
    said = (
        select(_day_in_china(session, Message.received_at).label("day"), Conversation.channel, Message.conversation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(_within(Message.received_at, period))
        .subquery()
    )
    counted = (
        select(said.c.day, said.c.channel, func.count(), func.count(said.c.conversation_id.distinct()))
        .group_by(said.c.day, said.c.channel)
        .order_by(said.c.day, said.c.channel)
    )
    return [DayVolume(*row) for row in session.execute(counted)]


def conversations(session: Session, period: Period) -> Conversations:
    each = (
        select(
            _any(Message.outcome.in_(_TO_PERSON)).label("with_person"),
            _any(Message.outcome.in_((*UNANSWERED, *FAILED, Outcome.SWITCHED_OFF))).label("fell_back"),
            _any(Message.outcome.in_(_HELPED)).label("helped"),
            _has_case(period).label("has_case"),
        )
        .where(_within(Message.received_at, period))
        .group_by(Message.conversation_id)
        .subquery()
    )
    to_person = or_(each.c.with_person == 1, each.c.has_case)
    unanswered = and_(not_(to_person), each.c.fell_back == 1, each.c.helped == 0)
    return Conversations(
        *session.execute(select(func.count(), _sum(to_person), _sum(unanswered)).select_from(each)).one()
    )


def answers(session: Session, period: Period) -> Answers:
    counted = select(Message.outcome, func.count()).where(_within(Message.received_at, period))
    rows = session.execute(counted.where(Message.outcome.is_not(None)).group_by(Message.outcome)).all()
    by_outcome: Counter[str] = Counter({outcome: count for outcome, count in rows if outcome})
    return Answers(
        by_outcome=dict(by_outcome.most_common()),
        bot_count=by_outcome.total() - sum(by_outcome[outcome] for outcome in _NOT_THE_BOT),
        fell_back_count=sum(by_outcome[outcome] for outcome in UNANSWERED),
        failed_count=sum(by_outcome[outcome] for outcome in FAILED),
    )


def satisfaction(session: Session, period: Period) -> Satisfaction:
    counted = select(Rating.stars, func.count()).where(_within(Rating.at, period)).group_by(Rating.stars)
    found: Counter[int] = Counter(dict(session.execute(counted).all()))
    return Satisfaction({int(stars): found[stars] for stars in Stars})


def grades(session: Session, period: Period) -> Satisfaction:
    counted = select(Message.stars, func.count()).where(_within(Message.received_at, period)).group_by(Message.stars)
    found: Counter[int | None] = Counter(dict(session.execute(counted).all()))
    return Satisfaction({int(stars): found[stars] for stars in Stars})


def unanswered(session: Session, period: Period, most: int = 10) -> list[CountedQuestion]:
    """The questions without an answer, similar ones grouped, most frequent first."""
    asked = (
        select(Message.masked_text, func.count().label("count"))
        .where(_within(Message.received_at, period), Message.outcome.in_(UNANSWERED), Message.masked_text != "")
        # The text of a pressed button is not a question.
        .where(not_(Message.is_pressed))
        .group_by(Message.masked_text)
        .order_by(func.count().desc(), Message.masked_text)
        .limit(MOST_WORDINGS)
    )
    return alike_together(dict(session.execute(asked).all()))[:most]


def asked_items(session: Session, period: Period, most: int = 20) -> list[AskedItem]:
    """The items that most messages named. An item that is no longer in the catalogue has its code as name."""
    named = select(Message.entities).where(
        _within(Message.received_at, period), cast(Message.entities, String).contains('"item"', autoescape=True)
    )
    counts: Counter[str] = Counter()
    for entities in session.scalars(named.execution_options(yield_per=1000)):
        counts.update({entity["value"] for entity in entities if entity["entity"] == "item"})
    found = sorted(counts, key=lambda code: (-counts[code], code))[:most]
    names = names_of(session, found)
    return [AskedItem(code, names.get(code, code), counts[code]) for code in found]


def overdue(session: Session, now: datetime) -> list[OverdueCase]:
    """Open cases whose promised time is over now, from any period; the longest overdue first."""
    found = select(Case).where(Case.state != CaseState.CLOSED, Case.due_at < now).order_by(Case.due_at, Case.id)
    return [
        OverdueCase(
            number=one.number,
            question=one.question,
            state=one.state,
            department=one.department.name if one.department else None,
            owner=one.claimed_by.name if one.claimed_by else None,
            due_at=one.due_at,
        )
        for one in session.scalars(
            found.options(defer(Case.question), defer(Case.transcript), defer(Case.searched_text))
        )
        if one.due_at is not None
    ]


def share(part: int, whole: int) -> float | None:
    """The share, from 0 to 1; None if `whole` is 0."""
    return part / whole if whole else None


@dataclass(frozen=True)
class _CaseTimes:
    department_code: str | None
    state: str
    asked_at: datetime | None
    first_reply_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None


def _case_times(session: Session, period: Period) -> list[_CaseTimes]:
    """The times of the cases opened in the period.

    `asked_at`: when the citizen began to wait for a first reply; None if the citizen does not wait. `opened_at`: when
    the case was opened, or reopened.
    """
    spoke_at = (
        select(func.min(CaseEvent.at))
        .where(CaseEvent.case_id == Case.id, CaseEvent.action.in_(_CITIZEN_WAITS_AFTER))
        .scalar_subquery()
    )
    found = (
        select(
            Case.department_code,
            Case.state,
            Case.reasons,
            Case.opened_at,
            Case.reopened_at,
            Case.first_reply_at,
            Case.closed_at,
            spoke_at,
        )
        .where(_within(Case.opened_at, period))
        .where(or_(Case.outcome.is_(None), Case.outcome != ClosedAs.MERGED))
    )
    return [
        _CaseTimes(
            department_code=department_code,
            state=state,
            asked_at=spoke if reasons[0] in NOBODY_WAITS else opened_at,
            first_reply_at=first_reply_at,
            opened_at=reopened_at or opened_at,
            closed_at=closed_at,
        )
        for department_code, state, reasons, opened_at, reopened_at, first_reply_at, closed_at, spoke in (
            session.execute(found).all()
        )
    ]


def _by_department(session: Session, times: Sequence[_CaseTimes], now: datetime) -> list[CaseFigures]:
    names: dict[str | None, str | None] = {None: None}
    names |= {department.code: department.name for department in all_departments(session)}
    found = {code: [one for one in times if one.department_code == code] for code in names}
    return [_case_figures(names[code], own, now) for code, own in found.items() if own]


def _case_figures(department: str | None, times: Sequence[_CaseTimes], now: datetime) -> CaseFigures:
    promised = promises.in_force()
    replies = [
        _Clock(one.asked_at, one.first_reply_at, promised.first_reply_due_at(one.asked_at), one.closed_at)
        for one in times
        if one.asked_at is not None
    ]
    closings = [
        _Clock(one.opened_at, one.closed_at, promised.closing_due_at(one.opened_at), one.closed_at) for one in times
    ]
    return CaseFigures(
        department=department,
        opened_count=len(times),
        closed_count=sum(one.state == CaseState.CLOSED for one in times),
        first_reply=_times(replies, now),
        closing=_times(closings, now),
    )


@dataclass(frozen=True)
class _Clock:
    """One time that was promised. `stopped_at`: when the case was closed, after which nobody waits for the end."""

    began_at: datetime
    ended_at: datetime | None
    due_at: datetime
    stopped_at: datetime | None

    def is_kept(self, now: datetime) -> bool | None:
        """Whether the promise was kept; None if it is not due yet, or if the case was closed before it was due."""
        if self.ended_at is not None:
            return self.ended_at <= self.due_at
        return False if (self.stopped_at or now) > self.due_at else None


def _times(clocks: Iterable[_Clock], now: datetime) -> Times:
    clocks = list(clocks)
    taken = sorted(one.ended_at - one.began_at for one in clocks if one.ended_at is not None)
    judged = [kept for one in clocks if (kept := one.is_kept(now)) is not None]
    return Times(
        ended_count=len(taken),
        median=timedelta(seconds=median(one.total_seconds() for one in taken)) if taken else None,
        # By nearest rank, so that it is a time that really occurred.
        ninetieth=taken[ceil(len(taken) * 0.9) - 1] if taken else None,
        kept_count=sum(judged),
        judged_count=len(judged),
    )


def _within(instant: InstrumentedAttribute[datetime], period: Period) -> ColumnElement[bool]:
    return and_(instant >= period.starts_at, instant < period.ends_at)


def _day_in_china(session: Session, instant: InstrumentedAttribute[datetime]) -> ColumnElement[date]:
    """The day in China. SQLite has no time zones, so 8 hours are added: China is at UTC+8 all through the year."""
    if session.get_bind().dialect.name == "sqlite":
        return func.date(instant, "+8 hours", type_=Date)
    return cast(func.timezone("Asia/Shanghai", instant), Date)


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), Integer)


def _has_case(period: Period) -> ColumnElement[bool]:
    """Whether the message's conversation led, in the period, to a case for which the citizen waits."""
    only_sampled = [cast(Case.reasons, String) == f'["{reason}"]' for reason in NOBODY_WAITS]
    return exists().where(
        Case.conversation_id == Message.conversation_id, _within(Case.opened_at, period), not_(or_(*only_sampled))
    )
