"""The forms of work orders on the page of a case: each calls its service and returns a sentence of what happened.

Who may send them stands in `case_acts.ACTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.reviews import call_backs, work_orders
from bot.reviews.call_backs import CallBackAnswer
from bot.reviews.models import Case, WorkOrder
from bot.reviews.order_states import OPEN_ORDERS, ORDER_STATE_TITLES, OrderAct, OrderState, is_allowed
from bot.reviews.states import CaseActionRefused
from bot.staff.models import Person
from bot.web.console.fields import number_in
from bot.web.console.words import span_left

Form = Mapping[str, str]
Act = Callable[[Session, Case, Person, Form, datetime], str]

# The acts of a department on an order of its own, and those of the desk on any.
_OF_DEPARTMENT = {
    "sign-order": OrderAct.SIGN,
    "return-order": OrderAct.RETURN,
    "finish-order": OrderAct.FINISH,
    "ask-extension": OrderAct.ASK_EXTENSION,
}
_OF_DESK = {
    "grant-extension": OrderAct.GRANT_EXTENSION,
    "refuse-extension": OrderAct.REFUSE_EXTENSION,
    "press-order": OrderAct.PRESS,
    "supervise-order": OrderAct.SUPERVISE,
    "withdraw-order": OrderAct.WITHDRAW,
}
# An order that leads is returned, handed in and taken back by the forms of the case itself.
_OF_ASSISTING = frozenset({"return-order", "finish-order", "withdraw-order"})


@dataclass(frozen=True)
class OrderShown:
    """An order as the page shows it. `may`: the names of the acts that the person may do to it."""

    order: WorkOrder
    state: str
    is_open: bool
    is_asking: bool
    is_late: bool
    left: str
    may: frozenset[str]


def shown_orders(session: Session, case: Case, person: Person, offered: set[str], now: datetime) -> list[OrderShown]:
    """The orders of the case, oldest first. `offered`: the acts on the case that its state and the roles allow."""
    return [shown_order(order, person, offered, now) for order in work_orders.orders_of(session, case)]


def shown_order(order: WorkOrder, person: Person, offered: set[str], now: datetime) -> OrderShown:
    is_open = order.state in OPEN_ORDERS
    is_late = is_open and (order.due_at < now or (order.signed_at is None and order.sign_due_at < now))
    return OrderShown(
        order=order,
        state=ORDER_STATE_TITLES[order.state],
        is_open=is_open,
        is_asking=order.state == OrderState.EXTENSION_ASKED,
        is_late=is_late,
        left=span_left(order.due_at - now),
        may=frozenset(name for name in offered if _may(name, order, person)),
    )


def _may(name: str, order: WorkOrder, person: Person) -> bool:
    is_own = order.department_code == person.department_code
    act = _OF_DESK.get(name) or (_OF_DEPARTMENT.get(name) if is_own else None)
    if act is None or not is_allowed(order, act) or (name in _OF_ASSISTING and not order.is_assisting):
        return False
    return name != "supervise-order" or order.supervised_at is None


def issue(session: Session, case: Case, person: Person, form: Form, now: datetime) -> None:
    work_orders.issue(session, case, person, now, form.get("department", ""), form.get("why", ""), _limit(form))


def redo(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    work_orders.redo(session, case, person, now, form.get("why", ""), _limit(form))
    return "已发回部门重办"


def assist(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    department, why = form.get("department", ""), form.get("why", "")
    order = work_orders.assist(session, case, person, now, department, why, _limit(form))
    return f"已请{order.department.name}协办"


def _limit(form: Form) -> int | None:
    return work_orders.working_days_in(form.get("days", ""), "办理时限")


def _on_order(do: Callable[..., object], said: str, field: str = "") -> Act:
    """An act on the order that the form names. `field`: of the form, handed over as the reason or the text."""

    def act(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
        do(session, case, _order(session, case, form), person, now, *([form.get(field, "")] if field else []))
        return said

    return act


sign = _on_order(work_orders.sign, "已签收")
return_assisting = _on_order(work_orders.return_assisting, "已退单", "why")
finish_assisting = _on_order(work_orders.finish_assisting, "已交回", "text")
withdraw_assisting = _on_order(work_orders.withdraw_assisting, "协办已收回")
refuse_extension = _on_order(work_orders.refuse_extension, "没有准予延期", "why")
press = _on_order(work_orders.press, "已催办，部门的首页会看到", "why")
supervise = _on_order(work_orders.supervise, "已列为督办", "why")


def ask_extension(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    order, days = _order(session, case, form), work_orders.working_days_in(form.get("days", ""), "延长")
    work_orders.ask_extension(session, case, order, person, now, days, form.get("why", ""))
    return "已申请延期，等主管批"


def grant_extension(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    order = _order(session, case, form)
    work_orders.grant_extension(session, case, order, person, now)
    return "已准予延期" if order.is_assisting else "已准予延期，并告诉了群众"


def call_back(session: Session, case: Case, person: Person, _form: Form, now: datetime) -> str:
    call_backs.ask(session, case, person, now)
    return "回访已发出，对方回答了会记在这里"


def called_back(session: Session, case: Case, person: Person, form: Form, now: datetime) -> str:
    try:
        answer = CallBackAnswer(form.get("answer", ""))
    except ValueError:
        raise CaseActionRefused("请选对方怎么说") from None
    call_backs.record(session, case, person, now, answer, form.get("words", ""))
    return "回访已记下" if answer == CallBackAnswer.CONTENT else "回访已记下，这件重新打开了"


def _order(session: Session, case: Case, form: Form) -> WorkOrder:
    return work_orders.get_order(session, case, number_in(form.get("order", "")))
