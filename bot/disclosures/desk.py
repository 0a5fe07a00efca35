"""Actions of a clerk besides recording events: list due requests, open the applicant's identity, renew a code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.disclosures.clock import Assessment
from bot.disclosures.identity import hash_query_code
from bot.disclosures.models import Applicant, Request
from bot.disclosures.service import assess
from bot.language.receipts import new_query_code, normalise_query_code
from bot.sealing import Sealer
from bot.staff import audit
from bot.workdays import count_working_days


class NoSuchRequest(LookupError):
    """There is no request with that receipt."""


class NoIdentityKept(LookupError):
    """The request was not filed here, so the applicant's identity is only in the department's own files."""


class NotAccountable(ValueError):
    """The clerk's name or the purpose is missing."""


@dataclass(frozen=True)
class Due:
    """An open request. `days_left`: as `Assessment.working_days_left`, but also set while the clock is paused."""

    request: Request
    assessment: Assessment
    due_on: date
    days_left: int


def get_request(session: Session, receipt: str) -> Request:
    """Raises NoSuchRequest."""
    request = session.get(Request, receipt)
    if request is None:
        raise NoSuchRequest(receipt)
    return request


def due_within(session: Session, today: date, working_days: int, department: Department | None = None) -> list[Due]:
    """Open requests that are overdue or fall due within that many working days, soonest first."""
    query = select(Request).where(Request.outcome.is_(None), Request.received_on <= today)
    if department is not None:
        query = query.where(Request.department_code == department.code)
    found = []
    for request in session.scalars(query):
        assessment = assess(request, today)
        # No due date: the request is withdrawn, abandoned, or waits for the applicant.
        if assessment.due_on is None:
            continue
        days_left = assessment.working_days_left
        if days_left is None:
            days_left = count_working_days(today, assessment.due_on)
        if assessment.overdue or days_left <= working_days:
            found.append(Due(request, assessment, assessment.due_on, days_left))
    return sorted(found, key=lambda due: (due.due_on, due.request.receipt))


def open_applicant(
    session: Session, receipt: str, sealer: Sealer, *, clerk: str, why: str, now: datetime
) -> dict[str, str]:
    """The identity of the applicant; writes an entry in the audit log.

    The keys are `name`, `identity_kind`, `identity_number`, `contact` and `address`.

    Raises:
        NoSuchRequest
        NoIdentityKept
        NotAccountable
        bot.sealing.SealBroken: sealed with another key.
    """
    require_account(clerk, why)
    get_request(session, receipt)
    applicant = session.get(Applicant, receipt)
    if applicant is None:
        raise NoIdentityKept(receipt)
    audit.record(session, who=clerk, action="open_applicant", subject=receipt, why=why, at=now)
    return sealer.open_object(applicant.sealed)


def renew_query_code(session: Session, receipt: str, *, clerk: str, why: str, now: datetime) -> str:
    """Sets and returns a new query code, as it is shown; the old one stops working. Writes an entry in the audit log.

    Raises:
        NoSuchRequest
        NotAccountable
    """
    require_account(clerk, why)
    request = get_request(session, receipt)
    code = new_query_code()
    request.query_code_hash = hash_query_code(normalise_query_code(code) or code)
    audit.record(session, who=clerk, action="renew_query_code", subject=receipt, why=why, at=now)
    return code


def require_account(clerk: str, why: str) -> None:
    """Raises NotAccountable."""
    if not clerk.strip() or not why.strip():
        raise NotAccountable("who asks and why must be said")
