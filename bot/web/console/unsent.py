"""Keeps what is typed on the page of a case: sent by a script while one types, or by a button without scripts."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.reviews import unsent
from bot.reviews.canned import canned_reply, filled
from bot.reviews.models import Case
from bot.reviews.service import NoSuchCase
from bot.reviews.states import CaseActionRefused
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.case_acts import visible_case
from bot.web.console.fields import number_in
from bot.web.console.live import typing_at
from bot.web.console.pages import error_page, form_of, person_of, redirect, transact
from bot.web.keys import LIVE

routes = web.RouteTableDef()

_MEDIA_TYPE = "application/json"


@routes.post("/console/cases/{number}/keep")
@needs(Permission.ANSWER_AS_DEPARTMENT)
async def keep(request: web.Request) -> web.Response:
    """Keeps the text of one field, also if the act itself is no longer open to the person: nothing typed is lost."""
    form, number = await form_of(request), request.match_info["number"]
    try:
        topics = await transact(request, _keep, number, person_of(request), form)
    except NoSuchCase:
        return error_page(request, 404, "没有这个编号的案件，或者不在您的部门办理")
    except CaseActionRefused as refused:
        return error_page(request, 422, str(refused))
    await request.app[LIVE].changed(*topics)
    if _MEDIA_TYPE in request.headers.get("Accept", ""):
        return web.json_response({"kept": bool(form.get("text", "").strip())})
    return redirect(request, f"/console/cases/{number}", "草稿已存，只有您自己看得到")


def _keep(session: Session, number: str, person: Person, form: Mapping[str, str]) -> list[str]:
    """Returns the topics that changed for colleagues."""
    case = visible_case(session, number, person)
    typed = _typed(session, case, person, form)
    is_news = unsent.keep(session, case, person, form.get("act", ""), typed, utcnow())
    return [typing_at(case.number)] if is_news else []


def _typed(session: Session, case: Case, person: Person, form: Mapping[str, str]) -> str:
    """What the field holds afterwards: what is typed there, and below it what was chosen to be inserted.

    `add`: a text, as of a suggestion; `canned`: the id of a canned reply.
    """
    typed = form["text"] if "text" in form else unsent.kept(session, case, person).get(form.get("act", ""), "")
    reply = canned_reply(session, number_in(form.get("canned", "")))
    chosen = filled(reply.text, case, utcnow()) if reply else form.get("add", "")
    return "\n".join(filter(None, (typed.rstrip(), chosen))) if chosen else typed
