"""Counts the conversations, answers, cases and ratings of a period. Only reads the tables.

Texts are masked, as in the tables. Days are days in China. `docs/figures.md` says what each figure counts.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from math import ceil
from statistics import median

from sqlalchemy import ColumnElement, Date, Integer, String, and_, case, cast, exists, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.catalogue.service import names_of
from bot.conversations.marks import Mark
from bot.conversations.models import AnswerMark, Conversation, Message
from bot.conversations.outcomes import Outcome
from bot.conversations.unanswered import UNANSWERED
from bot.db import UTCDateTime
from bot.figures.orders import OrderRates, order_rates
from bot.figures.period import Period
from bot.figures.questions import CountedQuestion, alike_together
from bot.referrals.service import names_of as route_names
from bot.reviews import promises
from bot.reviews.models import Case, CaseEvent, Rating
from bot.reviews.queue import WITHOUT_TALK
from bot.reviews.reasons import NOBODY_WAITS, WORST_STARS, ClosedAs, Stars
from bot.reviews.states import Action, CaseState
from bot.workdays import CHINA

FAILED = (Outcome.FAILED_ENGINE, Outcome.FAILED_ACTIONS)
_NOT_THE_BOT = (Outcome.WITH_PERSON, Outcome.SWITCHED_OFF, Outcome.COMMAND)
_TO_PERSON = (Outcome.HANDED_OVER, Outcome.TAKEN_DOWN, Outcome.WITH_PERSON)
_HELPED = (Outcome.ANSWERED_BY_RECORD, Outcome.ANSWERED_BY_PASSAGE, Outcome.ROUTED, Outcome.FILED, Outcome.OUT_OF_SCOPE)
_CITIZEN_WAITS_AFTER = (Action.CITIZEN_ADDS, Action.CITIZEN_ADDS_MEANWHILE, Action.CITIZEN_RETURNS)

# The most frequent wordings that are grouped; rarer ones are left out.
MOST_WORDINGS = 1500
# So many overdue cases are listed beside the numbers; the queue and the files have all.
MOST_OVERDUE = 20


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
    department_code: str | None
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
class MarkedMatter:
    """Marks of reviewers on answers that told this; `name` None: on those that told nothing that has a record."""

    name: str | None
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def useful_share(self) -> float | None:
        return share(self.counts.get(Mark.USEFUL, 0), self.total)


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
class Overdue:
    """Open cases after their promised time. `first`: the longest overdue; `by_department`: None is the desk."""

    total: int
    first: list[OverdueCase]
    by_department: dict[str | None, int]


class Figures:
    """All figures of a period. Each is counted when it is first asked for, as long as the session is open.

    `departments` begins with the desk. `overdue` is the state at `taken_at`. `satisfaction`: ratings of what staff
    answered; `grades`: of what the assistant answered, by citizens; `marks`: of the same, by
    reviewers. `orders`: see `bot.figures.orders`.
    """

    def __init__(
        self, session: Session, period: Period, taken_at: datetime, *, most_overdue: int | None = MOST_OVERDUE
    ) -> None:
        """`most_overdue`: how many overdue cases are listed; None for all."""
        self._session = session
        self.period = period
        self.taken_at = taken_at
        self._most_overdue = most_overdue

    @cached_property
    def volume(self) -> list[DayVolume]:
        return volume(self._session, self.period)

    @cached_property
    def message_count(self) -> int:
        counted = select(func.count()).select_from(Message).where(_within(Message.received_at, self.period))
        return self._session.scalar(counted) or 0

    @cached_property
    def conversations(self) -> Conversations:
        return conversations(self._session, self.period)

    @cached_property
    def answers(self) -> Answers:
        return answers(self._session, self.period)

    @cached_property
    def cases(self) -> CaseFigures:
        return _case_figures(None, self._case_clocks, self.taken_at)

    @cached_property
    def departments(self) -> list[CaseFigures]:
        return _by_department(self._session, self._case_clocks, self.taken_at)

    @cached_property
    def orders(self) -> list[OrderRates]:
        return order_rates(self._session, self.period, self.taken_at)

    @cached_property
    def satisfaction(self) -> Satisfaction:
        return satisfaction(self._session, self.period)

    @cached_property
    def grades(self) -> Satisfaction:
        return grades(self._session, self.period)

    @cached_property
    def marks(self) -> list[MarkedMatter]:
        return marks(self._session, self.period)

    @cached_property
    def unanswered(self) -> list[CountedQuestion]:
        return unanswered(self._session, self.period)

    @cached_property
    def items(self) -> list[AskedItem]:
        return asked_items(self._session, self.period)

    @cached_property
    def overdue(self) -> Overdue:
        return overdue(self._session, self.taken_at, self._most_overdue)

    @cached_property
    def before(self) -> Figures:
        """The figures of the period before, of the same length."""
        return Figures(self._session, self.period.before, self.taken_at)

    @cached_property
    def _case_clocks(self) -> list[CaseClocks]:
        return case_clocks(self._session, self.period)


_COUNTED = (
    *("volume", "message_count", "conversations", "answers", "cases", "departments", "orders"),
    *("satisfaction", "grades", "marks", "unanswered", "items", "overdue"),
)


def figures(session: Session, period: Period, now: datetime) -> Figures:
    """Counts every figure now, except those of `before`, so that they can be read after the session has ended."""
    counted = Figures(session, period, now)
    for name in _COUNTED:
        getattr(counted, name)
    return counted


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


def marks(session: Session, period: Period) -> list[MarkedMatter]:
    """By what the answers told, most marked first; the marks of the period, whenever the answers were given."""
    counted = (
        select(AnswerMark.matter, AnswerMark.mark, func.count())
        .where(_within(AnswerMark.at, period))
        .group_by(AnswerMark.matter, AnswerMark.mark)
    )
    found: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
    for matter, mark, count in session.execute(counted):
        found[matter][mark] = count
    codes = [matter for matter in found if matter is not None]
    names = names_of(session, codes) | route_names(session, codes)
    of_matters = [MarkedMatter(names.get(matter or "", matter), counts) for matter, counts in found.items()]
    return sorted(of_matters, key=lambda one: (-one.total, one.name or ""))


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
    # Equal lists of entities are counted by the database: there are far fewer of them than messages.
    written = cast(Message.entities, String)
    named = (
        select(written, func.count())
        .where(_within(Message.received_at, period), written.contains('"item"', autoescape=True))
        .group_by(written)
    )
    counts: Counter[str] = Counter()
    for entities, count in session.execute(named):
        for code in {entity["value"] for entity in json.loads(entities) if entity["entity"] == "item"}:
            counts[code] += count
    found = sorted(counts, key=lambda code: (-counts[code], code))[:most]
    names = names_of(session, found)
    return [AskedItem(code, names.get(code, code), counts[code]) for code in found]


def overdue(session: Session, now: datetime, most: int | None = MOST_OVERDUE) -> Overdue:
    """Open cases whose promised time is over now, from any period."""
    is_overdue = (Case.state != CaseState.CLOSED, Case.due_at < now)
    by_department = session.execute(
        select(Department.name, func.count())
        .select_from(Case)
        .outerjoin(Department, Department.code == Case.department_code)
        .where(*is_overdue)
        .group_by(Department.name)
    ).all()
    longest = select(Case).where(*is_overdue).order_by(Case.due_at, Case.id).limit(most)
    counts: dict[str | None, int] = dict(by_department)  # type: ignore[arg-type]
    return Overdue(
        total=sum(counts.values()),
        by_department=counts,
        first=[
            OverdueCase(
                number=one.number,
                question=one.question,
                state=one.state,
                department=one.department.name if one.department else None,
                owner=one.claimed_by.name if one.claimed_by else None,
                due_at=one.due_at,
            )
            for one in session.scalars(longest.options(*WITHOUT_TALK))
            if one.due_at is not None
        ],
    )


def share(part: int, whole: int) -> float | None:
    """The share, from 0 to 1; None if `whole` is 0."""
    return part / whole if whole else None


@dataclass(frozen=True)
class CaseClocks:
    """The promises of a case opened in the period. `first_reply` is None if the citizen does not wait for one."""

    case_id: int
    department_code: str | None
    is_closed: bool
    first_reply: Clock | None
    closing: Clock


def case_clocks(session: Session, period: Period) -> list[CaseClocks]:
    """The cases opened in the period, without those merged into others.

    The wait for a first reply begins with the case, or once the citizen speaks if the case was opened without them.
    Closing counts from the opening, or the opening again.
    """
    spoke_at = (
        select(func.min(CaseEvent.at))
        .where(CaseEvent.case_id == Case.id, CaseEvent.action.in_(_CITIZEN_WAITS_AFTER))
        .scalar_subquery()
    )
    reasons = cast(Case.reasons, String)
    opened_alone = or_(*(reasons.startswith(f'["{reason}"', autoescape=True) for reason in NOBODY_WAITS))
    found = (
        select(
            Case.id,
            Case.department_code,
            Case.state,
            case((opened_alone, spoke_at), else_=Case.opened_at),
            func.coalesce(Case.reopened_at, Case.opened_at, type_=UTCDateTime),
            Case.extended_working_days,
            Case.first_reply_at,
            Case.closed_at,
        )
        .where(_within(Case.opened_at, period))
        .where(or_(Case.outcome.is_(None), Case.outcome != ClosedAs.MERGED))
    )
    promised = promises.in_force()
    closing_due_at = _by_day(promised.closing_due_at)
    clocks = []
    for case_id, department_code, state, asked_at, opened_at, extended, first_reply_at, closed_at in session.execute(
        found
    ):
        # In China's time already, the promises need not convert them; mostly the two are the same instant.
        opened = opened_at.astimezone(CHINA)
        asked = opened if asked_at == opened_at else asked_at and asked_at.astimezone(CHINA)
        first_reply = asked and Clock(asked_at, first_reply_at, promised.first_reply_due_at(asked), closed_at)
        closing = Clock(opened_at, closed_at, closing_due_at(opened, extended), closed_at)
        clocks.append(CaseClocks(case_id, department_code, state == CaseState.CLOSED, first_reply, closing))
    return clocks


def _by_day(due_at: Callable[[datetime, int], datetime]) -> Callable[[datetime, int], datetime]:
    """The same function, which remembers its results, because they depend only on the day in China."""
    known: dict[tuple[date, int], datetime] = {}

    def reckoned(since: datetime, extended: int) -> datetime:
        key = since.astimezone(CHINA).date(), extended
        if key not in known:
            known[key] = due_at(since, extended)
        return known[key]

    return reckoned


def _by_department(session: Session, found: Sequence[CaseClocks], now: datetime) -> list[CaseFigures]:
    own: dict[str | None, list[CaseClocks]] = defaultdict(list)
    for one in found:
        own[one.department_code].append(one)
    departments: list[Department | None] = [None, *all_departments(session)]
    codes = [(None if one is None else one.code, None if one is None else one.name) for one in departments]
    return [_case_figures(name, own[code], now, code) for code, name in codes if own[code]]


def _case_figures(
    department: str | None, found: Sequence[CaseClocks], now: datetime, code: str | None = None
) -> CaseFigures:
    return CaseFigures(
        department=department,
        department_code=code,
        opened_count=len(found),
        closed_count=sum(one.is_closed for one in found),
        first_reply=_times([one.first_reply for one in found if one.first_reply is not None], now),
        closing=_times([one.closing for one in found], now),
    )


@dataclass(frozen=True)
class Clock:
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


def _times(clocks: Iterable[Clock], now: datetime) -> Times:
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
