"""Reconsideration and lawsuits about a request (条例 art. 51), recorded on the page of the request."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.disclosures.desk import NoSuchRequest
from bot.disclosures.register import visible_request
from bot.oversight import contests
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.disclosures import no_request, request_page
from bot.web.console.fields import day_in, number_in
from bot.web.console.pages import form_of, person_of, redirect, transact
from bot.workdays import today_in_china

routes = web.RouteTableDef()


@routes.post("/console/disclosures/{receipt}/contest")
@needs(Permission.MANAGE_DISCLOSURES)
async def add_contest(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        await transact(request, _record, request.match_info["receipt"], person_of(request), form)
    except NoSuchRequest:
        return await no_request(request)
    except contests.ContestRefused as refused:
        return await request_page(request, 422, error=str(refused), act="contest", typed=form)
    return _done(request, "已记录复议或者诉讼")


@routes.post("/console/disclosures/{receipt}/contest/{contest_id}/decide")
@needs(Permission.MANAGE_DISCLOSURES)
async def decide_contest(request: web.Request) -> web.Response:
    form, number = await form_of(request), number_in(request.match_info["contest_id"]) or 0
    try:
        await transact(request, _decide, request.match_info["receipt"], number, person_of(request), form)
    except NoSuchRequest:
        return await no_request(request)
    except contests.ContestRefused as refused:
        return await request_page(request, 422, error=str(refused), act=f"decide-{number}", typed=form)
    return _done(request, "已记录结果")


@routes.post("/console/disclosures/{receipt}/contest/{contest_id}/remove")
@needs(Permission.MANAGE_DISCLOSURES)
async def remove_contest(request: web.Request) -> web.Response:
    form, number = await form_of(request), number_in(request.match_info["contest_id"]) or 0
    try:
        await transact(request, _remove, request.match_info["receipt"], number, person_of(request), form)
    except NoSuchRequest:
        return await no_request(request)
    except contests.ContestRefused as refused:
        return await request_page(request, 422, error=str(refused), act=f"remove-{number}", typed=form)
    return _done(request, "已删除误记的复议或者诉讼")


def _done(request: web.Request, said: str) -> web.Response:
    return redirect(request, f"/console/disclosures/{request.match_info['receipt']}", said)


def _record(session: Session, receipt: str, person: Person, form: Mapping[str, str]) -> None:
    now = utcnow()
    contests.record(
        session,
        visible_request(session, receipt, person.department_code),
        kind=form.get("remedy", ""),
        filed_on=day_in(form.get("filed_on", "")),
        authority=form.get("authority", ""),
        case_number=form.get("case_number", ""),
        note=form.get("note", ""),
        who=person.login,
        today=today_in_china(now),
        now=now,
    )


def _decide(session: Session, receipt: str, number: int, person: Person, form: Mapping[str, str]) -> None:
    now = utcnow()
    contests.decide(
        session,
        visible_request(session, receipt, person.department_code).receipt,
        number,
        result=form.get("result", ""),
        decided_on=day_in(form.get("decided_on", "")),
        who=person.login,
        today=today_in_china(now),
        now=now,
    )


def _remove(session: Session, receipt: str, number: int, person: Person, form: Mapping[str, str]) -> None:
    found = visible_request(session, receipt, person.department_code)
    contests.remove(session, found.receipt, number, why=form.get("why", ""), who=person.login, now=utcnow())
