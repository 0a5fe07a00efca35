"""Cases handed to the city's own work-order system, whose front this desk then is: `docs/city-orders.md`.

The case is with a department meanwhile, as if the other system were one: it returns the case or hands in an answer,
which becomes a draft. An order is stored in the transaction that hands the case out, then sent until the other system
takes it (`bot/web/city_orders.py`). What it tells is taken once, the newest by its sequence number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.conversations.holding import lock_holder
from bot.db import locked
from bot.reviews import city_order_states, order_states
from bot.reviews.city_order_states import CAME_BACK, CITY_ORDER_TITLES, OPEN_OUTSIDE, CityOrderState, ToSend
from bot.reviews.handling import DRAFTED, MOST_REPLY_CHARACTERS
from bot.reviews.models import AnswerDraft, Case, CityOrder
from bot.reviews.order_states import OrderAct, is_allowed, lead_order, move
from bot.reviews.requirements import require_owner, require_text
from bot.reviews.service import conversations_of
from bot.reviews.states import Action, CaseActionRefused, CaseState, change
from bot.reviews.takeover import hand_back
from bot.settings import CityOrderSettings, Settings
from bot.staff import audit
from bot.staff.models import Person
from bot.workdays import CHINA

# While one process sends an order or asks after it, no other does; longer than an attempt may take.
LEASE = timedelta(minutes=1)
# Trouble that lasts so long is told to supervisors.
TOLD_AFTER = timedelta(minutes=10)
_AT_ONCE = 50


class Told(StrEnum):
    """The states that the other system may tell."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    RETURNED = "returned"
    DONE = "done"


_STATES = {
    Told.RECEIVED: CityOrderState.SENT,
    Told.ACCEPTED: CityOrderState.ACCEPTED,
    Told.IN_PROGRESS: CityOrderState.IN_PROGRESS,
    Told.RETURNED: CityOrderState.RETURNED,
    Told.DONE: CityOrderState.DONE,
}


class Heard(StrEnum):
    """What became of a state that was told. `STALE`: it, or a newer one, was told before."""

    TAKEN = "taken"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OrderTold:
    """A state of an order as the other system tells it. `words`: the reason of `RETURNED`, the answer of `DONE`."""

    number: str
    outer_number: str
    state: Told
    sequence: int
    words: str = ""


@dataclass(frozen=True)
class Errand:
    """The next thing to do about an order at the other system; `to_send` `NOTHING`: ask after it."""

    order_id: int
    number: str
    to_send: ToSend
    body: dict[str, Any]
    attempts: int


@cache
def in_force() -> CityOrderSettings | None:
    """The other system under the settings, read once for each process; None: there is none."""
    return Settings.from_environment().city_orders


def hand_out(session: Session, case: Case, person: Person, now: datetime, words: str) -> CityOrder:
    """Hands the case to the city's own system (转城市工单系统); its owner stays responsible to the citizen.

    Args:
        words: what is asked of them; sent as written.

    Raises:
        CaseActionRefused
    """
    if in_force() is None:
        raise CaseActionRefused("没有接城市工单系统")
    require_owner(case, person)
    words = require_text(words, "请对方办什么")
    if city_order_states.open_order(session, case) is not None:
        raise CaseActionRefused(f"{case.number} 已经在城市工单系统里了")
    # A department that has the case already keeps the day that it was given.
    due_before = case.due_at if case.state == CaseState.WITH_DEPARTMENT else None
    change(session, case, Action.HAND_OUT, person, now, words, snoozed_until=None)
    case.due_at = due_before or case.due_at
    department = case.department
    order = CityOrder(
        case_id=case.id,
        number=_number(session, case),
        state=CityOrderState.WAITING,
        issued_by_id=person.id,
        issued_at=now,
        body={},
        to_send=ToSend.ORDER,
        next_at=now,
    )
    order.body = {
        "number": order.number,
        "kind": case.kind,
        "question": case.question,
        "request": words,
        "department": {"code": department.code, "name": department.name} if department else None,
        "priority": case.priority,
        "opened_at": _instant(case.opened_at),
        "due_at": _instant(case.due_at),
    }
    session.add(order)
    session.flush()
    hand_back(session, case, now)
    _audit(session, person.login, order, "转城市工单系统", now)
    return order


def hand_out_by_rule(session: Session, case: Case, person: Person, now: datetime, words: str) -> None:
    """Hands out a case for which a work order was just issued, where the city has all orders go there."""
    system = in_force()
    if system is not None and system.takes_all:
        hand_out(session, case, person, now, words.strip() or "请按职责办理")


def orders_of(session: Session, case: Case) -> list[CityOrder]:
    """All orders of the case, oldest first."""
    return list(session.scalars(select(CityOrder).where(CityOrder.case_id == case.id).order_by(CityOrder.id)))


def see(session: Session, case: Case, person: Person, now: datetime) -> None:
    """Notes that the owner of the case saw what came back."""
    if case.claimed_by_id == person.id:
        session.execute(
            update(CityOrder)
            .where(CityOrder.case_id == case.id, CityOrder.state.in_(CAME_BACK), CityOrder.seen_at.is_(None))
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )


def due(session: Session, now: datetime) -> list[int]:
    """Ids of the orders that are to be sent or asked after now, longest due first."""
    found = select(CityOrder.id).where(CityOrder.next_at <= now).order_by(CityOrder.next_at).limit(_AT_ONCE)
    return list(session.scalars(found))


def begin(session: Session, order_id: int, now: datetime) -> Errand | None:
    """Takes the next errand of the order for `LEASE`; None if another process has it or nothing is to be done."""
    taken = session.execute(
        update(CityOrder)
        .where(CityOrder.id == order_id, CityOrder.next_at <= now)
        .values(next_at=now + LEASE, attempts=CityOrder.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount == 0:  # type: ignore[attr-defined]
        return None
    order = session.get_one(CityOrder, order_id, populate_existing=True)
    return Errand(order.id, order.number, ToSend(order.to_send), order.body, order.attempts)


def put_off(session: Session, order_id: int, trouble: str, pause: timedelta, now: datetime) -> None:
    """The errand failed and is tried again after the pause; it is never given up, since the system may come back."""
    order = locked(session, CityOrder, order_id)
    if order is not None and order.next_at is not None:
        order.trouble, order.failing_since = trouble, order.failing_since or now
        order.next_at = now + pause


def send_again(session: Session, order_id: int, now: datetime) -> None:
    """The other system does not know an order that it has taken: it is sent anew, under the same number."""
    order = locked(session, CityOrder, order_id)
    if order is not None and order.state in OPEN_OUTSIDE:
        order.to_send, order.next_at = ToSend.ORDER, now


def withdrawal_taken(session: Session, order_id: int) -> None:
    order = locked(session, CityOrder, order_id)
    if order is not None:
        order.to_send, order.next_at, order.trouble, order.failing_since = ToSend.NOTHING, None, "", None


def refused(session: Session, order_id: int, why: str, now: datetime) -> list[str]:
    """The other system will never take the order: the case goes back to its owner. The conversations of the case."""
    order, case = _locked(session, order_id)
    order.to_send, order.next_at, order.trouble, order.failing_since = ToSend.NOTHING, None, "", None
    if order.state in OPEN_OUTSIDE:
        _come_back(session, order, case, CityOrderState.REFUSED, why, now)
    return conversations_of(session, case)


def sent(session: Session, order_id: int, told: OrderTold, poll_every: timedelta, now: datetime) -> list[str]:
    """The other system took the order, and tells its state. The conversations of the case."""
    order, case = _locked(session, order_id)
    order.sent_at = order.sent_at or now
    if order.to_send == ToSend.ORDER:
        order.to_send = ToSend.NOTHING
    elif order.to_send == ToSend.WITHDRAWAL:
        order.next_at = now
    if order.state == CityOrderState.WAITING:
        order.state = CityOrderState.SENT
    _hear(session, order, case, told, poll_every, now)
    return conversations_of(session, case)


def hear(session: Session, told: OrderTold, poll_every: timedelta, now: datetime) -> tuple[Heard, list[str]]:
    """Takes a state that the other system tells, by call-back or asked; and the conversations of the case.

    The same or an older one again changes nothing, whatever the order in which they come.
    """
    order_id = session.scalar(select(CityOrder.id).where(CityOrder.number == told.number))
    if order_id is None:
        return Heard.UNKNOWN, []
    order, case = _locked(session, order_id)
    order.sent_at = order.sent_at or now
    if order.to_send == ToSend.ORDER:
        order.to_send = ToSend.NOTHING
    return _hear(session, order, case, told, poll_every, now), conversations_of(session, case)


def failing_since(session: Session, now: datetime) -> tuple[datetime, int] | None:
    """Since when the other system fails, and how many orders wait for that; None if it does not, or only just."""
    since, count = session.execute(
        select(func.min(CityOrder.failing_since), func.count()).where(CityOrder.failing_since.is_not(None))
    ).one()
    return (since, count) if since is not None and since <= now - TOLD_AFTER else None


def alarms(session: Session, now: datetime) -> list[str]:
    """Sentences that tell supervisors what to look at now."""
    failing = failing_since(session, now)
    if failing is None:
        return []
    since, count = failing
    return [f"城市工单系统从 {since.astimezone(CHINA):%m-%d %H:%M} 起不通，{count} 件等着发出或者核对。这边照常办件。"]


def _hear(
    session: Session, order: CityOrder, case: Case, told: OrderTold, poll_every: timedelta, now: datetime
) -> Heard:
    order.heard_at, order.outer_number = now, told.outer_number
    order.trouble, order.failing_since, order.attempts = "", None, 0
    if order.state in OPEN_OUTSIDE:
        order.next_at = now + poll_every
    if told.sequence <= order.sequence:
        return Heard.STALE
    order.sequence = told.sequence
    if order.state not in OPEN_OUTSIDE:
        _late(session, order, case, told, now)
    elif told.state is Told.RETURNED:
        _come_back(session, order, case, CityOrderState.RETURNED, told.words, now)
    elif told.state is Told.DONE:
        _done(session, order, case, told.words, now)
    else:
        _go_on(session, order, case, told.state, now)
    session.flush()
    return Heard.TAKEN


def _go_on(session: Session, order: CityOrder, case: Case, told: Told, now: datetime) -> None:
    order.state = _STATES[told]
    lead = lead_order(session, case)
    if told is not Told.RECEIVED and lead is not None and is_allowed(lead, OrderAct.SIGN):
        move(session, lead, OrderAct.SIGN, signed_at=now)
    change(session, case, Action.TOLD_OUTSIDE, None, now, CITY_ORDER_TITLES[order.state])


def _done(session: Session, order: CityOrder, case: Case, answer: str, now: datetime) -> None:
    """Their answer is a draft, for the owner to send or a reviewer to approve, as a department's is."""
    order.state, order.answer, order.ended_at, order.next_at = CityOrderState.DONE, answer, now, None
    change(session, case, Action.TOLD_OUTSIDE, None, now, CITY_ORDER_TITLES[order.state])
    _draft(session, case, answer, now)
    if case.department_code is not None:
        order_states.hand_in_lead(session, case, case.department_code, now)
    _audit(session, audit.BY_ITSELF, order, "城市工单系统办结", now)


def _draft(session: Session, case: Case, answer: str, now: datetime) -> None:
    session.add(
        AnswerDraft(case_id=case.id, at=now, by_id=None, text=answer[:MOST_REPLY_CHARACTERS], state=DRAFTED, why="")
    )


def _come_back(session: Session, order: CityOrder, case: Case, state: CityOrderState, why: str, now: datetime) -> None:
    """The case is its owner's work again. What was asked of a department here is returned too."""
    order.state, order.reason, order.ended_at, order.next_at = state, why, now, None
    order_states.return_lead(session, case, now)
    change(session, case, Action.HANDED_BACK, None, now, why, department_code=None, snoozed_until=None)
    _audit(session, audit.BY_ITSELF, order, CITY_ORDER_TITLES[state], now)


def _late(session: Session, order: CityOrder, case: Case, told: OrderTold, now: datetime) -> None:
    """They say more of an order that has ended. No answer is lost; a corrected one is one more draft."""
    if told.state not in (Told.DONE, Told.RETURNED):
        return
    title = f"（{CITY_ORDER_TITLES[order.state]}以后）{CITY_ORDER_TITLES[_STATES[told.state]]}：{told.words}"
    change(session, case, Action.TOLD_OUTSIDE, None, now, title)
    if told.state is Told.DONE:
        order.answer = told.words
        if order.state == CityOrderState.DONE and case.state == CaseState.WITH_DEPARTMENT:
            _draft(session, case, told.words, now)
            order.seen_at = None


def _locked(session: Session, order_id: int) -> tuple[CityOrder, Case]:
    """Order and case. Locks the conversations first, as acts of staff do: another order could deadlock."""
    case = session.get_one(Case, session.get_one(CityOrder, order_id).case_id)
    for conversation_id in sorted(conversations_of(session, case)):
        lock_holder(session, conversation_id)
    order = locked(session, CityOrder, order_id)
    session.refresh(case)
    assert order is not None  # noqa: S101 # read above; it goes only with its case
    return order, case


def _number(session: Session, case: Case) -> str:
    before = session.scalar(select(func.count()).where(CityOrder.case_id == case.id)) or 0
    return f"{case.number}-{before + 1}" if before else case.number


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(CHINA).isoformat(timespec="seconds") if at is not None else None


def _audit(session: Session, who: str, order: CityOrder, title: str, now: datetime) -> None:
    audit.record(session, who=who, action="city_order", subject=order.number, why=title, at=now)
