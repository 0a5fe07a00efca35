"""The register of requests as staff see it: filtered, sorted, with the working days that each has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Select, select
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
class RequestStanding:
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

    rows: list[RequestStanding]
    total: int
    overdue_count: int
    number: int

    @property
    def last_number(self) -> int:
        return max(1, -(-self.total // PAGE_ROWS))


def standing(request: Request, today: date) -> RequestStanding:
    assessment = assess(request, today)
    days_left = assessment.working_days_left
    if days_left is None and assessment.due_on is not None and assessment.state not in CLOSED:
        days_left = count_working_days(today, assessment.due_on)
    return RequestStanding(request, assessment, days_left)


def visible_request(session: Session, receipt: str, department_code: str | None) -> Request:
    """The request, if it belongs to the department. With `department_code` None, a request of any department.

    Raises:
        NoSuchRequest: there is none, or it is another department's: a department must not learn that it exists.
    """
    request = get_request(session, receipt)
    if department_code is not None and request.department_code != department_code:
        raise NoSuchRequest(receipt)
    return request


@dataclass(frozen=True)
class RegisterFilter:
    """Which requests the register shows.

    `state`: only requests in this state; None: the open ones, and with `with_closed` the closed ones too. `within`:
    only requests that are overdue or fall due within this many working days. `receipt`: a whole receipt in any way of
    writing, or a part of one or of the agency's own number. `text`: a part of the description or of the masked
    applicant.
    """

    department_code: str | None = None
    state: RequestState | None = None
    with_closed: bool = False
    within: int | None = None
    overdue: bool = False
    receipt: str = ""
    text: str = ""


def find(session: Session, today: date, wanted: RegisterFilter, *, page: int = 1) -> RegisterPage:
    """A page of the matching requests: overdue first, then by due date, then without due date; closed ones last.

    `page` is counted from 1; a number beyond the last page gives the last page.
    """
    requests = (one for one in session.scalars(_query(wanted, today)) if _has(one, wanted.text))
    found = sorted(filter(partial(_is_wanted, wanted), (standing(one, today) for one in requests)), key=_order)
    overdue_count = sum(one.assessment.overdue for one in found)
    number = min(max(1, page), RegisterPage([], len(found), 0, 1).last_number)
    return RegisterPage(found[(number - 1) * PAGE_ROWS : number * PAGE_ROWS], len(found), overdue_count, number)


def _query(wanted: RegisterFilter, today: date) -> Select[Request]:
    """The requests that the database can tell apart; their state on a day is computed afterwards (`_is_wanted`)."""
    query = select(Request).where(Request.received_on <= today)
    if wanted.department_code is not None:
        query = query.where(Request.department_code == wanted.department_code)
    if wanted.state == RequestState.ANSWERED:
        query = query.where(Request.outcome.is_not(None))
    elif wanted.state is not None or not wanted.with_closed or wanted.within is not None or wanted.overdue:
        query = query.where(Request.outcome.is_(None))
    if wanted.receipt:
        query = query.where(
            Request.receipt.icontains(parse_receipt(wanted.receipt) or wanted.receipt, autoescape=True)
            | Request.own_number.icontains(wanted.receipt, autoescape=True)
        )
    return query


def _is_wanted(wanted: RegisterFilter, one: RequestStanding) -> bool:
    if wanted.state is not None:
        fits_state = one.assessment.state == wanted.state
    else:
        fits_state = wanted.with_closed or not one.is_closed
    is_near = wanted.within is None or (
        one.days_left is not None and (one.assessment.overdue or one.days_left <= wanted.within)
    )
    return fits_state and is_near and (not wanted.overdue or one.assessment.overdue)


def _has(request: Request, text: str) -> bool:
    """Searches in Python, because the description is encrypted in the database."""
    wanted = text.casefold()
    return wanted in request.description.casefold() or wanted in request.applicant_masked.casefold()


def _order(one: RequestStanding) -> tuple[bool, bool, date, int, str]:
    """The sort key. Requests without a due date are ordered by the day of receipt, newest first."""
    due_on = one.assessment.due_on if one.days_left is not None else None
    newest_first = -one.request.received_on.toordinal() if due_on is None else 0
    return (one.is_closed, not one.assessment.overdue, due_on or date.max, newest_first, one.request.receipt)
