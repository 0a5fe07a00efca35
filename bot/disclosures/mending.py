"""Corrects requests that were entered or imported wrongly. Each correction needs a reason and is in the audit log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.db import locked
from bot.disclosures import numbering, reasons
from bot.disclosures.desk import NoSuchRequest, require_account
from bot.disclosures.history import flaw_in
from bot.disclosures.identity import mask_applicant
from bot.disclosures.models import Applicant, Event, Request, StruckRequest
from bot.disclosures.terms import ApplicantKind, Step
from bot.disclosures.vocabulary import APPLICANT_KINDS, KINDS, in_chinese
from bot.language.masking import mask
from bot.staff import audit

_FILED_HERE = "这件是申请人自己在网上提交的"


class MendingRefused(ValueError):
    """This correction is not allowed; the message says why, in Chinese."""


@dataclass(frozen=True)
class Correction:
    """New values for a request; None keeps the old value. `applicant`: the name, which is stored only masked."""

    applicant_kind: ApplicantKind | None = None
    applicant: str | None = None
    description: str | None = None
    department_code: str | None = None
    received_on: date | None = None
    submitted_via: str | None = None


def correct(session: Session, receipt: str, correction: Correction, *, clerk: str, why: str, now: datetime) -> str:
    """Corrects a request; returns a description of the changes, in Chinese.

    Raises:
        NoSuchRequest, bot.disclosures.desk.NotAccountable
        MendingRefused: nothing would change, the department does not exist, the date would not fit the events, or the
            applicant filed the request online and only they may change its applicant and description.
    """
    require_account(clerk, why)
    request = _locked_request(session, receipt)
    if _was_filed_here(session, receipt) and (correction.applicant or correction.description):
        raise MendingRefused(f"{_FILED_HERE}，申请人和申请内容不能由工作人员改")
    changes = list(filter(None, (change(session, request, correction) for change in _CHANGES)))
    if not changes:
        raise MendingRefused("和现在的一样，没有要改的")
    told = "；".join(changes)
    audit.record(session, who=clerk, action="correct_request", subject=receipt, why=f"{told}。缘由：{why}", at=now)
    return told


def take_back_last_event(session: Session, receipt: str, *, clerk: str, why: str, now: datetime) -> Step:
    """Removes and returns the event that was recorded last. The event of receipt cannot be removed.

    Raises:
        NoSuchRequest, bot.disclosures.desk.NotAccountable
        MendingRefused: only the event of receipt is recorded.
    """
    require_account(clerk, why)
    request = _locked_request(session, receipt)
    if len(request.events) < 2:
        raise MendingRefused("只有“收到申请”一条，没有可以撤销的；整件登记错了，请作废")
    step = request.events.pop().step
    request.outcome = None
    session.flush()
    told = f"{step.on} {in_chinese(KINDS, step.kind)}"
    audit.record(session, who=clerk, action="take_back_event", subject=receipt, why=f"{told}。缘由：{why}", at=now)
    return step


def strike(session: Session, receipt: str, *, clerk: str, why: str, now: datetime) -> None:
    """Removes from the register a request that was entered by mistake. A copy is kept for `restore`.

    Raises:
        NoSuchRequest, bot.disclosures.desk.NotAccountable
        MendingRefused: the applicant filed it online; by law it must be answered or withdrawn.
    """
    require_account(clerk, why)
    request = _locked_request(session, receipt)
    if _was_filed_here(session, receipt):
        raise MendingRefused(f"{_FILED_HERE}，不能作废；申请人要撤回的，请记录“撤回”")
    session.add(
        StruckRequest(receipt=receipt, content=_content_of(request), struck_by=clerk, why=why.strip(), struck_at=now)
    )
    session.delete(request)
    session.flush()
    audit.record(session, who=clerk, action="strike_request", subject=receipt, why=why, at=now)


def restore(session: Session, receipt: str, *, clerk: str, why: str, now: datetime) -> None:
    """Puts back on the register the request that was struck out last under that receipt.

    Raises:
        NoSuchRequest: no request with that receipt was struck out.
        bot.disclosures.desk.NotAccountable
        MendingRefused: another request has the receipt now.
    """
    require_account(clerk, why)
    struck = struck_request(session, receipt)
    if struck is None:
        raise NoSuchRequest(receipt)
    if session.get(Request, receipt) is not None:
        raise MendingRefused("这个回执号现在有另一件申请，请先看清楚是哪一件")
    session.add(_from_content(struck.content))
    session.delete(struck)
    session.flush()
    audit.record(session, who=clerk, action="restore_request", subject=receipt, why=why, at=now)


def struck_request(session: Session, receipt: str) -> StruckRequest | None:
    """The request that was struck out last under that receipt; None if there is none."""
    of_number = select(StruckRequest).where(StruckRequest.receipt == receipt).order_by(StruckRequest.id.desc())
    return session.scalars(of_number.limit(1)).one_or_none()


def renumber(session: Session, year: int, serial: int, *, clerk: str, why: str, now: datetime) -> str:
    """Sets the number from which new receipts of the year continue, and returns that receipt.

    If that receipt is taken, `numbering.next_receipt` uses the next free one.

    Raises:
        bot.disclosures.desk.NotAccountable, bot.disclosures.numbering.ReceiptRefused
    """
    require_account(clerk, why)
    before = numbering.Number(year, numbering.next_serial(session, year))
    numbering.start_at(session, year, serial)
    after = numbering.Number(year, serial)
    audit.record(session, who=clerk, action="renumber", subject=str(after), why=f"原来是 {before}。缘由：{why}", at=now)
    return str(after)


def _correct_applicant(_: Session, request: Request, correction: Correction) -> str:
    kind = correction.applicant_kind or ApplicantKind(request.applicant_kind)
    masked = mask_applicant(correction.applicant, kind) if correction.applicant else request.applicant_masked
    if (kind, masked) == (request.applicant_kind, request.applicant_masked):
        return ""
    before = f"{request.applicant_masked}（{in_chinese(APPLICANT_KINDS, ApplicantKind(request.applicant_kind))}）"
    request.applicant_kind, request.applicant_masked = kind.value, masked
    return f"申请人 {before} → {masked}（{in_chinese(APPLICANT_KINDS, kind)}）"


def _correct_description(_: Session, request: Request, correction: Correction) -> str:
    if correction.description is None or correction.description == request.description:
        return ""
    before, request.description = request.description, correction.description
    return f"申请内容 “{mask(before)}” → “{mask(request.description)}”"


def _correct_department(session: Session, request: Request, correction: Correction) -> str:
    if correction.department_code is None or correction.department_code == request.department_code:
        return ""
    department = get_department(session, correction.department_code)
    if department is None:
        raise MendingRefused("没有这个部门")
    before, request.department = request.department.name, department
    return f"受理机关 {before} → {department.name}"


def _correct_way(_: Session, request: Request, correction: Correction) -> str:
    if correction.submitted_via is None or correction.submitted_via == request.submitted_via:
        return ""
    before, request.submitted_via = request.submitted_via, correction.submitted_via
    return f"提交方式 {before} → {request.submitted_via}"


def _correct_day(_: Session, request: Request, correction: Correction) -> str:
    """Checks all events again, because the time limits count from this day."""
    if correction.received_on is None or correction.received_on == request.received_on:
        return ""
    steps = [replace(request.steps[0], on=correction.received_on), *request.steps[1:]]
    for count, step in enumerate(steps):
        flaw = flaw_in(steps[:count], step) or reasons.flaw_in(step)
        if flaw:
            raise MendingRefused(
                f"收到日期改成 {correction.received_on}，后面的“{in_chinese(KINDS, step.kind)}”就不对了：{flaw.message}"
            )
    before, request.received_on = request.received_on, correction.received_on
    request.events[0].happened_on = correction.received_on
    return f"收到日期 {before} → {request.received_on}"


_CHANGES = (_correct_applicant, _correct_description, _correct_department, _correct_way, _correct_day)


def _locked_request(session: Session, receipt: str) -> Request:
    request = locked(session, Request, receipt)
    if request is None:
        raise NoSuchRequest(receipt)
    return request


def _was_filed_here(session: Session, receipt: str) -> bool:
    return session.get(Applicant, receipt) is not None


def _content_of(request: Request) -> dict[str, Any]:
    return {**_columns_of(request), "events": [_columns_of(event) for event in request.events]}


def _columns_of(row: Request | Event) -> dict[str, Any]:
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _from_content(content: dict[str, Any]) -> Request:
    events = [Event(**_with_dates(Event, event)) for event in content["events"]]
    return Request(**_with_dates(Request, {**content, "events": None}), events=events)


def _with_dates(table: type[Request] | type[Event], values: dict[str, Any]) -> dict[str, Any]:
    """The values with their dates parsed, without the id of an event: the database gives it a new one."""
    columns = {column.key: column for column in table.__table__.columns if column.key != "id"}
    return {
        name: date.fromisoformat(values[name]) if column.type.python_type is date and values[name] else values[name]
        for name, column in columns.items()
        if name in values
    }
