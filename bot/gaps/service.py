"""What departments and reviewers do with gaps, and the lists of them. Each act is in the audit log.

Every act raises `GapRefused` if the state of the gap or an argument does not allow it; the caller must then roll back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.catalogue.service import get_item
from bot.conversations.grades import BAD
from bot.conversations.models import Message
from bot.documents.models import Document
from bot.documents.publishing import (
    MOST_ANSWER_CHARACTERS,
    MOST_QUESTION_CHARACTERS,
    NotPublishable,
    publish_answer,
)
from bot.gaps.models import Gap, GapMessage
from bot.staff import audit
from bot.staff.accounts import may, own_department
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.workdays import today_in_china

MOST_LISTED = 100
MOST_WHY = 500
_MOST_TITLE = 40


class GapState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    NOT_OURS = "not_ours"
    DONE = "done"
    PUBLISHED = "published"
    LEFT = "left"


STATE_TITLES: Mapping[str, str] = {
    GapState.OPEN: "待处理",
    GapState.ANSWERED: "答案待审核",
    GapState.NOT_OURS: "待改派",
    GapState.DONE: "已处理",
    GapState.PUBLISHED: "答案已公开",
    GapState.LEFT: "不用办",
}
_OF_REVIEWERS = (GapState.ANSWERED, GapState.NOT_OURS)
UNSETTLED = (GapState.OPEN, *_OF_REVIEWERS)


class GapRefused(ValueError):
    """The gap does not allow the act now, or an argument is wrong; the message is in Chinese because staff read it."""


class NoSuchGap(LookupError):
    """There is none of this number, or it is another department's."""


@dataclass(frozen=True)
class Asked:
    """What a gap is made of. `texts`: masked, the most frequent first, each once. `badly_graded`: how many answers."""

    texts: tuple[str, ...]
    count: int
    badly_graded: int


@dataclass(frozen=True)
class Nearest:
    """The item (with its `code`) or the document (with its `id`) to which the questions come nearest."""

    title: str
    item_code: str = ""
    document_id: int = 0


@dataclass(frozen=True)
class WeekTold:
    """What was asked in a week and not answered well: how many questions, in how many gaps, of which settled."""

    questions: int
    gaps: int
    settled: int


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def is_reviewer(person: Person) -> bool:
    return may(person, Permission.APPROVE_ANSWERS)


def gaps(
    session: Session,
    department_code: str | None,
    *,
    week_on: date | None = None,
    states: Collection[GapState] = UNSETTLED,
) -> list[Gap]:
    """The gaps in these states, those that are asked most first; without `department_code` those of all departments."""
    asked = func.count(GapMessage.message_id)
    found = (
        select(Gap)
        .join(GapMessage, GapMessage.gap_id == Gap.id)
        .where(Gap.state.in_(states), *_of(department_code))
        .group_by(Gap.id)
        .order_by(asked.desc(), Gap.id)
        .limit(MOST_LISTED)
    )
    if week_on is not None:
        found = found.where(Gap.week_on == week_on)
    return list(session.scalars(found))


def without_department(session: Session) -> list[Gap]:
    """Gaps of which nobody knows yet whose matter they are, newest first."""
    found = select(Gap).where(Gap.state == GapState.OPEN, Gap.department_code.is_(None))
    return list(session.scalars(found.order_by(Gap.id.desc()).limit(MOST_LISTED)))


def waiting_count(session: Session, person: Person) -> int:
    """How many gaps wait for the person: a department's open ones, for reviewers what they have to decide."""
    own = own_department(person)
    if own is None and not is_reviewer(person):
        return 0
    states = (GapState.OPEN,) if own is not None else _OF_REVIEWERS
    is_asked = exists().where(GapMessage.gap_id == Gap.id)
    return session.scalar(select(func.count()).select_from(Gap).where(Gap.state.in_(states), is_asked, *_of(own))) or 0


def week_told(session: Session, department_code: str | None, week_on: date) -> WeekTold:
    rows = session.execute(
        select(Gap.state, func.count(GapMessage.message_id))
        .join(GapMessage, GapMessage.gap_id == Gap.id)
        .where(Gap.week_on == week_on, *_of(department_code))
        .group_by(Gap.id)
    ).all()
    return WeekTold(sum(count for _, count in rows), len(rows), sum(state not in UNSETTLED for state, _ in rows))


def asked_in(session: Session, gap_ids: Collection[int]) -> dict[int, Asked]:
    """Gap → what citizens asked."""
    rows = session.execute(
        select(GapMessage.gap_id, Message.masked_text, Message.stars)
        .join(Message, Message.id == GapMessage.message_id)
        .where(GapMessage.gap_id.in_(gap_ids))
        .order_by(Message.id)
    ).all()
    found: dict[int, list[tuple[str, int | None]]] = {}
    for gap_id, text, stars in rows:
        found.setdefault(gap_id, []).append((text, stars))
    return {gap_id: _asked(said) for gap_id, said in found.items()}


def nearest_of(session: Session, gap: Gap) -> Nearest | None:
    """None if there is none, or it is gone."""
    sort, _, key = gap.unit.partition(":")
    if sort == "item" and (item := get_item(session, key)):
        return Nearest(item.name, item_code=item.code)
    if sort == "doc":
        document = session.scalars(select(Document).where(Document.key == key)).one_or_none()
        return Nearest(f"《{document.title}》", document_id=document.id) if document else None
    return None


def get_gap(session: Session, gap_id: int, person: Person) -> Gap:
    """Raises NoSuchGap."""
    gap, own = session.get(Gap, gap_id), own_department(person)
    if gap is None or (own is not None and gap.department_code != own):
        raise NoSuchGap(gap_id)
    return gap


def write_answer(session: Session, gap: Gap, person: Person, question: str, answer: str, now: datetime) -> None:
    """Proposes a question with its answer, for a reviewer to publish."""
    values = {
        "question": _text(question, "问题", MOST_QUESTION_CHARACTERS),
        "answer": _text(answer, "答案", MOST_ANSWER_CHARACTERS),
        "why": "",
    }
    _move(session, gap, (GapState.OPEN,), GapState.ANSWERED, person, now, "写答案", **values)


def publish(session: Session, gap: Gap, person: Person, question: str, answer: str, now: datetime) -> None:
    """Publishes what the department wrote, changed or not; not by its author."""
    if gap.state == GapState.ANSWERED and gap.by == person.login:
        raise GapRefused("自己写的答案要由别人审核")
    _move(session, gap, (GapState.ANSWERED,), GapState.PUBLISHED, person, now, "公开答案")
    issuer = gap.department.name if gap.department else ""
    try:
        document = publish_answer(
            session,
            key=f"answers/gap-{gap.id}",
            title=f"问答：{' '.join(question.split())[:_MOST_TITLE]}",
            question=question,
            answer=answer,
            issuer=issuer,
            published_on=today_in_china(now),
            who=person.login,
        )
    except NotPublishable as refused:
        raise GapRefused(str(refused)) from None
    gap.question, gap.answer = question.strip(), answer.strip()
    gap.unit = f"doc:{document.key}"
    audit.record(session, who=person.login, action="publish_answer", subject=_name(gap), why=document.title, at=now)


def return_answer(session: Session, gap: Gap, person: Person, why: str, now: datetime) -> None:
    """Returns an answer to its department, with the reason."""
    why = _text(why, "退回的理由", MOST_WHY)
    _move(session, gap, (GapState.ANSWERED,), GapState.OPEN, person, now, "退回答案", why=why)


def give_back(session: Session, gap: Gap, person: Person, why: str, now: datetime) -> None:
    """The matter is not the department's (不属本部门): a reviewer decides whose it is."""
    why = _text(why, "为什么不属本部门", MOST_WHY)
    _move(session, gap, (GapState.OPEN,), GapState.NOT_OURS, person, now, "不属本部门", why=why)


def assign(session: Session, gap: Gap, person: Person, department_code: str, now: datetime) -> None:
    """Gives the gap to a department."""
    department = get_department(session, department_code)
    if department is None:
        raise GapRefused("请选部门")
    _move(
        session,
        gap,
        (GapState.NOT_OURS, GapState.OPEN),
        GapState.OPEN,
        person,
        now,
        f"改派{department.name}",
        department_code=department.code,
        why="",
    )


def settle(session: Session, gap: Gap, person: Person, why: str, now: datetime) -> None:
    """What is wrong is mended (已处理)."""
    if len(why.strip()) > MOST_WHY:
        raise GapRefused(f"说明最多 {MOST_WHY} 个字")
    _move(session, gap, (GapState.OPEN,), GapState.DONE, person, now, "已处理", why=why.strip())


def leave(session: Session, gap: Gap, person: Person, why: str, now: datetime) -> None:
    """Nobody has to mend it (不用办)."""
    why = _text(why, "为什么不用办", MOST_WHY)
    _move(session, gap, (GapState.NOT_OURS,), GapState.LEFT, person, now, "不用办", why=why)


def _move(
    session: Session,
    gap: Gap,
    from_states: Collection[GapState],
    to: GapState,
    person: Person,
    now: datetime,
    title: str,
    **values: object,
) -> None:
    """Compares and sets in one statement, so that of two people at once only one succeeds."""
    session.flush()
    moved = session.execute(
        update(Gap)
        .where(Gap.id == gap.id, Gap.state.in_(from_states))
        .values(state=to, by=person.login, at=now, **values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(gap)
    if moved.rowcount == 0:  # type: ignore[attr-defined]
        raise GapRefused(f"这组问题现在是“{STATE_TITLES[gap.state]}”，不能这样办")
    why = values.get("why")
    audit.record(
        session, who=person.login, action="gap", subject=_name(gap), why=f"{title}：{why}" if why else title, at=now
    )


def _of(department_code: str | None) -> list[ColumnElement[bool]]:
    return [Gap.department_code.is_not(None) if department_code is None else Gap.department_code == department_code]


def _asked(said: list[tuple[str, int | None]]) -> Asked:
    counts = Counter(text for text, _ in said)
    return Asked(
        tuple(text for text, _ in counts.most_common()),
        len(said),
        sum(stars in BAD for _, stars in said),
    )


def _text(text: str, what: str, most: int) -> str:
    text = text.strip()
    if not text:
        raise GapRefused(f"请写{what}")
    if len(text) > most:
        raise GapRefused(f"{what}最多 {most} 个字")
    return text


def _name(gap: Gap) -> str:
    return f"问题 {gap.id}"
