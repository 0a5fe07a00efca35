"""The canned replies: people who see the queue read them, people who edit the catalogue edit them."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.reviews.canned import (
    MOST_TEXT_CHARACTERS,
    MOST_TITLE_CHARACTERS,
    VARIABLES,
    CannedReplyRefused,
    all_canned_replies,
    remove_canned_reply,
    save_canned_reply,
)
from bot.reviews.models import CannedReply
from bot.staff import audit
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.fields import number_in
from bot.web.console.pages import form_of, page, person_of, redirect, transact

routes = web.RouteTableDef()

_PATH = "/console/canned"


@routes.get(_PATH)
@needs(Permission.SEE_QUEUE)
async def canned(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post(_PATH)
@needs(Permission.EDIT_CATALOGUE)
async def save(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        title = await transact(request, _save, form, who=person_of(request).login)
    except CannedReplyRefused as refused:
        return await _page(request, 422, str(refused), form)
    return redirect(request, _PATH, f"“{title}”已存")


@routes.post(f"{_PATH}/remove")
@needs(Permission.EDIT_CATALOGUE)
async def remove(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        title = await transact(request, _remove, form, who=person_of(request).login)
    except CannedReplyRefused as refused:
        return await _page(request, 422, str(refused))
    return redirect(request, _PATH, f"“{title}”已删除")


async def _page(
    request: web.Request, status: int = 200, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    replies, departments = await transact(request, _read)
    return page(
        request,
        "canned.html",
        status,
        replies=replies,
        departments={department.code: department.name for department in departments},
        most_title=MOST_TITLE_CHARACTERS,
        most_text=MOST_TEXT_CHARACTERS,
        variables=VARIABLES,
        typed=typed or {},
        error=error,
    )


def _read(session: Session) -> tuple[list[CannedReply], list[Department]]:
    return all_canned_replies(session), all_departments(session)


def _save(session: Session, form: Mapping[str, str], *, who: str) -> str:
    reply = save_canned_reply(
        session,
        _id(form) if form.get("id") else None,
        title=form.get("title", ""),
        text=form.get("text", ""),
        department_code=form.get("department") or None,
    )
    audit.record(session, who=who, action="save_canned_reply", subject=reply.title, why="", at=utcnow())
    return reply.title


def _remove(session: Session, form: Mapping[str, str], *, who: str) -> str:
    title = remove_canned_reply(session, _id(form))
    audit.record(session, who=who, action="remove_canned_reply", subject=title, why="", at=utcnow())
    return title


def _id(form: Mapping[str, str]) -> int:
    number = number_in(form.get("id", ""))
    if number is None:
        raise CannedReplyRefused("这条常用语已经不在了")
    return number
