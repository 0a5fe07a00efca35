"""Opens the text channels that are set up, with their routes and their carriers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import aiohttp
from aiohttp import web

from bot.conversations.channels import MAIL, SMS, WECHAT
from bot.web.carriers import sms, wechat
from bot.web.carriers.carrier import Carrier
from bot.web.carriers.helpline import HELPLINE, Helpline
from bot.web.carriers.mail import MailCarrier
from bot.web.carriers.smpp import SmppCarrier
from bot.web.carriers.wechat_api import WeChatCarrier
from bot.web.chat import CHAT
from bot.web.keys import DATABASE, LIVE, SETTINGS
from bot.web.metrics import METRICS


def add_helpline(app: web.Application) -> None:
    """To be called after the chat is set up. Without a channel in the settings it adds nothing."""
    settings = app[SETTINGS]
    if not settings.sending_channels:
        return
    app.cleanup_ctx.append(_open_helpline)
    if settings.sms is not None:
        app.add_routes(sms.routes)
    if settings.wechat is not None:
        app.add_routes(wechat.routes)


async def _open_helpline(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    carriers: dict[str, Carrier] = {}
    async with aiohttp.ClientSession() as session:
        if settings.sms is not None:
            carriers[SMS] = sms.SmsCarrier(session, settings.sms)
        smpp = SmppCarrier(settings.smpp) if settings.smpp is not None else None
        if smpp is not None:
            carriers[SMS] = smpp
        if settings.wechat is not None:
            carriers[WECHAT] = WeChatCarrier(session, settings.wechat)
        if settings.mail is not None:
            carriers[MAIL] = MailCarrier(settings.mail)
        app[HELPLINE] = Helpline(app[DATABASE], app[CHAT], app[LIVE], app[METRICS], settings, carriers)
        await app[HELPLINE].start()
        if smpp is None:
            yield
        else:
            async with _bound(smpp, app[HELPLINE]):
                yield
        await app[HELPLINE].stop()


@asynccontextmanager
async def _bound(smpp: SmppCarrier, helpline: Helpline) -> AsyncIterator[None]:
    """Runs the SMPP session. The helpline stops after it, so texts that arrive before the unbind are stored."""
    running = asyncio.create_task(smpp.run(partial(helpline.receive, SMS), partial(helpline.report, SMS)))
    yield
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
