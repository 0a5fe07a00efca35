"""The chat page and its WebSocket.

The socket speaks JSON. From the page: `{"type": "say", "id", "text"}`. To the page: `{"type": "hello", "conversation",
"history"}` once, then for each message `{"type": "typing"}` and `{"type": "answer", "id", "messages"}`, or
`{"type": "error", "id", "error"}`. `id` is the page's own number of the message: sent again after a lost connection,
it is answered once.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from bot.catalogue import service as catalogue
from bot.catalogue.models import City
from bot.conversations import service as conversations
from bot.conversations.models import Message
from bot.db import Database
from bot.web.chat import MAX_TEXT_CHARACTERS, BadMessage, TooManyMessages
from bot.web.clients import client_of
from bot.web.keys import CHAT, DATABASE, TEMPLATES
from bot.workdays import CHINA

routes = web.RouteTableDef()

MAX_FRAME_BYTES = 8 * 1024
HEARTBEAT_SECONDS = 25


@routes.get("/")
async def page(request: web.Request) -> web.Response:
    city = await asyncio.to_thread(_city, request.app[DATABASE])
    html = request.app[TEMPLATES].get_template("chat.html").render(city=city, max_characters=MAX_TEXT_CHARACTERS)
    return web.Response(text=html, content_type="text/html")


@routes.get("/ws")
async def socket(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME_BYTES)
    await ws.prepare(request)
    conversation, history = await asyncio.to_thread(
        _resume, request.app[DATABASE], request.query.get("conversation", "")
    )
    await ws.send_json({"type": "hello", "conversation": conversation, "history": history})
    async for frame in ws:
        if frame.type == WSMsgType.TEXT:
            await _take(request, ws, conversation, frame.data)
    return ws


async def _take(request: web.Request, ws: web.WebSocketResponse, conversation: str, frame: str) -> None:
    try:
        said = json.loads(frame)
        number, text = str(said["id"])[:64], said["text"]
    except (ValueError, KeyError, TypeError, RecursionError):
        await ws.send_json({"type": "error", "id": None, "error": "没有看懂这条消息"})
        return
    await ws.send_json({"type": "typing"})
    try:
        answered = await request.app[CHAT].answer(conversation, "portal", text, client_of(request), number)
    except BadMessage as error:
        await ws.send_json({"type": "error", "id": number, "error": str(error)})
    except TooManyMessages:
        await ws.send_json({"type": "error", "id": number, "error": "发得太快了，请稍等再发"})
    else:
        await ws.send_json({"type": "answer", "id": number, "messages": answered.messages})


def _city(database: Database) -> City:
    with database.transaction() as session:
        return catalogue.get_city(session)


def _resume(database: Database, conversation_id: str) -> tuple[str, list[dict[str, Any]]]:
    """The conversation to go on with and what was said in it; a new one if the page has none or knows a wrong id."""
    with database.transaction() as session:
        if conversations.portal_conversation(session, conversation_id) is None:
            return conversations.new_conversation_id(), []
        return conversation_id, [_as_seen(message) for message in conversations.history(session, conversation_id)]


def _as_seen(message: Message) -> dict[str, Any]:
    return {
        "id": message.client_id,
        "at": f"{message.received_at.astimezone(CHINA):%m-%d %H:%M}",
        "text": message.text,
        "messages": message.replies,
    }
