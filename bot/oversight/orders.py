"""Orders to an organ to correct what it did or left undone, with a day by which: 条例 arts. 47, 52 and 53.

The office in charge urges correction (督促整改, art. 47); the organ above orders it (责令改正, arts. 52, 53). Whoever
issues the order sets the time in working days; the regulation sets none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.db import locked
from bot.disclosures.models import Request
from bot.language.receipts import parse_receipt
from bot.notices.numbering import next_serial
from bot.oversight.complaints import get_complaint
from bot.oversight.events import OversightAct, add_event, events_of
from bot.oversight.models import Order, OversightEvent
from bot.staff import audit
from bot.workdays import add_working_days, count_working_days

MOST_DAYS = 120
MOST_DUTY = 200
MOST_WORDS = 2000


class Basis(StrEnum):
    URGED = "urged"
    DUTY = "duty"
    SYSTEM = "system"


class OrderState(StrEnum):
    AWAITING = "awaiting"
    REPORTED = "reported"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


BASIS_TITLES = {
    Basis.URGED: "督促整改：没有按要求开展公开工作（第四十七条，主管部门）",
    Basis.DUTY: "责令改正：不履行公开职能、不及时更新等（第五十三条，上一级行政机关）",
    Basis.SYSTEM: "责令改正：没有建立健全制度、机制（第五十二条，上一级行政机关）",
}
STATE_TITLES = {
    OrderState.AWAITING: "待整改",
    OrderState.REPORTED: "已回报，待认可",
    OrderState.CLOSED: "已办结",
    OrderState.WITHDRAWN: "已撤销",
}
OPEN = (OrderState.AWAITING, OrderState.REPORTED)


class OrderRefused(ValueError):
    """The step is not possible; the message, in Chinese, says what to correct."""


class NoSuchOrder(LookupError):
    """There is no order with that number, or it is another department's."""


@dataclass(frozen=True)
class OrderStanding:
    """`days_left`: working days up to and including the due day; negative if overdue, None once it is reported."""

    order: Order
    days_left: int | None

    @property
    def is_overdue(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def words(self) -> str:
        if self.days_left is None:
            return ""
        if self.days_left < 0:
            return f"逾期 {-self.days_left} 个工作日"
        return f"还剩 {self.days_left} 个工作日" if self.days_left else "今天到期"


def standing(order: Order, today: date) -> OrderStanding:
    if order.state != OrderState.AWAITING:
        return OrderStanding(order, None)
    if today <= order.due_on:
        return OrderStanding(order, count_working_days(today, order.due_on))
    # The first days after the due day may be free; it is overdue all the same.
    return OrderStanding(order, -max(1, count_working_days(order.due_on, today)))


def orders(session: Session, today: date, *, organ: str | None, with_closed: bool = False) -> list[OrderStanding]:
    """The open ones, overdue first; or all of them, newest first. `organ`: only those of this department."""
    query = select(Order).order_by(Order.id.desc())
    if organ is not None:
        query = query.where(Order.department_code == organ)
    if not with_closed:
        query = query.where(Order.state.in_(OPEN))
    found = [standing(order, today) for order in session.scalars(query)]
    if with_closed:
        return found
    return sorted(found, key=lambda one: (one.days_left is None, one.order.due_on, one.order.id))


def count_overdue(session: Session, today: date, organ: str | None) -> int:
    query = select(Order).where(Order.state == OrderState.AWAITING.value, Order.due_on < today)
    if organ is not None:
        query = query.where(Order.department_code == organ)
    return len(session.scalars(query).all())


def get_order(session: Session, number: str, organ: str | None) -> Order:
    """Raises NoSuchOrder."""
    found = session.scalar(select(Order).where(Order.number == number))
    if found is None or (organ is not None and found.department_code != organ):
        raise NoSuchOrder(number)
    return found


def issue(
    session: Session,
    *,
    department_code: str,
    basis: str,
    duty: str,
    wrong: str,
    working_days: int | None,
    receipt: str,
    complaint_number: str,
    who: str,
    today: date,
    now: datetime,
) -> Order:
    """Raises OrderRefused, bot.oversight.complaints.NoSuchComplaint."""
    duty, wrong, receipt = duty.strip(), wrong.strip(), receipt.strip()
    if get_department(session, department_code) is None:
        raise OrderRefused("请选要整改的机关")
    if basis not in list(Basis):
        raise OrderRefused("请选依据")
    if not duty or len(duty) > MOST_DUTY:
        raise OrderRefused(f"请写明是哪件申请或者哪项职责，最多 {MOST_DUTY} 个字")
    if not wrong or len(wrong) > MOST_WORDS:
        raise OrderRefused(f"请写明问题在哪里、要怎么改，最多 {MOST_WORDS} 个字")
    canonical = _receipt_of(session, receipt, department_code)
    complaint = get_complaint(session, complaint_number) if complaint_number else None
    order = Order(
        number=f"ZG-{today.year}-{next_serial(session, f'ZG-{today.year}'):04d}",
        department_code=department_code,
        complaint_id=complaint.id if complaint else None,
        receipt=canonical,
        basis=basis,
        duty=duty,
        wrong=wrong,
        issued_on=today,
        due_on=add_working_days(today, _days(working_days)),
        state=OrderState.AWAITING.value,
    )
    session.add(order)
    session.flush()
    add_event(session, order.number, OversightAct.ISSUED, f"最迟 {order.due_on} 整改并回报", who=who, now=now)
    if complaint is not None:
        add_event(session, complaint.number, OversightAct.ORDERED, order.number, who=who, now=now)
    why = f"{_department_name(session, department_code)}：{duty}，最迟 {order.due_on}"
    audit.record(session, who=who, action="issue_order", subject=order.number, why=why, at=now)
    return order


def report(session: Session, number: str, organ: str | None, words: str, *, who: str, now: datetime) -> None:
    """The organ tells what it has done. Raises NoSuchOrder, OrderRefused."""
    order = _step(session, number, organ, words, OrderState.AWAITING, "现在不用回报", "请写明怎么改的")
    order.state = OrderState.REPORTED.value
    _note(session, order, OversightAct.REPORTED, words, "answer_order", who, now)


def accept(session: Session, number: str, words: str, *, who: str, today: date, now: datetime) -> None:
    """Closes the order; not by the person who reported (条例 art. 47: 监督检查). Raises NoSuchOrder, OrderRefused."""
    order = _step(session, number, None, words, OrderState.REPORTED, "还没有回报，不能办结", "请写明查看的结果")
    if last_report(session, number).who == who:
        raise OrderRefused("回报的人不能自己认可，请由别人查看")
    order.state, order.closed_on = OrderState.CLOSED.value, today
    _note(session, order, OversightAct.ACCEPTED, words, "accept_order", who, now)


def send_back(
    session: Session, number: str, words: str, working_days: int | None, *, who: str, today: date, now: datetime
) -> None:
    """Sends it back with a new time. Raises NoSuchOrder, OrderRefused."""
    order = _step(session, number, None, words, OrderState.REPORTED, "还没有回报，不能退回", "请写明为什么退回")
    order.state, order.due_on = OrderState.AWAITING.value, add_working_days(today, _days(working_days))
    _note(
        session, order, OversightAct.SENT_BACK, f"{words.strip()}（最迟 {order.due_on}）", "send_back_order", who, now
    )


def withdraw(session: Session, number: str, words: str, *, who: str, today: date, now: datetime) -> None:
    """Takes back an order that was issued wrongly. Raises NoSuchOrder, OrderRefused."""
    order = _step(session, number, None, words, None, "已经办结，不能撤销", "请写明为什么撤销")
    order.state, order.closed_on = OrderState.WITHDRAWN.value, today
    _note(session, order, OversightAct.WITHDRAWN, words, "withdraw_order", who, now)


def last_report(session: Session, number: str) -> OversightEvent:
    return [event for event in events_of(session, number) if event.act == OversightAct.REPORTED][-1]


def _department_name(session: Session, code: str) -> str:
    department = get_department(session, code)
    return department.name if department else code


def _step(
    session: Session, number: str, organ: str | None, words: str, wanted: OrderState | None, refused: str, missing: str
) -> Order:
    """The locked order, if it is in the wanted state; with None, if it is open."""
    if not words.strip():
        raise OrderRefused(missing)
    if len(words.strip()) > MOST_WORDS:
        raise OrderRefused(f"最多 {MOST_WORDS} 个字")
    order = locked(session, Order, get_order(session, number, organ).id)
    if order is None:
        raise NoSuchOrder(number)
    if order.state not in (OPEN if wanted is None else (wanted,)):
        raise OrderRefused(f"这一件{STATE_TITLES[OrderState(order.state)]}，{refused}")
    return order


def _note(session: Session, order: Order, act: OversightAct, words: str, action: str, who: str, now: datetime) -> None:
    session.flush()
    add_event(session, order.number, act, words.strip(), who=who, now=now)
    audit.record(session, who=who, action=action, subject=order.number, why=words.strip(), at=now)


def _days(working_days: int | None) -> int:
    if working_days is None or not 1 <= working_days <= MOST_DAYS:
        raise OrderRefused(f"请填几个工作日内整改，1 到 {MOST_DAYS}")
    return working_days


def _receipt_of(session: Session, receipt: str, department_code: str) -> str:
    """The canonical receipt; empty if none is given."""
    if not receipt:
        return ""
    canonical = parse_receipt(receipt)
    request = session.get(Request, canonical) if canonical else None
    if request is None or request.department_code != department_code:
        raise OrderRefused("没有这个回执号的申请，或者不由这个机关办理")
    return request.receipt
