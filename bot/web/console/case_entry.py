"""The page on which a clerk enters what a citizen told by telephone or at the counter."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.conversations.channels import DESK_TITLES
from bot.db import utcnow
from bot.disclosures.answers import Field, NotAnAnswer, read
from bot.reviews.entry import MOST_WORDS, enter
from bot.reviews.reasons import KIND_TITLES
from bot.reviews.states import CaseActionRefused
from bot.sealing import Sealer
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.cookies import sealer_of
from bot.web.console.pages import form_of, page, person_of, redirect, transact
from bot.web.keys import LIVE
from bot.web.live import QUEUE

routes = web.RouteTableDef()


@routes.get("/console/cases/new")
@needs(Permission.HANDLE_CASES)
async def new_case(request: web.Request) -> web.Response:
    return await _page(request, {})


@routes.post("/console/cases")
@needs(Permission.HANDLE_CASES)
async def enter_case(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        number = await transact(request, _enter, person_of(request), form, sealer_of(request))
    except CaseActionRefused as refused:
        return await _page(request, form, 422, str(refused))
    await request.app[LIVE].changed(QUEUE)
    return redirect(request, f"/console/cases/{number}", f"已立件，编号 {number}，请告诉对方")


async def _page(request: web.Request, typed: Mapping[str, str], status: int = 200, error: str = "") -> web.Response:
    return page(
        request,
        "case_entry.html",
        status,
        ways=DESK_TITLES,
        kinds=KIND_TITLES,
        departments=await transact(request, all_departments),
        most_words=MOST_WORDS,
        typed=typed,
        error=error,
    )


def _enter(session: Session, person: Person, form: Mapping[str, str], sealer: Sealer) -> str:
    contact = form.get("contact", "").strip()
    return enter(
        session,
        person,
        utcnow(),
        channel=form.get("way", ""),
        kind=form.get("kind", ""),
        words=form.get("words", ""),
        contact_sealed=sealer.seal(_contact(contact)) if contact else None,
        department_code=form.get("department") or None,
    ).number


def _contact(text: str) -> str:
    """As citizens leave it in the chat, so that they prove the case by it later (`own_case.is_proven_by`)."""
    try:
        return read(Field.CONTACT, text, {})
    except NotAnAnswer:
        raise CaseActionRefused("联系方式没有看懂，请填手机号、带区号的座机或者邮箱") from None
