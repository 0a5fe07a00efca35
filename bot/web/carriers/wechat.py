"""The WeChat official account (微信公众号): answers a message in the reply to WeChat's request, if time allows.

Source: 微信官方文档 · 公众号, “接入指南”, “接收普通消息”, “被动回复用户消息”.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from aiohttp import web

from bot.conversations.channels import WECHAT
from bot.db import utcnow
from bot.web.carriers.helpline import HELPLINE
from bot.web.carriers.wechat_envelope import BadEnvelope, NotFromWeChat, check_address, open_message, reply_xml
from bot.web.carriers.wechat_messages import arrived_in
from bot.web.keys import SETTINGS

logger = logging.getLogger(__name__)
routes = web.RouteTableDef()

# From the request to our answer. After five seconds, network time included, WeChat gives up and asks again.
ANSWER_WITHIN_SECONDS = 4.5
# Of UTF-8. WeChat takes no longer reply.
MOST_BYTES = 2048
_BETWEEN = "\n\n"
# Confirms the receipt: WeChat shows nothing and does not ask again.
_NOTHING_NOW = "success"


@routes.get("/helpline/wechat")
async def verify_address(request: web.Request) -> web.Response:
    """接入指南: WeChat asks this when our address is entered in the account's console."""
    settings = request.app[SETTINGS].wechat
    assert settings is not None  # noqa: S101 # without it these routes are not added
    try:
        check_address(settings, request.query, utcnow())
    except NotFromWeChat as error:
        raise _refused(error) from None
    return web.Response(text=request.query.get("echostr", ""))


@routes.post("/helpline/wechat")
async def receive(request: web.Request) -> web.Response:
    """A repeated message gets the same answer, or none if that is, or was, sent as a customer-service message."""
    began = asyncio.get_running_loop().time()
    settings = request.app[SETTINGS].wechat
    assert settings is not None  # noqa: S101 # without it these routes are not added
    try:
        message = open_message(settings, request.query, await request.read(), utcnow())
        arrived = arrived_in(message)
    except NotFromWeChat as error:
        raise _refused(error) from None
    except BadEnvelope as error:
        logger.warning("a message from WeChat cannot be read: %s", error)
        raise web.HTTPBadRequest from None
    if arrived is None:
        return web.Response(text=_NOTHING_NOW)
    helpline = request.app[HELPLINE]
    inbound_id = await helpline.receive(WECHAT, arrived)
    left = began + ANSWER_WITHIN_SECONDS - asyncio.get_running_loop().time()
    texts = await helpline.answer_within(inbound_id, left, _fit)
    if not texts:
        return web.Response(text=_NOTHING_NOW)
    reply = reply_xml(settings, message, _BETWEEN.join(texts), utcnow())
    return web.Response(text=reply, content_type="application/xml")


def _fit(texts: Sequence[str]) -> bool:
    return len(_BETWEEN.join(texts).encode()) <= MOST_BYTES


def _refused(error: NotFromWeChat) -> web.HTTPForbidden:
    logger.warning("a request to the address for WeChat was refused: %s", error)
    return web.HTTPForbidden()
