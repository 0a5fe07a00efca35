"""Reconsiderations and lawsuits about disclosure work, and their figures: part four of the yearly report.

Most are about a request. What is about other work, such as publishing or correcting (条例 art. 51), counts as well.

A contest counts in a year if it was filed by the year's end and had not been decided before the year began. What is
open at the end of the year counts as 尚未审结, and again in the next year.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.disclosures.models import Request
from bot.oversight.models import Contest
from bot.staff import audit

MOST_CHARACTERS = 60
MOST_NOTE_CHARACTERS = 500


class ContestKind(StrEnum):
    RECONSIDERATION = "reconsideration"
    LAWSUIT_FIRST = "lawsuit_first"
    LAWSUIT_AFTER = "lawsuit_after"


class ContestResult(StrEnum):
    UPHELD = "upheld"
    CORRECTED = "corrected"
    OTHER = "other"


KIND_TITLES = {
    ContestKind.RECONSIDERATION: "行政复议",
    ContestKind.LAWSUIT_FIRST: "行政诉讼（未经复议直接起诉）",
    ContestKind.LAWSUIT_AFTER: "行政诉讼（复议后起诉）",
}
RESULT_TITLES = {
    ContestResult.UPHELD: "结果维持",
    ContestResult.CORRECTED: "结果纠正",
    ContestResult.OTHER: "其他结果",
}
PENDING_TITLE = "尚未审结"


class ContestRefused(ValueError):
    """The contest cannot be recorded so; the message, in Chinese, says what to correct."""


def contests_of(session: Session, receipt: str) -> list[Contest]:
    """In the order of filing."""
    return list(
        session.scalars(select(Contest).where(Contest.receipt == receipt).order_by(Contest.filed_on, Contest.id))
    )


def contests_of_work(session: Session, department_code: str | None) -> list[Contest]:
    """Those about no request, the newest first; with a department only its own."""
    query = select(Contest).where(Contest.receipt.is_(None)).order_by(Contest.filed_on.desc(), Contest.id.desc())
    if department_code is not None:
        query = query.where(Contest.department_code == department_code)
    return list(session.scalars(query))


def record(
    session: Session,
    request: Request | None,
    *,
    department_code: str | None = None,
    kind: str,
    filed_on: date | None,
    authority: str,
    case_number: str,
    note: str,
    who: str,
    today: date,
    now: datetime,
) -> Contest:
    """Without a request it is about other disclosure work of the department, and the note says what.

    Raises:
        ContestRefused
    """
    authority, case_number, note = authority.strip(), case_number.strip(), note.strip()
    if kind not in list(ContestKind):
        raise ContestRefused("请选是复议还是诉讼")
    if filed_on is None:
        raise ContestRefused("请填受理的日期")
    if request is not None and filed_on < request.received_on:
        raise ContestRefused(f"受理日期要在收到申请（{request.received_on}）之后")
    if filed_on > today:
        raise ContestRefused("受理日期要不晚于今天")
    if not authority:
        raise ContestRefused("请填复议机关或者法院")
    if request is None and (department_code is None or session.get(Department, department_code) is None):
        raise ContestRefused("请选被申请人、被告是哪个机关")
    if request is None and not note:
        raise ContestRefused("请写明因为公开工作中的什么事")
    if max(len(authority), len(case_number)) > MOST_CHARACTERS or len(note) > MOST_NOTE_CHARACTERS:
        raise ContestRefused(f"机关和案号最多 {MOST_CHARACTERS} 个字，说明最多 {MOST_NOTE_CHARACTERS} 个字")
    contest = Contest(
        receipt=request.receipt if request is not None else None,
        department_code=department_code if request is None else None,
        kind=kind,
        filed_on=filed_on,
        authority=authority,
        case_number=case_number,
        note=note,
        recorded_by=who,
        recorded_at=now,
    )
    session.add(contest)
    session.flush()
    told = f"{KIND_TITLES[ContestKind(kind)]}，{filed_on} 受理，{authority} {case_number}".strip()
    audit.record(session, who=who, action="record_contest", subject=_subject(contest), why=told, at=now)
    return contest


def decide(
    session: Session,
    receipt: str | None,
    number: int,
    *,
    department_code: str | None = None,
    result: str,
    decided_on: date | None,
    who: str,
    today: date,
    now: datetime,
) -> Contest:
    """Records the result, or another one in place of a result that was recorded by mistake.

    Args:
        receipt: of the request; None: the contest is about other work, with a department of that department.

    Raises:
        ContestRefused
    """
    contest = _contest(session, receipt, number, department_code)
    if result not in list(ContestResult):
        raise ContestRefused("请选结果")
    if decided_on is None or not contest.filed_on <= decided_on <= today:
        raise ContestRefused(f"决定日期要在受理（{contest.filed_on}）之后，不晚于今天")
    before = f"，原记：{RESULT_TITLES[ContestResult(contest.result)]}" if contest.result else ""
    contest.result, contest.decided_on = result, decided_on
    session.flush()
    told = f"{KIND_TITLES[ContestKind(contest.kind)]}：{RESULT_TITLES[ContestResult(result)]}，{decided_on}{before}"
    audit.record(session, who=who, action="decide_contest", subject=_subject(contest), why=told, at=now)
    return contest


def remove(
    session: Session,
    receipt: str | None,
    number: int,
    *,
    department_code: str | None = None,
    why: str,
    who: str,
    now: datetime,
) -> None:
    """Removes what was recorded by mistake; the audit log keeps what it was and why. Arguments as for `decide`.

    Raises:
        ContestRefused
    """
    contest = _contest(session, receipt, number, department_code)
    if not why.strip():
        raise ContestRefused("请写明为什么要删")
    told = f"{KIND_TITLES[ContestKind(contest.kind)]}，{contest.filed_on} 受理，{contest.authority}。{why.strip()}"
    subject = _subject(contest)
    session.delete(contest)
    session.flush()
    audit.record(session, who=who, action="remove_contest", subject=subject, why=told, at=now)


def counted_contests(
    session: Session, first_on: date, last_on: date, department_code: str | None = None
) -> list[tuple[ContestKind, ContestResult | None, str]]:
    """The contests that count in these days: kind, the result on the last day, code of the department."""
    whose = func.coalesce(Request.department_code, Contest.department_code)
    query = (
        select(Contest, whose)
        .outerjoin(Request, Request.receipt == Contest.receipt)
        .where(whose.is_not(None))
        .where(Contest.filed_on <= last_on, Contest.decided_on.is_(None) | (Contest.decided_on >= first_on))
        .order_by(Contest.id)
    )
    if department_code:
        query = query.where(whose == department_code)
    return [(ContestKind(one.kind), _result_on(one, last_on), department) for one, department in session.execute(query)]


def figures_of(contests: Iterable[tuple[ContestKind, ContestResult | None, str]]) -> dict[ContestKind, tuple[int, ...]]:
    """For each kind: 维持, 纠正, 其他, 尚未审结, 总计."""
    columns: tuple[ContestResult | None, ...] = (*ContestResult, None)
    found = {kind: [0] * len(columns) for kind in ContestKind}
    for kind, result, _ in contests:
        found[kind][columns.index(result)] += 1
    return {kind: (*figures, sum(figures)) for kind, figures in found.items()}


def _result_on(contest: Contest, day: date) -> ContestResult | None:
    is_decided = contest.result is not None and contest.decided_on is not None and contest.decided_on <= day
    return ContestResult(contest.result) if is_decided and contest.result else None


def _subject(contest: Contest) -> str:
    """What the audit log names: the request, or the department."""
    return contest.receipt or contest.department_code or ""


def _contest(session: Session, receipt: str | None, number: int, department_code: str | None) -> Contest:
    contest = session.get(Contest, number)
    if contest is None or contest.receipt != receipt:
        raise ContestRefused("没有这一件复议或者诉讼，可能已经删了")
    if receipt is None and department_code not in (None, contest.department_code):
        raise ContestRefused("没有这一件复议或者诉讼，可能已经删了")
    return contest
