"""Complaints about disclosure to the office in charge (主管部门): 条例 art. 47, para. 2, and art. 51.

A citizen files one without an account and gets a number and a query code, with which the answer is read. The regulation
sets no time limit for the answer; the list shows how long each has waited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.db import locked
from bot.disclosures.identity import hash_query_code, query_code_fits
from bot.disclosures.service import attempts_left, begin_attempt, record_attempt
from bot.language.receipts import new_query_code, normalise_query_code, parse_receipt
from bot.notices.numbering import next_serial
from bot.oversight.events import CITIZEN, OversightAct, add_event
from bot.oversight.models import Complaint
from bot.staff import audit
from bot.workdays import today_in_china

MOST_WORDS = 2000
MOST_CONTACT = 100
MOST_ANSWER = 2000
_NUMBER = re.compile(r"TS-?(20\d\d)-?(\d{1,6})")


class ComplaintKind(StrEnum):
    NOT_PUBLISHED = "not_published"
    NOT_ANSWERED = "not_answered"
    RIGHTS = "rights"


class ComplaintState(StrEnum):
    RECEIVED = "received"
    TAKEN_UP = "taken_up"
    ANSWERED = "answered"


class Finding(StrEnum):
    UPHELD = "upheld"
    PARTLY = "partly"
    NOT_UPHELD = "not_upheld"
    ELSEWHERE = "elsewhere"


KIND_TITLES = {
    ComplaintKind.NOT_PUBLISHED: "没有按要求主动公开政府信息",
    ComplaintKind.NOT_ANSWERED: "对政府信息公开申请不依法答复处理",
    ComplaintKind.RIGHTS: "政府信息公开工作侵犯了合法权益",
}
KIND_BASES = {
    ComplaintKind.NOT_PUBLISHED: "《政府信息公开条例》第四十七条第二款",
    ComplaintKind.NOT_ANSWERED: "《政府信息公开条例》第四十七条第二款",
    ComplaintKind.RIGHTS: "《政府信息公开条例》第五十一条",
}
STATE_TITLES = {
    ComplaintState.RECEIVED: "已收到",
    ComplaintState.TAKEN_UP: "正在查证",
    ComplaintState.ANSWERED: "已答复",
}
FINDING_TITLES = {
    Finding.UPHELD: "属实",
    Finding.PARTLY: "部分属实",
    Finding.NOT_UPHELD: "不属实",
    Finding.ELSEWHERE: "不归本单位处理，已告知去处",
}


class ComplaintRefused(ValueError):
    """The step is not possible; the message, in Chinese, says what to correct."""


class NoSuchComplaint(LookupError):
    """There is no complaint with that number."""


@dataclass(frozen=True)
class FiledComplaint:
    complaint: Complaint
    query_code: str


@dataclass(frozen=True)
class ComplaintLookUp:
    """`complaint`: None if number and code do not fit. `attempts_left`: 0 during a pause."""

    complaint: Complaint | None
    attempts_left: int


def file_complaint(
    session: Session, *, department_code: str, kind: str, receipt: str, words: str, contact: str, now: datetime
) -> FiledComplaint:
    """Raises ComplaintRefused."""
    words, contact, receipt = words.strip(), contact.strip(), receipt.strip()
    department = get_department(session, department_code)
    if department is None:
        raise ComplaintRefused("请选被投诉的机关")
    if kind not in list(ComplaintKind):
        raise ComplaintRefused("请选投诉举报的事由")
    if not words:
        raise ComplaintRefused("请写明是什么事")
    if len(words) > MOST_WORDS or len(contact) > MOST_CONTACT:
        raise ComplaintRefused(f"内容最多 {MOST_WORDS} 个字，联系方式最多 {MOST_CONTACT} 个字")
    canonical = parse_receipt(receipt) if receipt else ""
    if canonical is None:
        raise ComplaintRefused("申请的回执号不对，像 XXGK-2026-000123 这样；没有的不用填")
    code, year = new_query_code(), today_in_china(now).year
    complaint = Complaint(
        number=f"TS-{year}-{next_serial(session, f'TS-{year}'):06d}",
        query_code_hash=hash_query_code(normalise_query_code(code) or code),
        department=department,
        kind=kind,
        receipt=canonical,
        words=words,
        contact=contact,
        filed_at=now,
        state=ComplaintState.RECEIVED.value,
        answer="",
    )
    session.add(complaint)
    session.flush()
    add_event(session, complaint.number, OversightAct.FILED, "", who=CITIZEN, now=now)
    return FiledComplaint(complaint, code)


def look_up(session: Session, number: str, query_code: str, client: str, now: datetime) -> ComplaintLookUp:
    """The complaint if the code is right. Wrong tries are counted as those for disclosure requests are."""
    canonical = canonical_number(number) or number.strip()
    if begin_attempt(session, canonical, client, now) == 0:
        return ComplaintLookUp(None, 0)
    found = session.scalar(select(Complaint).where(Complaint.number == canonical))
    fits = query_code_fits(normalise_query_code(query_code) or query_code, found.query_code_hash if found else None)
    record_attempt(session, canonical, client, now, failed=not fits)
    return ComplaintLookUp(found if fits else None, attempts_left(session, client, now, canonical))


def canonical_number(text: str) -> str | None:
    """“ts2026-1” → “TS-2026-000001”; None if it is no number of a complaint."""
    match = _NUMBER.fullmatch(re.sub(r"\s", "", text).upper())
    return f"TS-{match[1]}-{int(match[2]):06d}" if match else None


def get_complaint(session: Session, number: str) -> Complaint:
    """Raises NoSuchComplaint."""
    found = session.scalar(select(Complaint).where(Complaint.number == number))
    if found is None:
        raise NoSuchComplaint(number)
    return found


def complaints(session: Session, *, answered: bool) -> Sequence[Complaint]:
    """The open ones, oldest first; or the answered ones, newest answer first."""
    is_answered = Complaint.state == ComplaintState.ANSWERED.value
    if answered:
        return session.scalars(select(Complaint).where(is_answered).order_by(Complaint.answered_at.desc())).all()
    return session.scalars(select(Complaint).where(~is_answered).order_by(Complaint.filed_at)).all()


def count_open(session: Session) -> int:
    query = select(func.count()).select_from(Complaint).where(Complaint.state != ComplaintState.ANSWERED.value)
    return session.scalar(query) or 0


def open_complaint(session: Session, number: str, *, why: str, who: str, now: datetime) -> Complaint:
    """The complaint, to be shown with all its words and the contact; written into the audit log.

    Raises:
        NoSuchComplaint
        ComplaintRefused: the reason is missing.
    """
    if not why.strip():
        raise ComplaintRefused("请写明为什么要看")
    found = get_complaint(session, number)
    audit.record(session, who=who, action="open_complaint", subject=number, why=why.strip(), at=now)
    return found


def take_up(session: Session, number: str, *, who: str, now: datetime) -> None:
    """Raises NoSuchComplaint, ComplaintRefused."""
    complaint = _locked(session, number)
    if complaint.state != ComplaintState.RECEIVED:
        raise ComplaintRefused("这一件已经有人受理")
    complaint.state = ComplaintState.TAKEN_UP.value
    add_event(session, number, OversightAct.TAKEN_UP, "", who=who, now=now)
    audit.record(session, who=who, action="take_up_complaint", subject=number, why="", at=now)


def answer(session: Session, number: str, *, finding: str, words: str, who: str, now: datetime) -> None:
    """Answers the citizen, who reads it with number and code.

    Raises:
        NoSuchComplaint
        ComplaintRefused
    """
    words = words.strip()
    if finding not in list(Finding):
        raise ComplaintRefused("请选查证的结果")
    if not words or len(words) > MOST_ANSWER:
        raise ComplaintRefused(f"请写答复，最多 {MOST_ANSWER} 个字")
    complaint = _locked(session, number)
    if complaint.state == ComplaintState.ANSWERED:
        raise ComplaintRefused("这一件已经答复")
    complaint.state, complaint.finding = ComplaintState.ANSWERED.value, finding
    complaint.answer, complaint.answered_at = words, now
    add_event(session, number, OversightAct.ANSWERED, f"{FINDING_TITLES[Finding(finding)]}。{words}", who=who, now=now)
    why = FINDING_TITLES[Finding(finding)]
    audit.record(session, who=who, action="answer_complaint", subject=number, why=why, at=now)


def _locked(session: Session, number: str) -> Complaint:
    """So that of two people who act at once, the second sees what the first did."""
    fresh = locked(session, Complaint, get_complaint(session, number).id)
    if fresh is None:
        raise NoSuchComplaint(number)
    return fresh
