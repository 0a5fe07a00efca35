"""The list of cases, which are questions that the bot did not answer; who waits now comes first."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.conversations.channels import CHANNEL_TITLES
from bot.db import utcnow
from bot.reviews import queue
from bot.reviews.reasons import KIND_TITLES, OUTCOME_CHOICES, PRIORITY_TITLES, REASON_TITLES
from bot.reviews.states import STATE_TITLES
from bot.staff.accounts import may, people
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.fields import page_number
from bot.web.console.pages import page, person_of, transact
from bot.web.console.queue_filters import OLDER_THAN_TITLES, STATE_CHOICES, asked_in, filter_of, query_of
from bot.web.console.words import duration, time_left_words

routes = web.RouteTableDef()


@dataclass(frozen=True)
class _Found:
    cases: queue.Page
    departments: list[Department]
    colleagues: list[Person]


@routes.get("/console/queue")
@needs(Permission.SEE_QUEUE)
async def queue_page(request: web.Request) -> web.Response:
    """With `part`: only the list, for the script that refreshes it."""
    asked = asked_in(request.query)
    now = utcnow()
    found = await transact(request, _find, person_of(request), asked, page_number(request))
    return page(
        request,
        "queue_list.html" if "part" in request.query else "queue.html",
        found=found.cases,
        departments=found.departments,
        colleagues=found.colleagues,
        outcomes=OUTCOME_CHOICES,
        asked=asked,
        query=query_of(asked),
        now=now,
        reasons=REASON_TITLES,
        kinds=KIND_TITLES,
        states=STATE_TITLES,
        state_choices=STATE_CHOICES,
        priorities=PRIORITY_TITLES,
        channels=CHANNEL_TITLES,
        ages=OLDER_THAN_TITLES,
        views=_views(person_of(request)),
        time_left=time_left_words,
        duration=duration,
    )


def _find(session: Session, person: Person, asked: dict[str, str], number: int) -> _Found:
    cases = queue.queue(session, filter_of(asked, person), seen_by=person, now=utcnow(), page=number)
    colleagues = [one for one in people(session) if one.is_active and may(one, Permission.HANDLE_CASES)]
    return _Found(cases, all_departments(session), colleagues)


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
        ("named=1", "@我的"),
        ("overdue=1", "已超时"),
        ("state=with_department", "部门办理中"),
        ("state=waiting_for_citizen", "等群众回复"),
        ("state=answered", "已答复"),
        ("snoozed=1", "暂缓的"),
        ("state=open", "全部未办结"),
    ]
