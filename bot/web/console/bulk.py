"""One act on several cases of the queue. Each case is done by itself, and the page says of each what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.reviews.queue import PAGE_ROWS
from bot.reviews.service import NoSuchCase, conversations_of, get_case
from bot.reviews.states import CaseActionRefused
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.case_acts import ACTS, perform
from bot.web.console.label_form import values
from bot.web.console.pages import error_page, form_of, page, person_of, transact
from bot.web.errors import fields_of
from bot.web.keys import LIVE
from bot.web.live import QUEUE

routes = web.RouteTableDef()

BULK_ACTS = {"assign": "指派", "hand-on": "移交", "tags": "加标签", "snooze": "暂缓", "close": "办结"}


@dataclass(frozen=True)
class Row:
    """What came of one case. `topics`: those whose listeners are notified."""

    number: str
    is_done: bool
    said: str
    topics: Sequence[str] = ()


@routes.post("/console/queue/acts")
@needs(Permission.HANDLE_CASES)
async def act_on_several(request: web.Request) -> web.Response:
    form, person = await form_of(request), person_of(request)
    numbers = list(dict.fromkeys(values(await fields_of(request), "case")))[:PAGE_ROWS]
    name = form.get("act", "")
    if name not in BULK_ACTS or not may(person, ACTS[name].permission):
        return error_page(request, 422, "请选怎样办")
    if not numbers:
        return error_page(request, 422, "请先在列表里勾选案件")
    rows = [await _row(request, number, name, person, form) for number in numbers]
    await request.app[LIVE].changed(*(topic for row in rows for topic in row.topics), QUEUE)
    back = f"/console/queue?{form['in']}" if form.get("in") else "/console/queue"
    return page(request, "queue_done.html", rows=rows, title=BULK_ACTS[name], back=back)


async def _row(request: web.Request, number: str, name: str, person: Person, form: Mapping[str, str]) -> Row:
    try:
        return await transact(request, _perform, number, name, person, form)
    except NoSuchCase:
        return Row(number, False, "没有这个编号的案件，或者不在您的部门办理")
    except CaseActionRefused as refused:
        return Row(number, False, str(refused))


def _perform(session: Session, number: str, name: str, person: Person, form: Mapping[str, str]) -> Row:
    if name == "tags":
        # The page of a case replaces its tags; several cases only get more.
        form = {"tags": " ".join([*get_case(session, number).tags, form.get("tags", "")])}
    said, case = perform(session, number, name, person, form, utcnow())
    return Row(case.number, True, said, conversations_of(session, case))
