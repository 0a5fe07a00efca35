"""The chat page and its WebSocket.

The socket speaks JSON; the first frame is the page's: `{"type": "hello", "conversation"}`, with the id of the
conversation that it shows, or null. The answer is `{"type": "hello", "conversation", "history", "ended"}`: the id to
keep, which is a new one if there was none or `ended` says that the other is over, and what was said, oldest first.

From the page afterwards:
- `{"type": "say", "id", "text"}`. `id` is the page's own number of it: sent again after a lost connection, it is
  answered once.
- `{"type": "press", "id", "button"}`: the same with the `id` of a button that was offered.
- `{"type": "shown", "id"}`: an answer with `once` is on the screen, and need not be kept for the page any longer.
- `{"type": "rate", "case", "stars", "why"}`, 1 (非常不满意) to 5 stars.
- `{"type": "leave"}`: the conversation is over for everybody who knows its id.
- `{"type": "forget"}`: asks what the law would keep; with `"sure": true`, that all else be deleted.

To the page:
- `{"type": "typing", "id"}`: the question has arrived.
- `{"type": "waiting", "id", "place"}`: so many others are answered before it.
- `{"type": "said", "id", "at", "text"}`: asked on another page of the same conversation.
- `{"type": "answer", "id", "messages"}`, on each page of the conversation, also if it was asked on a connection that
  is gone. `once`: the messages hold a query code, which is told no second time. A message that goes to a person is
  answered with no messages.
- `{"type": "error", "id", "error"}`: why it was not taken, or with null what else went wrong.
- `{"type": "staff", "lines": [{"at", "by", "text"}]}`: what a person wrote; a line by nobody is a notice. A line that
  answers a case has `rate`, the case's number.
- `{"type": "rated", "case", "stars", "asks_why"}`. If it asks why, the same may be sent once more with the reason.
- `{"type": "forget", "kept"}`, and if it was sure `{"type": "forgotten", "receipt", "kept"}`; `kept`: what stays and
  why, a sentence each. Where nothing was said yet, an `error`.
- `{"type": "ended"}`: the citizen left on another page, or was silent for too long.

Entries of `history` are like `said` with the fields of `answer`, if there is one, or `{"staff": {...}}`.
"""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

from aiohttp import WSMsgType, web

from bot.catalogue import service as catalogue
from bot.catalogue.models import City
from bot.conversations.service import new_conversation_id
from bot.db import Database
from bot.web.chat import MAX_TEXT_CHARACTERS
from bot.web.clients import client_of, comes_from_elsewhere, network_of
from bot.web.keys import DATABASE, SETTINGS, TEMPLATES
from bot.web.open_page import NOT_UNDERSTOOD, OpenPage
from bot.web.portal_view import Standing, standing

routes = web.RouteTableDef()

# 2,000 characters, of six bytes each where they are escaped.
MAX_FRAME_BYTES = 16 * 1024
HEARTBEAT_SECONDS = 25
HELLO_WITHIN_SECONDS = 10


@routes.get("/")
async def page(request: web.Request) -> web.Response:
    city = await asyncio.to_thread(_city, request.app[DATABASE])
    html = request.app[TEMPLATES].get_template("chat.html").render(city=city, max_characters=MAX_TEXT_CHARACTERS)
    return web.Response(text=html, content_type="text/html")


@routes.get("/ws")
async def socket(request: web.Request) -> web.WebSocketResponse:
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden(reason="这个网页不能接入，请从政务网站进入")
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME_BYTES)
    await ws.prepare(request)
    try:
        wanted = await _wanted_conversation(ws)
    except (ValueError, TypeError, KeyError, RecursionError, TimeoutError):
        if not ws.closed:
            await ws.send_json({"type": "error", "id": None, "error": NOT_UNDERSTOOD})
            await ws.close()
        return ws
    conversation = await _conversation_for(request.app, wanted)
    opened = OpenPage(request.app, ws, network_of(client_of(request)), conversation)
    await opened.greet(ended=bool(wanted) and conversation != wanted)
    following = asyncio.create_task(opened.follow())
    try:
        async for frame in ws:
            if frame.type == WSMsgType.TEXT:
                await opened.take(frame.data)
    finally:
        following.cancel()
        opened.leave_off()
    return ws


async def _wanted_conversation(ws: web.WebSocketResponse) -> str:
    """From the first frame: the id is a secret, and addresses are written into logs."""
    hello = json.loads(await ws.receive_str(timeout=HELLO_WITHIN_SECONDS))
    if hello["type"] != "hello":
        raise ValueError("the first frame must be a hello")
    return str(hello.get("conversation") or "")


async def _conversation_for(app: web.Application, wanted: str) -> str:
    if wanted:
        idle = timedelta(minutes=app[SETTINGS].portal_idle_minutes)
        found, _ = await asyncio.to_thread(standing, app[DATABASE], wanted, idle)
        if found != Standing.OVER:
            return wanted
    return new_conversation_id()


def _city(database: Database) -> City:
    with database.transaction() as session:
        return catalogue.get_city(session)
