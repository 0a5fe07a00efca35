"""Opens the channels of texts that are set up, with their routes and their ways out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import aiohttp
from aiohttp import web

from bot.conversations.channels import SMS, WECHAT
from bot.web.helpline import sms, wechat
from bot.web.helpline.gateway import Gateway
from bot.web.helpline.helpline import Helpline
from bot.web.helpline.smpp import SmppGateway
from bot.web.helpline.wechat_api import WeChatGateway
from bot.web.keys import CHAT, DATABASE, HELPLINE, LIVE, METRICS, SETTINGS


def add_helpline(app: web.Application) -> None:
    """Must come after what opens the chat. Without a channel there are no routes, and nothing waits to be sent."""
    settings = app[SETTINGS]
    if settings.sms is None and settings.smpp is None and settings.wechat is None:
        return
    app.cleanup_ctx.append(_open_helpline)
    if settings.sms is not None:
        app.add_routes(sms.routes)
    if settings.wechat is not None:
        app.add_routes(wechat.routes)


async def _open_helpline(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    gateways: dict[str, Gateway] = {}
    async with aiohttp.ClientSession() as session:
        if settings.sms is not None:
            gateways[SMS] = sms.SmsGateway(session, settings.sms)
        smpp = SmppGateway(settings.smpp) if settings.smpp is not None else None
        if smpp is not None:
            gateways[SMS] = smpp
        if settings.wechat is not None:
            gateways[WECHAT] = WeChatGateway(session, settings.wechat)
        app[HELPLINE] = Helpline(app[DATABASE], app[CHAT], app[LIVE], app[METRICS], settings, gateways)
        await app[HELPLINE].start()
        if smpp is None:
            yield
        else:
            async with _bound(smpp, app[HELPLINE]):
                yield
        await app[HELPLINE].stop()


@asynccontextmanager
async def _bound(smpp: SmppGateway, helpline: Helpline) -> AsyncIterator[None]:
    """What comes until we have unbound is still kept."""
    running = asyncio.create_task(smpp.run(partial(helpline.receive, SMS), partial(helpline.report, SMS)))
    yield
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
