"""The list of work orders: one query with a view, a department, the days of issue and a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager

from bot.paging import ListPart
from bot.reviews.models import WorkOrder
from bot.reviews.order_states import OPEN_ORDERS, OrderState
from bot.reviews.queue import WITHOUT_TALK, end_of_today

PAGE_ROWS = 50


class OrderView(StrEnum):
    """Which orders the list shows. Those from `LEADING` on are what the figures count (`docs/work-orders.md`)."""

    OPEN = "open"
    TO_SIGN = "to_sign"
    IN_HAND = "in_hand"
    DUE_TODAY = "due_today"
    LATE = "late"
    EXTENSION_ASKED = "extension_asked"
    PRESSED = "pressed"
    SUPERVISED = "supervised"
    ALL = "all"
    LEADING = "leading"
    SIGNED_LATE = "signed_late"
    DONE_LATE = "done_late"
    DONE = "done"
    DONE_AGAIN = "done_again"
    RETURNED = "returned"
    REDO = "redo"


VIEW_TITLES: Mapping[str, str] = {
    OrderView.OPEN: "没办完的",
    OrderView.TO_SIGN: "待签收",
    OrderView.IN_HAND: "办理中",
    OrderView.DUE_TODAY: "今天到期",
    OrderView.LATE: "已超时",
    OrderView.EXTENSION_ASKED: "延期待批",
    OrderView.PRESSED: "催办的",
    OrderView.SUPERVISED: "督办的",
    OrderView.ALL: "全部",
    OrderView.LEADING: "主办的",
    OrderView.SIGNED_LATE: "签收超时",
    OrderView.DONE_LATE: "交回超时",
    OrderView.DONE: "已交回",
    OrderView.DONE_AGAIN: "交回后又重办",
    OrderView.RETURNED: "已退单",
    OrderView.REDO: "重办的",
}


@dataclass(frozen=True)
class OrderFilter:
    """`since`, `before`: instants of issue, the first included and the second excluded; null for no limit."""

    view: OrderView = OrderView.OPEN
    department: str | None = None
    since: datetime | None = None
    before: datetime | None = None


def order_list(session: Session, wanted: OrderFilter, now: datetime, page: int = 1) -> ListPart[WorkOrder]:
    """Open orders by their day, others newest first."""
    is_open = wanted.view in _OPEN_VIEWS
    rows = (
        select(WorkOrder)
        .join(WorkOrder.case)
        .options(contains_eager(WorkOrder.case).options(*WITHOUT_TALK))
        .where(*_matching(wanted, now))
        .order_by(WorkOrder.due_at if is_open else WorkOrder.id.desc(), WorkOrder.id)
        .limit(PAGE_ROWS)
    )
    total = count_orders(session, wanted, now)
    return ListPart.read(total, page, PAGE_ROWS, lambda first: list(session.scalars(rows.offset(first)).unique()))


def count_orders(session: Session, wanted: OrderFilter, now: datetime) -> int:
    return session.scalar(select(func.count()).select_from(WorkOrder).where(*_matching(wanted, now))) or 0


def count_by_department(session: Session, wanted: OrderFilter, now: datetime) -> dict[str, int]:
    found = select(WorkOrder.department_code, func.count()).where(*_matching(wanted, now))
    return {code: number for code, number in session.execute(found.group_by(WorkOrder.department_code))}  # noqa: C416


_OPEN_VIEWS = frozenset(list(OrderView)[: list(OrderView).index(OrderView.ALL)])


def _matching(wanted: OrderFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions = list(conditions_of(wanted.view, now))
    if wanted.department:
        conditions.append(WorkOrder.department_code == wanted.department)
    if wanted.since is not None:
        conditions.append(WorkOrder.issued_at >= wanted.since)
    if wanted.before is not None:
        conditions.append(WorkOrder.issued_at < wanted.before)
    return conditions


def conditions_of(view: OrderView, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What an order has to be to stand in the view; what the figures count is defined here too."""
    is_open = WorkOrder.state.in_(OPEN_ORDERS)
    if view == OrderView.ALL:
        return ()
    if view in _OPEN_VIEWS:
        return (is_open, *_narrowed(view, now))
    # What the desk took back itself tells nothing of the department.
    leads = (WorkOrder.is_assisting.is_(False), WorkOrder.state != OrderState.WITHDRAWN)
    return (*leads, *_counted(view, now))


def _narrowed(view: OrderView, now: datetime) -> tuple[ColumnElement[bool], ...]:
    found: dict[OrderView, ColumnElement[bool]] = {
        OrderView.TO_SIGN: WorkOrder.state == OrderState.ISSUED,
        OrderView.IN_HAND: WorkOrder.state != OrderState.ISSUED,
        OrderView.DUE_TODAY: and_(WorkOrder.due_at >= now, WorkOrder.due_at < end_of_today(now)),
        OrderView.LATE: or_(WorkOrder.due_at < now, and_(WorkOrder.signed_at.is_(None), WorkOrder.sign_due_at < now)),
        OrderView.EXTENSION_ASKED: WorkOrder.state == OrderState.EXTENSION_ASKED,
        OrderView.PRESSED: WorkOrder.pressed_count > 0,
        OrderView.SUPERVISED: WorkOrder.supervised_at.is_not(None),
    }
    return (found[view],) if view in found else ()


def _counted(view: OrderView, now: datetime) -> tuple[ColumnElement[bool], ...]:
    # Read once: as a question for each order, SQLite would go through all orders each time, since few are a redo.
    later = aliased(WorkOrder)
    done_again = select(later.redo_of_id).where(later.redo_of_id.is_not(None))
    is_done = WorkOrder.state == OrderState.DONE
    found: dict[OrderView, ColumnElement[bool]] = {
        OrderView.SIGNED_LATE: and_(
            WorkOrder.sign_due_at < func.coalesce(WorkOrder.signed_at, WorkOrder.ended_at, now)
        ),
        OrderView.DONE_LATE: and_(
            WorkOrder.state != OrderState.RETURNED, WorkOrder.due_at < func.coalesce(WorkOrder.finished_at, now)
        ),
        OrderView.DONE: is_done,
        OrderView.DONE_AGAIN: and_(is_done, WorkOrder.id.in_(done_again)),
        OrderView.RETURNED: WorkOrder.state == OrderState.RETURNED,
        OrderView.REDO: WorkOrder.redo_of_id.is_not(None),
    }
    return (found[view],) if view in found else ()
