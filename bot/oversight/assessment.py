"""The assessment of the organs (考核, 条例 art. 46): what each did in a period, and its points by the city's rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.disclosures.models import Request
from bot.disclosures.service import assess
from bot.disclosures.terms import Kind
from bot.figures.period import Period, PeriodRefused
from bot.figures.tables import Cell, Table
from bot.oversight.complaints import Finding
from bot.oversight.contests import ContestKind, ContestResult, counted_contests
from bot.oversight.models import Complaint, Order
from bot.oversight.orders import OrderState
from bot.oversight.scoring import Fault, ScoreRule
from bot.oversight.yearly_desk import due_on, kept_report
from bot.publishing.service import late_by_department
from bot.workdays import today_in_china

COLUMNS = {
    "received": "收到申请",
    "answered": "已答复",
    "on_time": "按时答复",
    Fault.LATE: "迟答",
    "extended": "延长期限",
    Fault.OVERDUE: "期末逾期未答",
    Fault.CORRECTED: "复议纠正",
    Fault.LOST: "诉讼纠正",
    Fault.UPHELD: "投诉属实",
    "orders": "收到整改",
    Fault.ORDERS_OVERDUE: "期末整改逾期",
    Fault.UNPUBLISHED: "主动公开迟",
    Fault.REPORT_LATE: "年报迟",
}


@dataclass(frozen=True)
class AssessedPeriod:
    """A year, or a quarter of it (1 to 4; 0 for the whole year)."""

    year: int
    quarter: int

    def __post_init__(self) -> None:
        if not 2008 <= self.year <= 9000 or self.quarter not in range(5):
            raise PeriodRefused("没有这个年度或者季度")

    @property
    def days(self) -> Period:
        if not self.quarter:
            return Period(date(self.year, 1, 1), date(self.year, 12, 31))
        return Period.of_quarter(self.year, self.quarter)

    def __str__(self) -> str:
        return str(self.days) if self.quarter else f"{self.year}年"


@dataclass(frozen=True)
class Assessed:
    """`counts`: by the keys of `COLUMNS`."""

    organ: str
    organ_name: str
    counts: Mapping[str, int]
    score: float


@dataclass(frozen=True)
class OrganAssessment:
    """`until`: the last day counted. `rows`: the best first."""

    period: AssessedPeriod
    until: date
    rows: list[Assessed]

    @property
    def total(self) -> Counter[str]:
        return sum((Counter(row.counts) for row in self.rows), Counter())


def assessment(session: Session, period: AssessedPeriod, today: date, rule: ScoreRule) -> OrganAssessment:
    """Raises bot.figures.period.PeriodRefused: the period lies ahead."""
    first_on, last_on = period.days.first_on, min(period.days.last_on, today)
    if first_on > today:
        raise PeriodRefused(f"{period}还没有到")
    found: dict[str, Counter[str]] = {one.code: Counter() for one in all_departments(session)}
    _requests(session, first_on, last_on, found)
    for kind, result, code in counted_contests(session, first_on, last_on):
        if result == ContestResult.CORRECTED:
            found[code][Fault.CORRECTED if kind == ContestKind.RECONSIDERATION else Fault.LOST] += 1
    _complaints(session, first_on, last_on, found)
    _orders(session, first_on, last_on, found)
    for code, count in late_by_department(session, first_on, last_on).items():
        if code in found:
            found[code][Fault.UNPUBLISHED] += count
    rows = []
    for one in all_departments(session):
        counts = found[one.code]
        counts[Fault.REPORT_LATE] = _report_late(session, one.code, first_on, last_on)
        score = rule.score({fault: counts[fault] for fault in Fault})
        rows.append(Assessed(one.code, one.name, {key: counts[key] for key in COLUMNS}, score))
    return OrganAssessment(period, last_on, sorted(rows, key=lambda row: (-row.score, row.organ)))


def as_table(made: OrganAssessment) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (row.organ_name, *(row.counts[key] for key in COLUMNS), _points(row.score)) for row in made.rows
    ]
    return Table("assessment", f"{made.period}政府信息公开工作考核", ("机关", *COLUMNS.values(), "得分"), rows)


def _points(score: float) -> str:
    return f"{score:g}"


def _requests(session: Session, first_on: date, last_on: date, found: Mapping[str, Counter[str]]) -> None:
    for request in session.scalars(select(Request).where(Request.received_on <= last_on)):
        counts = found[request.department_code]
        counts["received"] += request.received_on >= first_on
        closed_before = any(
            step.kind in (Kind.ANSWERED, Kind.WITHDRAWN) and step.on < first_on for step in request.steps
        )
        if closed_before:
            continue
        standing = assess(request, last_on)
        if standing.answered_on is not None:
            counts["answered"] += 1
            counts[Fault.LATE if standing.answered_late else "on_time"] += 1
        counts[Fault.OVERDUE] += standing.overdue
        counts["extended"] += any(
            step.kind == Kind.EXTENDED and first_on <= step.on <= last_on and not standing.why_without_effect(step)
            for step in request.steps
        )


def _complaints(session: Session, first_on: date, last_on: date, found: Mapping[str, Counter[str]]) -> None:
    upheld = (Finding.UPHELD.value, Finding.PARTLY.value)
    for one in session.scalars(select(Complaint).where(Complaint.finding.in_(upheld))):
        if one.answered_at is not None and first_on <= today_in_china(one.answered_at) <= last_on:
            found[one.department_code][Fault.UPHELD] += 1


def _orders(session: Session, first_on: date, last_on: date, found: Mapping[str, Counter[str]]) -> None:
    for one in session.scalars(select(Order).where(Order.issued_on <= last_on)):
        if one.state == OrderState.WITHDRAWN:
            continue
        found[one.department_code]["orders"] += one.issued_on >= first_on
        is_open = one.state == OrderState.AWAITING and one.due_on < last_on
        found[one.department_code][Fault.ORDERS_OVERDUE] += is_open


def _report_late(session: Session, organ: str, first_on: date, last_on: date) -> int:
    """1 if the report that was due in the period was published late, or was not published by the period's end."""
    due = due_on(first_on.year - 1, organ)
    if not first_on <= due < last_on:
        return 0
    kept = kept_report(session, first_on.year - 1, organ)
    return int(kept is None or kept.published_on is None or kept.published_on > due)
