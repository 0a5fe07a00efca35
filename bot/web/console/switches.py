"""Turning the bot, or a part of it, off and on again."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot.conversations.channels import CHANNEL_TITLES
from bot.db import utcnow
from bot.staff.roles import Permission
from bot.switches import service
from bot.switches.models import Switch
from bot.switches.scopes import SCOPE_TITLES, TOPIC_TITLES, Scope
from bot.web.console.access import needs
from bot.web.console.pages import form_of, page, person_of, redirect, transact

routes = web.RouteTableDef()


@routes.get("/console/switches")
@needs(Permission.SWITCH_BOT)
async def switches(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post("/console/switches")
@needs(Permission.SWITCH_BOT)
async def turn_off(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        title = await transact(request, _turn_off, form, who=person_of(request).login)
    except service.SwitchRefused as refused:
        return await _page(request, 422, str(refused), form)
    return redirect(request, "/console/switches", f"{title}已停用，从下一句话起生效")


@routes.post("/console/switches/on")
@needs(Permission.SWITCH_BOT)
async def turn_on(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        await transact(request, _turn_on, form, who=person_of(request).login)
    except service.SwitchRefused as refused:
        return await _page(request, 422, str(refused))
    return redirect(request, "/console/switches", "已恢复，从下一句话起生效")


async def _page(
    request: web.Request, status: int = 200, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    now_off, ended = await transact(request, _all)
    return page(
        request,
        "switches.html",
        status,
        now_off=now_off,
        ended=ended,
        scopes=SCOPE_TITLES,
        channels=CHANNEL_TITLES,
        topics=TOPIC_TITLES,
        typed=typed or {},
        error=error,
        most_reason=service.MOST_REASON_CHARACTERS,
        most_notice=service.MOST_NOTICE_CHARACTERS,
    )


def _all(session: Session) -> tuple[list[tuple[Switch, str]], list[tuple[Switch, str]]]:
    """The switches that are off now, and those that were, each with its title."""
    now_off, ended = service.active(session), service.history(session)
    return [(one, title_of(session, one)) for one in now_off], [(one, title_of(session, one)) for one in ended]


def title_of(session: Session, switch: Switch) -> str:
    """The title of what is switched off, even if the item or document no longer exists."""
    try:
        return service.title_of(session, Scope(switch.scope), switch.key)
    except service.SwitchRefused:
        return f"{SCOPE_TITLES[switch.scope]}“{switch.key}”"


def _turn_off(session: Session, form: Mapping[str, str], *, who: str) -> str:
    switch = service.turn_off(
        session,
        _scope(form),
        form.get("key", ""),
        who=who,
        reason=form.get("reason", ""),
        notice=form.get("notice", ""),
        now=utcnow(),
    )
    return title_of(session, switch)


def _turn_on(session: Session, form: Mapping[str, str], *, who: str) -> None:
    service.turn_on(session, _scope(form), form.get("key", ""), who=who, now=utcnow(), why=form.get("why", ""))


def _scope(form: Mapping[str, str]) -> Scope:
    try:
        return Scope(form.get("scope", ""))
    except ValueError:
        raise service.SwitchRefused("请选停用什么") from None
