"""The yearly report on disclosure requests (条例 arts. 49, 50), part three of its form: requests and their results.

A request is counted by its state at the end of each year. So the requests that one year carries over are those that
the next year takes in, and a published report can be made again with the same figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.disclosures.clock import assess
from bot.disclosures.models import Request
from bot.disclosures.reasons import RESULTS, ReasonMissing, ReportRow, row_of
from bot.disclosures.reply_period import awaited
from bot.disclosures.terms import CLOSING, ApplicantKind, Kind, RequestState

KINDS = tuple(ApplicantKind)


class YearNotBegun(ValueError):
    """The year of the report is in the future."""


class SumsDisagree(ValueError):
    """The sums of the report do not agree; the message names the column."""


class ReasonsMissing(ValueError):
    """Answers without a recorded reason cannot be counted; `receipts` are their requests, in order."""

    def __init__(self, receipts: list[str]) -> None:
        super().__init__(", ".join(receipts))
        self.receipts = receipts


@dataclass(frozen=True)
class AnnualReport:
    """The report of a year. `counts`: row → the number of requests of each of `KINDS`. `until`: the last day counted.

    Raises:
        SumsDisagree
    """

    year: int
    until: date
    department: str | None
    counts: Mapping[ReportRow, tuple[int, ...]]

    def __post_init__(self) -> None:
        for column, kind in enumerate(KINDS):
            new, carried_in, total, carried_out = (
                self.counts[row][column]
                for row in (ReportRow.NEW, ReportRow.CARRIED_IN, ReportRow.TOTAL, ReportRow.CARRIED_OUT)
            )
            if total != sum(self.counts[row][column] for row in RESULTS):
                raise SumsDisagree(f"{kind}: the results do not add up to their total")
            if new + carried_in != total + carried_out:
                raise SumsDisagree(f"{kind}: {new} + {carried_in} is not {total} + {carried_out}")

    @property
    def is_running(self) -> bool:
        """Whether the year is not over yet."""
        return self.until < date(self.year, 12, 31)

    def figures(self, row: ReportRow) -> tuple[int, ...]:
        """The row as it is printed: one figure for each of `KINDS`, then their sum."""
        return (*self.counts[row], sum(self.counts[row]))


def annual_report(session: Session, year: int, today: date, department: Department | None = None) -> AnnualReport:
    """The report of `year`, up to `today` if the year is not over; of one department, or of the whole city.

    Raises:
        YearNotBegun
        ReasonsMissing
    """
    if date(year, 1, 1) > today:
        raise YearNotBegun(year)
    until = min(today, date(year, 12, 31))
    query = select(Request).order_by(Request.receipt)
    if department is not None:
        query = query.where(Request.department_code == department.code)
    return count_requests(session.scalars(query), year, until, department.name if department else None)


def count_requests(requests: Iterable[Request], year: int, until: date, department: str | None = None) -> AnnualReport:
    """The report of `year` over these requests, as they stood on `until`.

    Raises:
        ReasonsMissing
    """
    counted: Counter[tuple[ReportRow, ApplicantKind]] = Counter()
    without_reason = []
    for request in requests:
        try:
            rows = _rows_of(request, year, until)
        except ReasonMissing:
            without_reason.append(request.receipt)
            continue
        counted.update((row, ApplicantKind(request.applicant_kind)) for row in rows)
    if without_reason:
        raise ReasonsMissing(without_reason)
    counts = {row: tuple(counted[row, kind] for kind in KINDS) for row in ReportRow}
    return AnnualReport(year, until, department, counts)


def _rows_of(request: Request, year: int, until: date) -> tuple[ReportRow, ...]:
    """The rows that count the request: how it came into the year, and its result or that it is carried over."""
    if request.received_on > until:
        return ()
    if any(_has_ended(request, date(earlier, 12, 31)) for earlier in range(request.received_on.year, year)):
        # The report of that year has counted it, even if its supplement arrived after it was abandoned.
        return ()
    came = ReportRow.NEW if request.received_on.year == year else ReportRow.CARRIED_IN
    result = _result(request, until)
    return (came, ReportRow.CARRIED_OUT) if result is None else (came, result, ReportRow.TOTAL)


def _has_ended(request: Request, day: date) -> bool:
    try:
        return _result(request, day) is not None
    except ReasonMissing:
        return True


def _result(request: Request, day: date) -> ReportRow | None:
    """The row for the result of the request on that day; None if it was still open."""
    seen = [step for step in request.steps if step.on <= day]
    closing = next((step for step in seen if step.kind in CLOSING), None)
    if closing is not None:
        state = RequestState.ANSWERED if closing.kind == Kind.ANSWERED else RequestState.WITHDRAWN
        return row_of(state, closing.outcome, closing.reason)
    # If nothing is awaited of the applicant the request is open; `assess` would say the same, but slowly.
    if awaited(seen) is None:
        return None
    assessment = assess(request.received_on, seen, day)
    return row_of(assessment.state, fee_awaited=assessment.pay_by is not None)
