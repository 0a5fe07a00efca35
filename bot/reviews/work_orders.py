"""Work orders to departments as 12345 lines know them: signed for, extended, pressed, supervised, assisted, done again.

An order that leads is issued by `handling.pass_to_department`, returned by `handling.take_back` and handed in by
`handling.draft_answer`. Every step is written into the history of the case and into the audit log.

Every function raises `CaseActionRefused` if the order, the case or an argument does not allow the step; the caller must
then roll back. The caller also checks the permission (`bot/web/console/case_acts.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.conversations import staff_messages
from bot.reviews import city_orders, handling, order_states, promises
from bot.reviews.models import Case, WorkOrder
from bot.reviews.notices import put_off, signature
from bot.reviews.order_states import OPEN_ORDERS, OrderAct, OrderRefused, OrderState, lead_order, move
from bot.reviews.requirements import require_owner, require_text
from bot.reviews.service import conversations_of
from bot.reviews.states import Action, CaseActionRefused, change
from bot.staff import audit
from bot.staff.models import Person
from bot.workdays import CHINA

MOST_WORKING_DAYS = 60
MOST_RESULT_CHARACTERS = 4000

_CASE_ACTIONS: Mapping[OrderAct, Action] = {
    OrderAct.SIGN: Action.SIGN_ORDER,
    OrderAct.RETURN: Action.RETURN_ORDER,
    OrderAct.ASK_EXTENSION: Action.ASK_EXTENSION,
    OrderAct.GRANT_EXTENSION: Action.GRANT_EXTENSION,
    OrderAct.REFUSE_EXTENSION: Action.REFUSE_EXTENSION,
    OrderAct.PRESS: Action.PRESS_ORDER,
    OrderAct.SUPERVISE: Action.SUPERVISE_ORDER,
    OrderAct.FINISH: Action.FINISH_ORDER,
    OrderAct.WITHDRAW: Action.WITHDRAW_ORDER,
}


def orders_of(session: Session, case: Case) -> list[WorkOrder]:
    """All orders of the case, oldest first."""
    return list(session.scalars(select(WorkOrder).where(WorkOrder.case_id == case.id).order_by(WorkOrder.id)))


def get_order(session: Session, case: Case, order_id: int | None) -> WorkOrder:
    order = session.get(WorkOrder, order_id) if order_id is not None else None
    if order is None or order.case_id != case.id:
        raise CaseActionRefused("没有这张工单")
    return order


def working_days_in(text: str, what: str) -> int | None:
    """The days that a form names, from 1 to `MOST_WORKING_DAYS`; None if it names none."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:4]) <= MOST_WORKING_DAYS:
        raise CaseActionRefused(f"{what}填 1 到 {MOST_WORKING_DAYS} 个工作日")
    return int(text)


def issue(
    session: Session, case: Case, person: Person, now: datetime, department_code: str, words: str, days: int | None
) -> None:
    """Issues the order that leads (派单); where the city has it so, it goes to the city's own system at once."""
    handling.pass_to_department(session, case, person, now, department_code, words, days)
    order = lead_order(session, case)
    if order is not None:
        _audit(session, case, person, now, "派单", order)
    city_orders.hand_out_by_rule(session, case, person, now, words)


def redo(session: Session, case: Case, person: Person, now: datetime, why: str, days: int | None) -> None:
    """Issues an order to the department that had handed in before, because the citizen is not content (重办)."""
    before = lead_order(session, case)
    if before is None or not needs_redo(case, before):
        raise CaseActionRefused("还没有部门交回过，用“转部门办理”")
    words = require_text(why, "要重办什么")
    handling.pass_to_department(session, case, person, now, before.department_code, words, days, redo_of=before)
    _audit(session, case, person, now, "重办", before)
    city_orders.hand_out_by_rule(session, case, person, now, words)


def needs_redo(case: Case, newest: WorkOrder | None) -> bool:
    """Whether the case was opened again after the department had handed in."""
    if newest is None or newest.state != OrderState.DONE or newest.finished_at is None or case.reopened_at is None:
        return False
    return case.reopened_at >= newest.finished_at


def assist(
    session: Session, case: Case, person: Person, now: datetime, department_code: str, words: str, days: int | None
) -> WorkOrder:
    """Asks another department to assist (协办); it sees the case and hands in what it found to colleagues."""
    require_owner(case, person)
    department = get_department(session, department_code)
    if department is None:
        raise CaseActionRefused("请选部门")
    open_ones = [order for order in orders_of(session, case) if order.state in OPEN_ORDERS]
    if any(order.department_code == department.code for order in open_ones):
        raise CaseActionRefused(f"{department.name}已经在办这件了")
    words = require_text(words, "请对方办什么")
    change(session, case, Action.ASSIST, person, now, f"{department.name}：{words}")
    order = order_states.issue(session, case, person, now, department.code, words, days, is_assisting=True)
    _audit(session, case, person, now, "派协办", order)
    return order


def sign(session: Session, case: Case, order: WorkOrder, person: Person, now: datetime) -> None:
    """Signs for the order (签收): the department takes it on."""
    _require_department(order, person)
    _step(session, case, order, OrderAct.SIGN, person, now, signed_at=now)


def return_assisting(session: Session, case: Case, order: WorkOrder, person: Person, now: datetime, why: str) -> None:
    """Returns an assisting order, because the department is not in charge (退单)."""
    _require_department(order, person)
    _require_assisting(order)
    _step(session, case, order, OrderAct.RETURN, person, now, require_text(why, "退单的理由"), ended_at=now)


def finish_assisting(
    session: Session, case: Case, order: WorkOrder, person: Person, now: datetime, result: str
) -> None:
    """Hands in what an assisting department found, for colleagues; the department that leads drafts the answer."""
    _require_department(order, person)
    _require_assisting(order)
    result = require_text(result, "办理结果", MOST_RESULT_CHARACTERS)
    signed_at = order.signed_at or now
    _step(
        session,
        case,
        order,
        OrderAct.FINISH,
        person,
        now,
        result=result,
        signed_at=signed_at,
        finished_at=now,
        ended_at=now,
    )


def withdraw_assisting(session: Session, case: Case, order: WorkOrder, person: Person, now: datetime) -> None:
    require_owner(case, person)
    _require_assisting(order)
    _step(session, case, order, OrderAct.WITHDRAW, person, now, ended_at=now)


def ask_extension(
    session: Session, case: Case, order: WorkOrder, person: Person, now: datetime, days: int | None, why: str
) -> None:
    """Asks for more working days (延期), before the order is late. A supervisor decides."""
    _require_department(order, person)
    if days is None:
        raise CaseActionRefused("请填要延长几个工作日")
    if order.due_at < now:
        raise CaseActionRefused("已经过了时限，不能再申请延期")
    why = require_text(why, "延期的理由")
    words = f"延长 {days} 个工作日：{why}"
    _step(session, case, order, OrderAct.ASK_EXTENSION, person, now, words, asked_days=days, asked_why=why)


def grant_extension(session: Session, case: Case, order: WorkOrder, person: Person, now: datetime) -> None:
    """Puts off the order's day. If the order leads, the day of closing too, of which the citizen is told."""
    days = order.asked_days or 0
    until = promises.in_force().end_of_duty(order.due_at, days)
    words = f"延长 {days} 个工作日，到 {until.astimezone(CHINA):%m-%d %H:%M}"
    _step(
        session,
        case,
        order,
        OrderAct.GRANT_EXTENSION,
        person,
        now,
        words,
        due_at=until,
        extended_days=order.extended_days + days,
    )
    if not order.is_assisting:
        case.extended_working_days += days
        closing = promises.in_force().closing_of(case)
        case.due_at = min(until, closing)
        _tell(session, case, person, put_off(closing.astimezone(CHINA).date()), now)


def refuse_extension(session: Session, case: Case, order: WorkOrder, person: Person, now: datetime, why: str) -> None:
    _step(session, case, order, OrderAct.REFUSE_EXTENSION, person, now, require_text(why, "不准延期的理由"))


def press(session: Session, case: Case, order: WorkOrder, person: Person, now: datetime, words: str = "") -> None:
    """Presses the department (催办)."""
    words = require_text(words, "催办的话") if words.strip() else ""
    count = order.pressed_count + 1
    _step(session, case, order, OrderAct.PRESS, person, now, words, pressed_count=count, pressed_at=now)


def supervise(session: Session, case: Case, order: WorkOrder, person: Person, now: datetime, words: str) -> None:
    """Puts the order under the eyes of a supervisor (督办); it stays so until it ends."""
    if order.supervised_at is not None:
        raise CaseActionRefused("已经在督办了")
    words = require_text(words, "督办的要求")
    _step(session, case, order, OrderAct.SUPERVISE, person, now, words, supervised_at=now)


def _step(
    session: Session,
    case: Case,
    order: WorkOrder,
    act: OrderAct,
    person: Person,
    now: datetime,
    why: str = "",
    **values: object,
) -> None:
    try:
        move(session, order, act, **values)
    except OrderRefused as refused:
        raise CaseActionRefused(str(refused)) from None
    name = order.department.name
    change(session, case, _CASE_ACTIONS[act], person, now, f"{name}：{why}" if why else name)
    _audit(session, case, person, now, order_states.ORDER_ACT_TITLES[act], order)


def _audit(session: Session, case: Case, person: Person, now: datetime, title: str, order: WorkOrder) -> None:
    words = f"{title}，{order.department.name}"
    audit.record(session, who=person.login, action="work_order", subject=case.number, why=words, at=now)


def _tell(session: Session, case: Case, person: Person, text: str, now: datetime) -> None:
    by_name = signature(person.department.name if person.department else None)
    for conversation_id in conversations_of(session, case):
        staff_messages.say(session, conversation_id, case_id=case.id, by_name=by_name, text=text, now=now)


def _require_department(order: WorkOrder, person: Person) -> None:
    if person.department_code != order.department_code:
        raise CaseActionRefused(f"这张工单派给{order.department.name}，由那里办")


def _require_assisting(order: WorkOrder) -> None:
    if not order.is_assisting:
        raise CaseActionRefused("主办的工单用“拟答复”交回、用“退回”退单")
