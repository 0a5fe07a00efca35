"""The list of cases, which are questions that the bot did not answer; who waits now comes first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.conversations.channels import ORIGIN_TITLES
from bot.db import utcnow
from bot.reviews import queue
from bot.reviews.reasons import KIND_TITLES, PRIORITY_TITLES, REASON_TITLES, Kind, Reason
from bot.reviews.states import STATE_TITLES, CaseState
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission, Role
from bot.web.console.access import needs
from bot.web.console.fields import page_number
from bot.web.console.pages import page, person_of, transact
from bot.web.console.words import duration, time_left_words

routes = web.RouteTableDef()

OLDER_THAN_TITLES = {"1": "1 小时以上", "4": "4 小时以上", "24": "1 天以上", "72": "3 天以上"}
_FIELDS = (
    *("text", "reason", "kind", "state", "department", "channel", "older_than"),
    *("overdue", "mine", "waits", "approve", "snoozed", "reviewed", "owner", "due_today"),
)
# Views that show all open cases that they fit.
_NARROW = ("overdue", "mine", "approve", "snoozed", "reviewed", "owner", "due_today")
# Of these `state` has two values that are no states: all open cases, and all cases.
_OPEN, _ANY = "open", "any"
_STATE_TITLES = {_OPEN: "全部未办结", **STATE_TITLES, _ANY: "全部，含已办结"}

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class _Found:
    cases: queue.Page
    departments: list[Department]


@routes.get("/console/queue")
@needs(Permission.SEE_QUEUE)
async def queue_page(request: web.Request) -> web.Response:
    """With `part`: only the list, for the script that refreshes it."""
    asked = {name: request.query.get(name, "").strip() for name in _FIELDS}
    now = utcnow()
    found = await transact(request, _find, person_of(request), asked, page_number(request))
    return page(
        request,
        "queue_list.html" if "part" in request.query else "queue.html",
        found=found.cases,
        departments=found.departments,
        asked=asked,
        query=urlencode({name: value for name, value in asked.items() if value}),
        now=now,
        reasons=REASON_TITLES,
        kinds=KIND_TITLES,
        states=STATE_TITLES,
        state_choices=_STATE_TITLES,
        priorities=PRIORITY_TITLES,
        channels=ORIGIN_TITLES,
        ages=OLDER_THAN_TITLES,
        views=_views(person_of(request)),
        time_left=time_left_words,
        duration=duration,
    )


def _find(session: Session, person: Person, asked: dict[str, str], number: int) -> _Found:
    cases = queue.queue(session, filter_of(asked, person), seen_by=person, now=utcnow(), page=number)
    return _Found(cases, all_departments(session))


def filter_of(given: Mapping[str, str], person: Person) -> queue.QueueFilter:
    """The filter that the address of the list asks for. A value that a filter does not know is ignored."""
    asked = {name: given.get(name, "") for name in _FIELDS}
    hours = asked["older_than"]
    return queue.QueueFilter(
        reason=_member(Reason, asked["reason"]),
        kind=_member(Kind, asked["kind"]),
        department=asked["department"] or None,
        channel=asked["channel"] or None,
        older_than=timedelta(hours=int(hours)) if hours in OLDER_THAN_TITLES else None,
        overdue=bool(asked["overdue"]),
        mine=bool(asked["mine"]),
        waits_now=bool(asked["waits"]),
        to_approve=bool(asked["approve"]),
        reviewed=bool(asked["reviewed"]),
        owner=asked["owner"] or None,
        due_today=bool(asked["due_today"]),
        states=_states(asked, person),
        text=asked["text"],
        snoozed=bool(asked["snoozed"]),
    )


def _views(person: Person) -> list[tuple[str, str]]:
    """Query and title of the lists that are one click away."""
    to_approve = [("approve=1", "待我审核")] if may(person, Permission.APPROVE_ANSWERS) else []
    return [
        ("", "要办的"),
        ("waits=1", "正在等人的"),
        ("mine=1", "我负责的"),
        ("state=held", "待审核的来信"),
        ("state=new", "待认领"),
        *to_approve,
        ("due_today=1", "今天到期"),
        ("overdue=1", "已超时"),
        ("state=with_department", "部门办理中"),
        ("state=waiting_for_citizen", "等群众回复"),
        ("state=answered", "已答复"),
        ("snoozed=1", "暂缓的"),
        ("state=open", "全部未办结"),
    ]


def _states(asked: dict[str, str], person: Person) -> Collection[CaseState]:
    """Without a wish: what the person can act on. A view that narrows the list otherwise shows all open cases.

    A search finds closed ones too: citizens quote the number of a case that was closed long ago.
    """
    state = _member(CaseState, asked["state"])
    if state is not None:
        return {state}
    if asked["state"] == _ANY or (asked["text"] and not asked["state"]):
        return list(CaseState)
    if asked["state"] == _OPEN or any(asked[name] for name in _NARROW):
        return queue.OPEN
    return queue.TO_DO | {CaseState.WITH_DEPARTMENT} if person.role == Role.DEPARTMENT else queue.TO_DO


def _member(kind: type[E], value: str) -> E | None:
    return kind(value) if value in list(kind) else None
