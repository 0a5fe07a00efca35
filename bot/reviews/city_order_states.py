"""The states of an order in the city's own work-order system, as it tells them, and what we still have to send."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.reviews.models import Case, CityOrder


class CityOrderState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


CITY_ORDER_TITLES: dict[str, str] = {
    CityOrderState.WAITING: "等着发出",
    CityOrderState.SENT: "已发出，等对方受理",
    CityOrderState.ACCEPTED: "已受理",
    CityOrderState.IN_PROGRESS: "办理中",
    CityOrderState.DONE: "已办结",
    CityOrderState.RETURNED: "已退回",
    CityOrderState.REFUSED: "对方拒收",
    CityOrderState.WITHDRAWN: "已收回",
}

OPEN_OUTSIDE = frozenset(
    {CityOrderState.WAITING, CityOrderState.SENT, CityOrderState.ACCEPTED, CityOrderState.IN_PROGRESS}
)
# How an order ended there, of which the owner of the case is told.
CAME_BACK = frozenset({CityOrderState.DONE, CityOrderState.RETURNED, CityOrderState.REFUSED})


class ToSend(StrEnum):
    ORDER = "order"
    WITHDRAWAL = "withdrawal"
    NOTHING = ""


def open_order(session: Session, case: Case) -> CityOrder | None:
    found = select(CityOrder).where(CityOrder.case_id == case.id, CityOrder.state.in_(OPEN_OUTSIDE))
    return session.scalars(found).one_or_none()


def withdraw_open(session: Session, case: Case, now: datetime) -> None:
    """Ends the open order of a case that is answered, closed, taken back or given to another department.

    The other system is told, unless the order has never left us.
    """
    order = open_order(session, case)
    if order is None:
        return
    was_tried = order.attempts > 0 or order.sent_at is not None
    order.state, order.ended_at = CityOrderState.WITHDRAWN, now
    order.to_send = ToSend.WITHDRAWAL if was_tried else ToSend.NOTHING
    # While an attempt may be under way the order could still arrive after its withdrawal: that waits for its turn.
    is_under_way = was_tried and order.sent_at is None
    order.next_at = (order.next_at if is_under_way else now) if was_tried else None
    session.flush()
