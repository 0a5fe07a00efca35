"""Requests to correct a record about oneself (更正, 条例 art. 41). The article sets no days, so none are reckoned.

Who has proof that a record about them is wrong may ask. The organ that may correct it does so if the facts are right
and tells the applicant; another organ passes the request on and tells the applicant, or says whom to ask.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from bot.db import locked
from bot.disclosures.identity import hash_query_code, query_code_fits
from bot.disclosures.service import attempts_left, begin_attempt, record_attempt
from bot.language.receipts import new_query_code, normalise_query_code
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.publishing.models import CorrectionRequest, Organ
from bot.publishing.service import PublishingRefused
from bot.publishing.terms import CORRECTION_TITLES, ELSEWHERE, CorrectionOutcome
from bot.sealing import Sealer
from bot.staff import audit
from bot.workdays import today_in_china

MOST_TEXT = 1000
MOST_NAME = 60
MOST_CONTACT = 100
MOST_WHY = 200
# The newest decided requests that the list shows.
_NEWEST_DECIDED = 100


@dataclass(frozen=True)
class CorrectionForm:
    """What the form holds. `record`: which record; `wrong`: what is wrong in it, and what is right."""

    organ_code: str
    record: str
    wrong: str
    evidence: str
    name: str
    contact: str


@dataclass(frozen=True)
class Receipt:
    request: CorrectionRequest
    query_code: str


@dataclass(frozen=True)
class Looked:
    """`request`: if the code is right; else how many tries are left, 0 during a pause."""

    request: CorrectionRequest | None
    attempts_left: int


def ask(session: Session, asked: CorrectionForm, sealer: Sealer, now: datetime) -> Receipt:
    """Stores the request, and returns it with the query code, which is stored only as a hash.

    Raises:
        PublishingRefused: a part is missing or too long.
    """
    organ = session.get(Organ, asked.organ_code) if asked.organ_code else None
    if organ is None:
        raise PublishingRefused("请选提供这份记录的机关")
    texts = {"哪份记录": asked.record, "哪里不准确": asked.wrong, "有什么证据": asked.evidence}
    for title, text in texts.items():
        if not text.strip():
            raise PublishingRefused(f"请填“{title}”")
        if len(text) > MOST_TEXT:
            raise PublishingRefused(f"“{title}”最多 {MOST_TEXT} 个字")
    if not asked.name.strip() or not asked.contact.strip():
        raise PublishingRefused("请填姓名或名称，还有联系方式")
    if len(asked.name) > MOST_NAME or len(asked.contact) > MOST_CONTACT:
        raise PublishingRefused("姓名或联系方式太长了")
    code = new_query_code()
    request = CorrectionRequest(
        number=_new_number(session, now),
        query_code_hash=hash_query_code(normalise_query_code(code) or code),
        organ_code=organ.code,
        organ=organ,
        record=asked.record.strip(),
        wrong=asked.wrong.strip(),
        evidence=asked.evidence.strip(),
        sealed=sealer.seal_object({"name": asked.name.strip(), "contact": asked.contact.strip()}),
        received_at=now,
        outcome=None,
        agency="",
        words="",
        decided_on=None,
        decided_by=None,
    )
    session.add(request)
    session.flush()
    return Receipt(request, code)


def look_up(session: Session, number: str, query_code: str, client: str, now: datetime) -> Looked:
    """As a look-up of a disclosure request: a wrong code and a number that does not exist look the same."""
    number = number.strip().upper()
    if begin_attempt(session, number, client, now) == 0:
        return Looked(None, 0)
    request = session.get(CorrectionRequest, number)
    code = normalise_query_code(query_code) or query_code
    fits = query_code_fits(code, request.query_code_hash if request else None)
    record_attempt(session, number, client, now, failed=not fits)
    return Looked(request if fits else None, attempts_left(session, client, now, number))


def open_requests(session: Session, department_code: str | None = None) -> list[CorrectionRequest]:
    """The oldest first."""
    wanted = select(CorrectionRequest).join(Organ).where(CorrectionRequest.outcome.is_(None))
    if department_code is not None:
        wanted = wanted.where(Organ.department_code == department_code)
    return list(session.scalars(wanted.order_by(CorrectionRequest.received_at, CorrectionRequest.number)))


def decided_requests(session: Session, department_code: str | None = None) -> list[CorrectionRequest]:
    """The newest first."""
    wanted = select(CorrectionRequest).join(Organ).where(CorrectionRequest.outcome.is_not(None))
    if department_code is not None:
        wanted = wanted.where(Organ.department_code == department_code)
    newest_first = (CorrectionRequest.decided_on.desc(), CorrectionRequest.received_at.desc())
    return list(session.scalars(wanted.order_by(*newest_first).limit(_NEWEST_DECIDED)))


def open_count(session: Session, department_code: str | None = None) -> int:
    wanted = select(func.count(CorrectionRequest.number)).join(Organ).where(CorrectionRequest.outcome.is_(None))
    if department_code is not None:
        wanted = wanted.where(Organ.department_code == department_code)
    return session.scalar(wanted) or 0


def visible(session: Session, number: str, department_code: str | None) -> CorrectionRequest:
    """Raises PublishingRefused: there is none of that number, or it is another department's."""
    request = session.get(CorrectionRequest, number)
    if request is None or (department_code is not None and request.organ.department_code != department_code):
        raise PublishingRefused("没有这个编号的更正申请，或者不由您的部门办理")
    return request


def decide(
    session: Session,
    number: str,
    outcome: CorrectionOutcome | None,
    *,
    words: str,
    agency: str,
    who: str,
    now: datetime,
    department_code: str | None = None,
) -> CorrectionRequest:
    """Records how it ends and what the applicant is told.

    Raises:
        PublishingRefused: it is decided already, or the reason or the other organ is missing.
    """
    locked(session, CorrectionRequest, number)
    request = visible(session, number, department_code)
    words, agency = words.strip(), agency.strip()
    if request.outcome is not None:
        raise PublishingRefused("这一件已经办结")
    if outcome is None:
        raise PublishingRefused("请选办理结果")
    if not words:
        reason = "请写明不予更正的理由" if outcome == CorrectionOutcome.REFUSED else "请写明告知申请人的话"
        raise PublishingRefused(reason)
    if outcome in ELSEWHERE and not agency:
        raise PublishingRefused("请填有权更正的机关")
    if len(words) > MOST_TEXT or len(agency) > MOST_CONTACT:
        raise PublishingRefused(f"告知的话最多 {MOST_TEXT} 个字，机关名称最多 {MOST_CONTACT} 个字")
    if leads_elsewhere(words):
        raise PublishingRefused(f"告知的话里{NO_WEB_ADDRESS}")
    request.outcome, request.words = outcome.value, words
    request.agency = agency if outcome in ELSEWHERE else ""
    request.decided_on, request.decided_by = today_in_china(now), who
    session.flush()
    told = f"{CORRECTION_TITLES[outcome]}{f'：{request.agency}' if request.agency else ''}"
    audit.record(session, who=who, action="decide_correction", subject=number, why=told, at=now)
    return request


def open_applicant(
    session: Session, number: str, sealer: Sealer, *, who: str, why: str, now: datetime, department_code: str | None
) -> dict[str, str]:
    """Name and contact; the audit log keeps the reason.

    Raises:
        PublishingRefused: no reason is given.
        bot.sealing.SealBroken: sealed with another key.
    """
    request = visible(session, number, department_code)
    if not why.strip():
        raise PublishingRefused("请写明为什么要看申请人")
    audit.record(session, who=who, action="open_applicant", subject=number, why=why[:MOST_WHY], at=now)
    return sealer.open_object(request.sealed)


def expired_requests(before: datetime) -> Select[str]:
    """Numbers of the requests that were decided before that day."""
    return select(CorrectionRequest.number).where(CorrectionRequest.decided_on < today_in_china(before))


def forget_requests(session: Session, numbers: Sequence[str]) -> None:
    session.execute(delete(CorrectionRequest).where(CorrectionRequest.number.in_(numbers)))


def _new_number(session: Session, now: datetime) -> str:
    """Random, so that it does not show how many there were."""
    while True:
        number = f"GZ-{today_in_china(now).year}-{secrets.randbelow(10**6):06d}"
        if session.get(CorrectionRequest, number) is None:
            return number
