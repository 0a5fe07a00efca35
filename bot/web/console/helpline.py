"""The channels of texts: how many went out today, what reached nobody, whose texts are not read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot.conversations.channels import CHANNEL_TITLES
from bot.db import utcnow
from bot.helpline import desk
from bot.helpline.outbox import State
from bot.sealing import Sealer
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.pages import form_of, page, person_of, redirect, transact
from bot.web.keys import SETTINGS

routes = web.RouteTableDef()

PATH = "/console/helpline"
_STATE_TITLES = {State.DEAD: "通道不收", State.UNDELIVERED: "没有送到"}


@routes.get(PATH)
@needs(Permission.MANAGE_HELPLINE)
async def helpline(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post(f"{PATH}/block")
@needs(Permission.MANAGE_HELPLINE)
async def block(request: web.Request) -> web.Response:
    form, who = await form_of(request), person_of(request).login

    def do(session: Session, sealer: Sealer) -> str:
        return desk.block(session, sealer, form.get("named", ""), form.get("why", ""), who=who, now=utcnow())

    return await _do(request, do, "{} 已屏蔽，来信不再读也不再答", form)


@routes.post(f"{PATH}/unblock")
@needs(Permission.MANAGE_HELPLINE)
async def unblock(request: web.Request) -> web.Response:
    subscriber_id, who = await _id_in(request), person_of(request).login

    def do(session: Session, sealer: Sealer) -> str:
        return desk.unblock(session, sealer, subscriber_id, who=who, now=utcnow())

    return await _do(request, do, "{} 已解除屏蔽")


@routes.post(f"{PATH}/again")
@needs(Permission.MANAGE_HELPLINE)
async def send_again(request: web.Request) -> web.Response:
    outgoing_id, who = await _id_in(request), person_of(request).login

    def do(session: Session, sealer: Sealer) -> None:
        desk.send_again(session, sealer, outgoing_id, who=who, now=utcnow())

    return await _do(request, do, "已重新排队，马上再发")


@routes.post(f"{PATH}/drop")
@needs(Permission.MANAGE_HELPLINE)
async def drop(request: web.Request) -> web.Response:
    outgoing_id, who = await _id_in(request), person_of(request).login

    def do(session: Session, sealer: Sealer) -> None:
        desk.drop(session, sealer, outgoing_id, who=who, now=utcnow())

    return await _do(request, do, "这条不再发了")


@routes.post(f"{PATH}/answer-again")
@needs(Permission.MANAGE_HELPLINE)
async def answer_again(request: web.Request) -> web.Response:
    inbound_id, who = await _id_in(request), person_of(request).login

    def do(session: Session, sealer: Sealer) -> None:
        desk.answer_again(session, sealer, inbound_id, who=who, now=utcnow())

    return await _do(request, do, "马上再答一次")


async def _do(
    request: web.Request,
    do: Callable[[Session, Sealer], str | None],
    say: str,
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    """`say` may have a place for what `do` gives."""
    try:
        done = await transact(request, do, Sealer.of(request.app[SETTINGS]))
    except desk.DeskRefused as refused:
        return await _page(request, 422, str(refused), typed)
    return redirect(request, PATH, say.format(done))


async def _page(
    request: web.Request, status: int = 200, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    settings = request.app[SETTINGS]
    overview = await transact(request, desk.overview, Sealer.of(settings), settings.helpline, utcnow())
    return page(
        request,
        "helpline.html",
        status,
        overview=overview,
        shown=desk.text_for_lists,
        states=_STATE_TITLES,
        channels=CHANNEL_TITLES,
        is_set_up={"sms": settings.sms is not None or settings.smpp is not None, "wechat": settings.wechat is not None},
        most_why=desk.MOST_WHY_CHARACTERS,
        typed=typed or {},
        error=error,
    )


async def _id_in(request: web.Request) -> int:
    """0, which nothing has, if it is none."""
    raw = (await form_of(request)).get("id", "")
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0
