"""The list of cases, which are questions that the bot did not answer; who waits now comes first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.conversations.channels import ORIGIN_TITLES
from bot.db import utcnow
from bot.disclosures.desk import NoSuchRequest
from bot.disclosures.register import visible_request
from bot.language.case_numbers import find_case_number
from bot.language.receipts import parse_receipt
from bot.reviews import queue
from bot.reviews.models import SavedView
from bot.reviews.reasons import KIND_TITLES, OUTCOME_CHOICES, PRIORITY_TITLES, REASON_TITLES, STARS_TITLES
from bot.reviews.saved_views import MOST_TITLE_CHARACTERS, ViewRefused, remove_view, save_view, saved_views
from bot.reviews.service import NoSuchCase
from bot.reviews.states import STATE_TITLES
from bot.staff.accounts import may, successors
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.case_acts import visible_case
from bot.web.console.fields import number_in, page_number
from bot.web.console.pages import form_of, page, person_of, redirect, transact
from bot.web.console.queue_filters import OLDER_THAN_TITLES, STATE_CHOICES, asked_by, asked_in, filter_of, query_of
from bot.web.console.words import duration, time_left_words

routes = web.RouteTableDef()

# A longer text says more than a number or receipt.
_LONGEST_NAME = 24


@dataclass(frozen=True)
class _Found:
    cases: queue.Page
    departments: list[Department]
    colleagues: list[Person]
    saved: list[SavedView]


@routes.get("/console/queue")
@needs(Permission.SEE_QUEUE)
async def queue_page(request: web.Request) -> web.Response:
    """With `part`: only the list, for the script that refreshes it.

    With `go`, from the field of the search: a number or receipt leads to what it names.
    """
    asked = asked_in(request.query)
    is_asked = "go" in request.query and "part" not in request.query
    if is_asked and (to := await transact(request, _named, person_of(request), asked["text"])):
        return redirect(request, to)
    return await _queue_page(request, asked)


@routes.post("/console/queue/views")
@needs(Permission.SEE_QUEUE)
async def save(request: web.Request) -> web.Response:
    """Saves the filters of the list that is open, or removes the saved list with the id `remove`."""
    form, person = await form_of(request), person_of(request)
    asked = asked_by(form.get("in", ""))
    if (view_id := number_in(form.get("remove", ""))) is not None:
        await transact(request, remove_view, person, view_id)
        return redirect(request, "/console/queue", "已从您的列表中删除")
    try:
        await transact(request, save_view, person, form.get("title", ""), query_of(asked))
    except ViewRefused as refused:
        return await _queue_page(request, asked, 422, str(refused))
    return redirect(request, f"/console/queue?{query_of(asked)}", "已存，在上面一行里")


async def _queue_page(request: web.Request, asked: dict[str, str], status: int = 200, error: str = "") -> web.Response:
    now = utcnow()
    found = await transact(request, _find, person_of(request), asked, page_number(request))
    return page(
        request,
        "queue_list.html" if "part" in request.query else "queue.html",
        status,
        error=error,
        saved=found.saved,
        grades=STARS_TITLES,
        most_title=MOST_TITLE_CHARACTERS,
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
        channels=ORIGIN_TITLES,
        ages=OLDER_THAN_TITLES,
        views=_views(person_of(request)),
        time_left=time_left_words,
        duration=duration,
    )


def _find(session: Session, person: Person, asked: dict[str, str], number: int) -> _Found:
    cases = queue.queue(session, filter_of(session, asked, person), seen_by=person, now=utcnow(), page=number)
    return _Found(cases, all_departments(session), successors(session), saved_views(session, person))


def _named(session: Session, person: Person, text: str) -> str | None:
    """The page of the case or request that the text names, if that is all it does and the person may see it."""
    number = find_case_number(text)
    if number and len(text) < _LONGEST_NAME:
        with suppress(NoSuchCase):
            return f"/console/cases/{visible_case(session, number, person).number}"
    receipt = parse_receipt(text)
    if receipt and len(text) < _LONGEST_NAME and may(person, Permission.MANAGE_DISCLOSURES):
        with suppress(NoSuchRequest):
            return f"/console/disclosures/{visible_request(session, receipt, person.department_code).receipt}"
    return None


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
        ("named=1", "@我的"),
        ("overdue=1", "已超时"),
        ("state=with_department", "部门办理中"),
        ("state=waiting_for_citizen", "等群众回复"),
        ("state=answered", "已答复"),
        ("snoozed=1", "暂缓的"),
        ("state=open", "全部未办结"),
    ]
