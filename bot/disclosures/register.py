"""The register of requests as staff see it: filtered, sorted, with the working days that each has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.disclosures.clock import Assessment
from bot.disclosures.desk import NoSuchRequest, get_request
from bot.disclosures.models import Request
from bot.disclosures.service import assess
from bot.disclosures.terms import RequestState
from bot.language.receipts import parse_receipt
from bot.workdays import count_working_days

PAGE_ROWS = 50
CLOSED = frozenset({RequestState.ANSWERED, RequestState.ABANDONED, RequestState.WITHDRAWN})


@dataclass(frozen=True)
class Standing:
    """A request and its state on a day. `days_left`: working days to the due date, also while the clock is paused;
    None when no answer is due.
    """

    request: Request
    assessment: Assessment
    days_left: int | None

    @property
    def is_closed(self) -> bool:
        return self.assessment.state in CLOSED


@dataclass(frozen=True)
class RegisterPage:
    """One page of the register. `total` and `overdue_count` count the matching requests of all pages."""

    rows: list[Standing]
    total: int
    overdue_count: int
    number: int

    @property
    def last_number(self) -> int:
        return max(1, -(-self.total // PAGE_ROWS))


def standing(request: Request, today: date) -> Standing:
    assessment = assess(request, today)
    days_left = assessment.working_days_left
    if days_left is None and assessment.due_on is not None and assessment.state not in CLOSED:
        days_left = count_working_days(today, assessment.due_on)
    return Standing(request, assessment, days_left)


def visible_request(session: Session, receipt: str, department_code: str | None) -> Request:
    """The request, if it belongs to the department. With `department_code` None, a request of any department.

    Raises:
        NoSuchRequest: there is none, or it is another department's: a department must not learn that it exists.
    """
    request = get_request(session, receipt)
    if department_code is not None and request.department_code != department_code:
        raise NoSuchRequest(receipt)
    return request


def find(
    session: Session,
    today: date,
    *,
    department_code: str | None = None,
    state: RequestState | None = None,
    with_closed: bool = False,
    within: int | None = None,
    overdue: bool = False,
    receipt: str = "",
    text: str = "",
    page: int = 1,
) -> RegisterPage:
    """A page of the matching requests: overdue first, then by due date, then without due date; closed ones last.

    Args:
        state: only requests in this state; None: the open ones, and with `with_closed` the closed ones too.
        within: only requests that are overdue or fall due within this many working days.
        receipt: a whole receipt in any way of writing, or a part of one or of the agency's own number.
        text: a part of the description or of the masked applicant.
        page: counted from 1; a number beyond the last page gives the last page.
    """
    query = select(Request).where(Request.received_on <= today)
    if department_code is not None:
        query = query.where(Request.department_code == department_code)
    if state == RequestState.ANSWERED:
        query = query.where(Request.outcome.is_not(None))
    elif state is not None or not with_closed or within is not None or overdue:
        query = query.where(Request.outcome.is_(None))
    if receipt:
        query = query.where(
            Request.receipt.icontains(parse_receipt(receipt) or receipt, autoescape=True)
            | Request.own_number.icontains(receipt, autoescape=True)
        )
    requests = (one for one in session.scalars(query) if _has(one, text))
    found = [
        one
        for one in (standing(request, today) for request in requests)
        if (one.assessment.state == state if state is not None else with_closed or not one.is_closed)
        and (not overdue or one.assessment.overdue)
        and (within is None or (one.days_left is not None and (one.assessment.overdue or one.days_left <= within)))
    ]
    found.sort(key=_order)
    overdue_count = sum(one.assessment.overdue for one in found)
    number = min(max(1, page), RegisterPage([], len(found), 0, 1).last_number)
    return RegisterPage(found[(number - 1) * PAGE_ROWS : number * PAGE_ROWS], len(found), overdue_count, number)


def _has(request: Request, text: str) -> bool:
    """Searches in Python, because the description is encrypted in the database."""
    wanted = text.casefold()
    return wanted in request.description.casefold() or wanted in request.applicant_masked.casefold()


def _order(one: Standing) -> tuple[bool, bool, date, int, str]:
    """The sort key. Requests without a due date are ordered by the day of receipt, newest first."""
    due_on = one.assessment.due_on if one.days_left is not None else None
    newest_first = -one.request.received_on.toordinal() if due_on is None else 0
    return (one.is_closed, not one.assessment.overdue, due_on or date.max, newest_first, one.request.receipt)
