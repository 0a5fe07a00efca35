"""What waits for the person who is signed in, and for supervisors who has how much to do.

Each number is counted by the filter of the list to which it leads, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.disclosures import register
from bot.gaps import service as gaps
from bot.reviews import order_list, queue
from bot.reviews.order_list import OrderFilter, OrderView
from bot.staff import accounts
from bot.staff.accounts import may, own_department
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.queue_filters import asked_by, filter_of
from bot.workdays import today_in_china


@dataclass(frozen=True)
class Work:
    """One kind of work: how much there is and the list that shows it. `is_pressing`: it is late or somebody waits."""

    title: str
    count: int
    path: str
    is_pressing: bool = False


@dataclass(frozen=True)
class LoadRow:
    """What a clerk or a department has. `counts`: one for each column."""

    name: str
    counts: Sequence[Work]


@dataclass(frozen=True)
class Load:
    """`columns` of `clerks` and of `departments`: titles. `today`: what will be late today unless somebody acts."""

    columns: Sequence[str]
    clerks: Sequence[LoadRow]
    order_columns: Sequence[str]
    departments: Sequence[LoadRow]
    today: Sequence[Work]


# Title, query of the list of cases, whether it presses.
_Kinds = Sequence[tuple[str, str, bool]]
_OWN: _Kinds = (
    ("群众回了我", "waits=1&mine=1", True),
    ("我的，已超时", "overdue=1&mine=1", True),
    ("我的，今天到期", "due_today=1&mine=1", False),
    ("我手上要办的", "state=claimed&mine=1", False),
    ("城市工单回来", "came_back=1", True),
    ("拟稿审过", "reviewed=1", False),
)
_OF_ALL: _Kinds = (("有人在等", "waits=1&state=new", True), ("待认领", "state=new", False))
_TO_APPROVE: _Kinds = (("待我审核", "approve=1", False),)
_ORDERS = (
    (OrderView.TO_SIGN, "待签收", False),
    (OrderView.LATE, "工单已超时", True),
    (OrderView.DUE_TODAY, "工单今天到期", False),
    (OrderView.PRESSED, "被催办的", True),
    (OrderView.SUPERVISED, "被督办的", True),
    (OrderView.IN_HAND, "办理中的工单", False),
)
_LOAD = {"手上的": "state=open", "今天到期": "due_today=1", "已超时": "overdue=1"}
_ORDER_LOAD = {
    "待签收": OrderView.TO_SIGN,
    "办理中": OrderView.IN_HAND,
    "今天到期": OrderView.DUE_TODAY,
    "已超时": OrderView.LATE,
}


def my_work(session: Session, person: Person, now: datetime) -> list[Work]:
    """The kinds of work of which the person has some, most pressing first."""
    found: list[Work] = []
    if may(person, Permission.CLAIM_CASES):
        found += _cases(session, person, _OF_ALL, now)
    if may(person, Permission.HANDLE_CASES):
        found += _cases(session, person, _OWN, now)
    elif may(person, Permission.ANSWER_AS_DEPARTMENT):
        found += _cases(session, person, _OWN[-1:], now)
    if may(person, Permission.APPROVE_ANSWERS):
        found += _cases(session, person, _TO_APPROVE, now)
    own = own_department(person)
    if own is not None:
        found += [_orders(session, title, view, now, own, pressing) for view, title, pressing in _ORDERS]
    if may(person, Permission.ASSIGN_CASES):
        found.append(_orders(session, "延期待批", OrderView.EXTENSION_ASKED, now, None, False))
    if may(person, Permission.MEND_ITEMS):
        found.append(Work("没答好的问题", gaps.waiting_count(session, person), "/console/gaps"))
    if may(person, Permission.MANAGE_DISCLOSURES):
        found += _disclosures(session, person, now)
    return sorted((work for work in found if work.count), key=lambda work: not work.is_pressing)


def load(session: Session, person: Person, now: datetime) -> Load:
    """For supervisors: the open cases of each clerk, the open orders of each department, and what falls due today."""
    return Load(
        columns=list(_LOAD),
        clerks=_clerks(session, person, now),
        order_columns=list(_ORDER_LOAD),
        departments=_departments(session, now),
        today=[
            *_cases(session, person, (("今天到期的件", "due_today=1", False), ("已超时的件", "overdue=1", True)), now),
            _orders(session, "今天到期的工单", OrderView.DUE_TODAY, now, None, False),
            _orders(session, "已超时的工单", OrderView.LATE, now, None, True),
        ],
    )


def _cases(session: Session, person: Person, kinds: _Kinds, now: datetime) -> list[Work]:
    return [
        Work(
            title,
            queue.count(session, filter_of(session, asked_by(query), person), seen_by=person, now=now),
            f"/console/queue?{query}",
            presses,
        )
        for title, query, presses in kinds
    ]


def _orders(
    session: Session, title: str, view: OrderView, now: datetime, department: str | None, presses: bool
) -> Work:
    number = order_list.count_orders(session, OrderFilter(view, department), now)
    return Work(title, number, f"/console/work-orders?show={view}", presses)


def _disclosures(session: Session, person: Person, now: datetime) -> list[Work]:
    # What is overdue is among what falls due soon.
    wanted = register.RegisterFilter(department_code=person.department_code, within=3)
    found = register.find(session, today_in_china(now), wanted)
    return [
        Work("公开申请，逾期", found.overdue_count, "/console/disclosures?overdue=1", True),
        Work("公开申请，3 个工作日内到期", found.total, "/console/disclosures?within=3", False),
    ]


def _clerks(session: Session, person: Person, now: datetime) -> list[LoadRow]:
    found = {query: _by_owner(session, query, person, now) for query in _LOAD.values()}
    return [
        LoadRow(one.name, [_of_owner(title, query, one, found[query]) for title, query in _LOAD.items()])
        for one in accounts.successors(session)
    ]


def _by_owner(session: Session, query: str, person: Person, now: datetime) -> dict[int | None, int]:
    """By the filter of the list of one owner, which finds snoozed cases too, but of all owners."""
    wanted = replace(filter_of(session, asked_by(f"{query}&owner={person.login}"), person), owner_id=None)
    return queue.count_by_owner(session, wanted, seen_by=person, now=now)


def _of_owner(title: str, query: str, owner: Person, counts: Mapping[int | None, int]) -> Work:
    path = f"/console/queue?{query}&{urlencode({'owner': owner.login})}"
    return Work(title, counts.get(owner.id, 0), path, title == "已超时")


def _departments(session: Session, now: datetime) -> list[LoadRow]:
    found = {view: order_list.count_by_department(session, OrderFilter(view), now) for view in _ORDER_LOAD.values()}
    busy = {code for counts in found.values() for code in counts}
    return [
        LoadRow(
            one.name,
            [
                Work(
                    title,
                    found[view].get(one.code, 0),
                    f"/console/work-orders?{urlencode({'show': view, 'department': one.code})}",
                    view == OrderView.LATE,
                )
                for title, view in _ORDER_LOAD.items()
            ],
        )
        for one in all_departments(session)
        if one.code in busy
    ]
