"""`/disclosure/complain`: a citizen complains about disclosure to the office in charge (条例 arts. 47, 51).

The answer is read at `/disclosure/complaint` with number and query code. Both are sent in the body of a form, never in
an address, since addresses are logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from limits import parse
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.catalogue.departments import all_departments
from bot.catalogue.models import City, Department, RemedyOffice
from bot.catalogue.remedies import Way
from bot.citizens.service import MatterKind
from bot.db import Database, utcnow
from bot.oversight import complaints
from bot.oversight.complaints import ComplaintLookUp, ComplaintRefused, FiledComplaint
from bot.web.citizens import link, token_of
from bot.web.clients import client_of, comes_from_elsewhere, network_of, tries_digest
from bot.web.console.pages import form_of
from bot.web.elder import view_of
from bot.web.keys import DATABASE, SIGN_IN_LIMITER, TEMPLATES
from bot.web.public_pages import transact
from bot.web.tickets import no_fit

routes = web.RouteTableDef()

# Many people may share one address.
_PER_CLIENT = parse("20/hour")
_LONGEST = 40
# Stricter than for other pages (`bot.web.headers`), but with forms.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


@routes.get("/disclosure/complain")
async def ask(request: web.Request) -> web.Response:
    chosen = {
        "department": request.query.get("department", "")[:_LONGEST],
        "receipt": request.query.get("receipt", "")[:_LONGEST],
    }
    return await _form_page(request, typed=chosen)


@routes.post("/disclosure/complain")
async def complain(request: web.Request) -> web.Response:
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden
    form = await form_of(request)
    if not await request.app[SIGN_IN_LIMITER].hit(_PER_CLIENT, "complaint", network_of(client_of(request))):
        return await _form_page(request, 429, typed=form, error="提交得太多了，请过一会儿再试。")
    try:
        filed = await asyncio.to_thread(_file, request.app[DATABASE], form)
    except ComplaintRefused as refused:
        return await _form_page(request, 422, typed=form, error=str(refused))
    if token := token_of(request):
        await transact(request, link, token, [(MatterKind.COMPLAINT, filed.complaint.number)], utcnow())
    return await _page(request, "disclosure/complain.html", 200, filed=filed, typed={}, error="")


@routes.get("/disclosure/complaint")
async def ask_answer(request: web.Request) -> web.Response:
    return await _page(request, "disclosure/complaint.html", 200, found=None, number="", error="")


@routes.post("/disclosure/complaint")
async def show_answer(request: web.Request) -> web.Response:
    form = await form_of(request)
    number, code = form.get("number", "").strip()[:_LONGEST], form.get("query_code", "").strip()[:_LONGEST]
    found = await asyncio.to_thread(_look_up, request.app[DATABASE], number, code, tries_digest(request))
    if found.complaint is None:
        return await _page(
            request, "disclosure/complaint.html", 403, found=None, number=number, error=no_fit(found.attempts_left)
        )
    return await _page(request, "disclosure/complaint.html", 200, found=found.complaint, number=number, error="")


async def _form_page(
    request: web.Request, status: int = 200, *, typed: Mapping[str, str], error: str = ""
) -> web.Response:
    return await _page(request, "disclosure/complain.html", status, filed=None, typed=typed, error=error)


async def _page(request: web.Request, template: str, status: int, **shown: Any) -> web.Response:
    city, departments, office = await asyncio.to_thread(_read, request.app[DATABASE])
    html = (
        request.app[TEMPLATES]
        .get_template(template)
        .render(
            city=city,
            **view_of(request),
            departments=departments,
            office=office,
            kinds={kind.value: title for kind, title in complaints.KIND_TITLES.items()},
            states=complaints.STATE_TITLES,
            findings=complaints.FINDING_TITLES,
            most_words=complaints.MOST_WORDS,
            most_contact=complaints.MOST_CONTACT,
            longest=_LONGEST,
            **shown,
        )
    )
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)


def _read(database: Database) -> tuple[City, list[Department], RemedyOffice | None]:
    """`RemedyOffice`: the office in charge, as the city has named it for complaints about all departments."""
    with database.transaction() as session:
        return catalogue.get_city(session), all_departments(session), _office(session)


def _office(session: Session) -> RemedyOffice | None:
    of_all = RemedyOffice.department_code.is_(None)
    return session.scalar(select(RemedyOffice).where(RemedyOffice.way == Way.COMPLAINT.value, of_all))


def _file(database: Database, form: Mapping[str, str]) -> FiledComplaint:
    with database.transaction() as session:
        return complaints.file_complaint(
            session,
            department_code=form.get("department", ""),
            kind=form.get("kind", ""),
            receipt=form.get("receipt", ""),
            words=form.get("words", ""),
            contact=form.get("contact", ""),
            now=utcnow(),
        )


def _look_up(database: Database, number: str, code: str, client: str) -> ComplaintLookUp:
    with database.transaction() as session:
        return complaints.look_up(session, number, code, client, utcnow())
