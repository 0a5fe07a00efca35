"""The page of the text channels: SMS sent today and their ceiling, messages not delivered, blocked numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from aiohttp import web

from bot.conversations.channels import SENT_TITLES
from bot.db import utcnow
from bot.helpline import desk
from bot.helpline.ceiling import MOST_TIMES_USUAL
from bot.helpline.outbox import OutgoingState
from bot.staff.roles import Permission
from bot.web.console.access import Handler, needs
from bot.web.console.cookies import sealer_of
from bot.web.console.fields import number_in
from bot.web.console.pages import form_of, page, person_of, redirect, transact
from bot.web.keys import SETTINGS

routes = web.RouteTableDef()

PATH = "/console/helpline"
_STATE_TITLES = {OutgoingState.DEAD: "通道不收", OutgoingState.UNDELIVERED: "没有送到"}


@routes.get(PATH)
@needs(Permission.MANAGE_HELPLINE)
async def helpline(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post(f"{PATH}/block")
@needs(Permission.MANAGE_HELPLINE)
async def block(request: web.Request) -> web.Response:
    form = await form_of(request)
    do = partial(desk.block, who=person_of(request).login, now=utcnow())
    said = "{} 已屏蔽，来信不再读也不再答"
    return await _do(request, do, said, form.get("named", ""), form.get("why", ""), typed=form)


@routes.post(f"{PATH}/ceiling")
@needs(Permission.MANAGE_HELPLINE)
async def ceiling(request: web.Request) -> web.Response:
    form = await form_of(request)
    usual = request.app[SETTINGS].helpline.daily_ceiling
    texts, why = number_in(form.get("texts", "")), form.get("why_ceiling", "")
    try:
        done = await transact(
            request, desk.raise_ceiling, usual, texts, why, who=person_of(request).login, now=utcnow()
        )
    except desk.DeskRefused as refused:
        return await _page(request, 422, str(refused), form)
    return redirect(request, PATH, f"今天的上限调到 {done} 条，排着的马上接着发")


def _act(do: Callable[..., str | None], say: str) -> Handler:
    """`do`: a function of `desk` that takes an id. `say`: a sentence; `{}` in it stands for the result of `do`."""

    async def act(request: web.Request) -> web.Response:
        # No row has the id 0.
        number = number_in((await form_of(request)).get("id", "")) or 0
        return await _do(request, partial(do, who=person_of(request).login, now=utcnow()), say, number)

    return needs(Permission.MANAGE_HELPLINE)(act)


for _name, (_act_of_desk, _say) in {
    "unblock": (desk.unblock, "{} 已解除屏蔽"),
    "again": (desk.send_again, "已重新排队，马上再发"),
    "all-again": (desk.send_all_again, "{} 条已重新排队，马上再发"),
    "drop": (desk.drop, "这条不再发了"),
    "answer-again": (desk.answer_again, "马上再答一次"),
}.items():
    routes.post(f"{PATH}/{_name}")(_act(_act_of_desk, _say))


async def _do(
    request: web.Request,
    do: Callable[..., str | None],
    say: str,
    *given: object,
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    try:
        done = await transact(request, do, sealer_of(request), *given)
    except desk.DeskRefused as refused:
        return await _page(request, 422, str(refused), typed)
    return redirect(request, PATH, say.format(done))


async def _page(
    request: web.Request, status: int = 200, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    settings = request.app[SETTINGS]
    overview = await transact(request, desk.overview, sealer_of(request), settings.helpline, utcnow())
    return page(
        request,
        "helpline.html",
        status,
        overview=overview,
        shown=desk.text_for_lists,
        states=_STATE_TITLES,
        channels=SENT_TITLES,
        open_channels=settings.sending_channels,
        most_times_usual=MOST_TIMES_USUAL,
        most_why=desk.MOST_WHY_CHARACTERS,
        typed=typed or {},
        error=error,
    )
