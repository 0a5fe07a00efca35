"""The rates of departments over the work orders issued in a period (`docs/work-orders.md` defines each)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, select
from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.figures.period import Period
from bot.reviews.models import CallBack, Rating, WorkOrder
from bot.reviews.order_list import OrderView, conditions_of
from bot.reviews.reasons import Stars


@dataclass(frozen=True)
class OrderRates:
    """The orders of a department that lead. `department_code` None: of all departments.

    `sign_judged_count`: signed, or too late for it; `done_judged_count`: handed in, or too late for it.
    `graded_count`: cases of these orders of which the citizen told whether they are satisfied.
    """

    department_code: str | None
    department: str | None
    issued_count: int
    sign_judged_count: int
    signed_late_count: int
    done_judged_count: int
    done_late_count: int
    done_count: int
    done_again_count: int
    returned_count: int
    redo_count: int
    graded_count: int
    satisfied_count: int


_COUNTED = (
    OrderView.SIGNED_LATE,
    OrderView.DONE_LATE,
    OrderView.DONE,
    OrderView.DONE_AGAIN,
    OrderView.RETURNED,
    OrderView.REDO,
)


def order_rates(session: Session, period: Period, now: datetime) -> list[OrderRates]:
    """All departments together first, then each by code; empty if no order was issued."""
    rows = session.execute(
        select(
            WorkOrder.department_code,
            Department.name,
            func.count(),
            *(_count(and_(*conditions_of(view, now))) for view in _COUNTED),
            _count(WorkOrder.signed_at.is_not(None)),
            _count(and_(*conditions_of(OrderView.SIGNED_LATE, now), WorkOrder.signed_at.is_(None))),
            _count(and_(*conditions_of(OrderView.DONE_LATE, now), WorkOrder.finished_at.is_(None))),
        )
        .join(Department, Department.code == WorkOrder.department_code)
        .where(*conditions_of(OrderView.LEADING, now), *_issued_in(period))
        .group_by(WorkOrder.department_code, Department.name)
        .order_by(WorkOrder.department_code)
    ).all()
    grades = _grades(session, period, now)
    each = [
        OrderRates(
            department_code=code,
            department=name,
            issued_count=issued,
            sign_judged_count=signed + unsigned,
            signed_late_count=signed_late,
            done_judged_count=done + not_done,
            done_late_count=done_late,
            done_count=done,
            done_again_count=again,
            returned_count=returned,
            redo_count=redo,
            graded_count=grades.get(code, (0, 0))[0],
            satisfied_count=grades.get(code, (0, 0))[1],
        )
        for code, name, issued, signed_late, done_late, done, again, returned, redo, signed, unsigned, not_done in rows
    ]
    return [_together(each), *each] if each else []


def _together(each: list[OrderRates]) -> OrderRates:
    names = [name for name in OrderRates.__annotations__ if name.endswith("_count")]
    return OrderRates(None, None, **{name: sum(getattr(one, name) for one in each) for name in names})


def _grades(session: Session, period: Period, now: datetime) -> dict[str, tuple[int, int]]:
    """Department → its graded cases and the satisfied among them."""
    last = last_words(session, period, now)
    graded = Counter(code for code, _ in last)
    satisfied = Counter(code for (code, _), is_good in last.items() if is_good)
    return {code: (count, satisfied[code]) for code, count in graded.items()}


def last_words(session: Session, period: Period, now: datetime) -> dict[tuple[str, int], bool]:
    """Department and case → whether the citizen is satisfied, by their last word: a call-back or a rating."""
    of_orders = (*conditions_of(OrderView.DONE, now), *_issued_in(period))
    called = (
        select(WorkOrder.department_code, CallBack.case_id, CallBack.answered_at, CallBack.is_satisfied)
        .join(WorkOrder, WorkOrder.case_id == CallBack.case_id)
        .where(CallBack.answered_at.is_not(None), *of_orders)
    )
    rated = (
        select(WorkOrder.department_code, Rating.case_id, Rating.at, Rating.stars >= Stars.SATISFIED)
        .join(WorkOrder, WorkOrder.case_id == Rating.case_id)
        .where(*of_orders)
    )
    said = [*session.execute(called), *session.execute(rated)]
    return {(code, case_id): bool(is_good) for code, case_id, _, is_good in sorted(said, key=lambda row: row[2])}


def _issued_in(period: Period) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (WorkOrder.issued_at >= period.starts_at, WorkOrder.issued_at < period.ends_at)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), Integer)
