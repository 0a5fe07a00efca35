"""The states of a work order: one table of all transitions, and the only functions that make them.

No other code sets `WorkOrder.state` of an order that is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.reviews import promises
from bot.reviews.models import Case, WorkOrder
from bot.staff.models import Person


class OrderState(StrEnum):
    ISSUED = "issued"
    SIGNED = "signed"
    EXTENSION_ASKED = "extension_asked"
    DONE = "done"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


ORDER_STATE_TITLES: dict[str, str] = {
    OrderState.ISSUED: "待签收",
    OrderState.SIGNED: "办理中",
    OrderState.EXTENSION_ASKED: "延期待批",
    OrderState.DONE: "已交回",
    OrderState.RETURNED: "已退单",
    OrderState.WITHDRAWN: "已收回",
}


class OrderAct(StrEnum):
    SIGN = "sign"
    RETURN = "return"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    PRESS = "press"
    SUPERVISE = "supervise"
    FINISH = "finish"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"


ORDER_ACT_TITLES: dict[str, str] = {
    OrderAct.SIGN: "签收",
    OrderAct.RETURN: "退单",
    OrderAct.ASK_EXTENSION: "申请延期",
    OrderAct.GRANT_EXTENSION: "准予延期",
    OrderAct.REFUSE_EXTENSION: "不准延期",
    OrderAct.PRESS: "催办",
    OrderAct.SUPERVISE: "督办",
    OrderAct.FINISH: "交回",
    OrderAct.SEND_BACK: "退回修改",
    OrderAct.WITHDRAW: "收回",
}


class OrderRefused(ValueError):
    """The order does not allow the act now; the message is in Chinese because staff read it."""


@dataclass(frozen=True)
class Transition:
    """`to` None: the state stays."""

    from_states: frozenset[OrderState]
    to: OrderState | None


_IN_HAND = frozenset({OrderState.SIGNED, OrderState.EXTENSION_ASKED})
OPEN_ORDERS = _IN_HAND | {OrderState.ISSUED}
# An assisting department sees the case while it works on it and after it has handed in.
SEEING_ORDERS = OPEN_ORDERS | {OrderState.DONE}

TRANSITIONS: dict[OrderAct, Transition] = {
    OrderAct.SIGN: Transition(frozenset({OrderState.ISSUED}), OrderState.SIGNED),
    OrderAct.RETURN: Transition(OPEN_ORDERS, OrderState.RETURNED),
    OrderAct.ASK_EXTENSION: Transition(frozenset({OrderState.SIGNED}), OrderState.EXTENSION_ASKED),
    OrderAct.GRANT_EXTENSION: Transition(frozenset({OrderState.EXTENSION_ASKED}), OrderState.SIGNED),
    OrderAct.REFUSE_EXTENSION: Transition(frozenset({OrderState.EXTENSION_ASKED}), OrderState.SIGNED),
    OrderAct.PRESS: Transition(OPEN_ORDERS, None),
    OrderAct.SUPERVISE: Transition(OPEN_ORDERS, None),
    # Whoever hands in without having signed signs by it.
    OrderAct.FINISH: Transition(OPEN_ORDERS, OrderState.DONE),
    OrderAct.SEND_BACK: Transition(frozenset({OrderState.DONE}), OrderState.SIGNED),
    OrderAct.WITHDRAW: Transition(OPEN_ORDERS, OrderState.WITHDRAWN),
}


def is_allowed(order: WorkOrder, act: OrderAct) -> bool:
    return order.state in TRANSITIONS[act].from_states


def move(session: Session, order: WorkOrder, act: OrderAct, **values: object) -> None:
    """Makes the transition and sets `values`, if the order has not changed since the caller read it.

    One statement compares and sets, so if two people act at once only one succeeds.

    Raises:
        OrderRefused: the table does not allow it, or somebody changed the order meanwhile.
    """
    transition = TRANSITIONS[act]
    title = ORDER_ACT_TITLES[act]
    if order.state not in transition.from_states:
        raise OrderRefused(f"工单现在是“{ORDER_STATE_TITLES[order.state]}”，不能{title}")
    from_state = OrderState(order.state)
    session.flush()
    moved = session.execute(
        update(WorkOrder)
        .where(WorkOrder.id == order.id, WorkOrder.state == from_state)
        .values(state=transition.to or from_state, **values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(order)
    if moved.rowcount == 0:  # type: ignore[attr-defined]
        raise OrderRefused(f"工单刚刚有变化，现在是“{ORDER_STATE_TITLES[order.state]}”，请看过再办")


def withdraw_open(session: Session, case: Case, now: datetime, *, assisting_too: bool) -> None:
    """Ends the open orders of a case that is answered, closed, taken back or given to another department."""
    open_ones = update(WorkOrder).where(WorkOrder.case_id == case.id, WorkOrder.state.in_(OPEN_ORDERS))
    if not assisting_too:
        open_ones = open_ones.where(WorkOrder.is_assisting.is_(False))
    session.execute(
        open_ones.values(state=OrderState.WITHDRAWN, ended_at=now).execution_options(synchronize_session="fetch")
    )


def issue(
    session: Session,
    case: Case,
    person: Person,
    now: datetime,
    department_code: str,
    words: str,
    working_days: int | None,
    *,
    is_assisting: bool = False,
    redo_of: WorkOrder | None = None,
) -> WorkOrder:
    """Stores a new order. Without a limit of its own it is due as departments promise, with closing at last."""
    promised = promises.in_force()
    usual = min(promised.department_due_at(now), promised.closing_of(case))
    order = WorkOrder(
        case_id=case.id,
        department_code=department_code,
        is_assisting=is_assisting,
        state=OrderState.ISSUED,
        issued_by_id=person.id,
        issued_at=now,
        words=words,
        working_days=working_days or promised.department_working_days,
        sign_due_at=promised.signing_due_at(now),
        due_at=promised.end_of_duty(now, working_days) if working_days else usual,
        redo_of_id=redo_of.id if redo_of else None,
    )
    session.add(order)
    session.flush()
    return order


def lead_order(session: Session, case: Case) -> WorkOrder | None:
    """The newest order of the case that leads, open or not."""
    leads = select(WorkOrder).where(WorkOrder.case_id == case.id, WorkOrder.is_assisting.is_(False))
    return session.scalars(leads.order_by(WorkOrder.id.desc()).limit(1)).one_or_none()


def hand_in_lead(session: Session, case: Case, department_code: str, now: datetime) -> None:
    """The department that leads has drafted the answer: its open order is done."""
    order = lead_order(session, case)
    if order is not None and order.department_code == department_code and is_allowed(order, OrderAct.FINISH):
        move(session, order, OrderAct.FINISH, signed_at=order.signed_at or now, finished_at=now, ended_at=now)


def send_back_lead(session: Session, case: Case, department_code: str) -> None:
    """The draft of the department was returned: its order is in hand again, with the same clock."""
    order = lead_order(session, case)
    is_its = order is not None and order.department_code == department_code == case.department_code
    if order is not None and is_its and is_allowed(order, OrderAct.SEND_BACK):
        move(session, order, OrderAct.SEND_BACK, finished_at=None, ended_at=None)


def return_lead(session: Session, case: Case, now: datetime) -> None:
    """The department is not in charge (退单)."""
    order = lead_order(session, case)
    if order is not None and is_allowed(order, OrderAct.RETURN):
        move(session, order, OrderAct.RETURN, ended_at=now)
