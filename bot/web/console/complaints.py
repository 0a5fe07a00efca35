"""Complaints about disclosure (条例 arts. 47, 51): the list, taking up, opening the contact, answering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.language.masking import mask
from bot.oversight import complaints
from bot.oversight.complaints import ComplaintRefused, NoSuchComplaint
from bot.oversight.events import ACT_TITLES, events_of
from bot.oversight.models import Complaint, OversightEvent
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact

routes = web.RouteTableDef()

_MOST_WHY_CHARACTERS = 200


@routes.get("/console/oversight/complaints")
@needs(Permission.OVERSEE_DISCLOSURES)
async def complaint_list(request: web.Request) -> web.Response:
    answered = request.query.get("show") == "answered"
    found = await transact(request, complaints.complaints, answered=answered)
    return page(request, "complaints.html", found=found, answered=answered, now=utcnow(), mask=mask, **_words())


@routes.get("/console/oversight/complaints/{number}")
@needs(Permission.OVERSEE_DISCLOSURES)
async def complaint(request: web.Request) -> web.Response:
    return await _complaint_page(request)


@routes.post("/console/oversight/complaints/{number}/take-up")
@needs(Permission.OVERSEE_DISCLOSURES)
async def take_up(request: web.Request) -> web.Response:
    try:
        await transact(request, complaints.take_up, _number(request), who=person_of(request).login, now=utcnow())
    except NoSuchComplaint:
        return _none(request)
    except ComplaintRefused as refused:
        return await _complaint_page(request, 422, error=str(refused))
    return redirect(request, f"/console/oversight/complaints/{_number(request)}", "已受理")


@routes.post("/console/oversight/complaints/{number}/open")
@needs(Permission.OVERSEE_DISCLOSURES)
async def open_contact(request: web.Request) -> web.Response:
    """Shows all words and the contact on this one answer. The audit log keeps the reason."""
    why = (await form_of(request)).get("why", "")[:_MOST_WHY_CHARACTERS]
    try:
        opened = await transact(
            request, complaints.open_complaint, _number(request), why=why, who=person_of(request).login, now=utcnow()
        )
    except NoSuchComplaint:
        return _none(request)
    except ComplaintRefused as refused:
        return await _complaint_page(request, 422, error=str(refused))
    return await _complaint_page(request, opened=opened)


@routes.post("/console/oversight/complaints/{number}/answer")
@needs(Permission.OVERSEE_DISCLOSURES)
async def answer(request: web.Request) -> web.Response:
    form = await form_of(request)
    finding, words, who = form.get("finding", ""), form.get("words", ""), person_of(request).login
    try:
        await transact(
            request, complaints.answer, _number(request), finding=finding, words=words, who=who, now=utcnow()
        )
    except NoSuchComplaint:
        return _none(request)
    except ComplaintRefused as refused:
        return await _complaint_page(request, 422, error=str(refused), typed=form)
    return redirect(request, f"/console/oversight/complaints/{_number(request)}", "已答复，投诉人凭编号和查询码能看到")


async def _complaint_page(
    request: web.Request,
    status: int = 200,
    *,
    error: str = "",
    typed: Mapping[str, str] | None = None,
    opened: Complaint | None = None,
) -> web.Response:
    try:
        found, events = await transact(request, _read, _number(request))
    except NoSuchComplaint:
        return _none(request)
    return page(
        request,
        "complaint.html",
        status,
        one=found,
        events=events,
        opened=opened,
        error=error,
        typed=typed or {},
        mask=mask,
        most_answer=complaints.MOST_ANSWER,
        most_why=_MOST_WHY_CHARACTERS,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "kinds": complaints.KIND_TITLES,
        "bases": complaints.KIND_BASES,
        "states": complaints.STATE_TITLES,
        "findings": {finding.value: title for finding, title in complaints.FINDING_TITLES.items()},
        "acts": ACT_TITLES,
    }


def _read(session: Session, number: str) -> tuple[Complaint, list[OversightEvent]]:
    return complaints.get_complaint(session, number), events_of(session, number)


def _number(request: web.Request) -> str:
    return request.match_info["number"]


def _none(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这个编号的投诉举报")
