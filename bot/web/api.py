"""The same for programs: `POST /api/chat` `{"conversation", "text"}` gives `{"conversation", "messages"}`.

A button is pressed by `{"conversation", "button"}` with the `id` with which it was offered.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from aiohttp import web

from bot.conversations import staff_messages
from bot.conversations.service import new_conversation_id
from bot.db import Database, utcnow
from bot.replies.staff import PASSED_ON
from bot.web.chat import BadMessage, TooManyMessages
from bot.web.clients import client_of
from bot.web.keys import CHAT, DATABASE
from bot.web.openapi import DOCUMENT

routes = web.RouteTableDef()

_CONVERSATION = re.compile(r"[A-Za-z0-9_.:@\-]{1,100}")


@routes.post("/api/chat")
async def say(request: web.Request) -> web.Response:
    body = await _json_object(request)
    conversation = body.get("conversation") or new_conversation_id()
    if not isinstance(conversation, str) or not _CONVERSATION.fullmatch(conversation):
        return _bad("conversation 要是 1 到 100 个字母、数字或 _ . : @ - 的文字，也可以不填")
    if ("text" in body) == ("button" in body):
        return _bad("要有 text 或者 button 其中一个")
    chat, client = request.app[CHAT], client_of(request)
    try:
        if "button" in body:
            answered = await chat.press(conversation, "api", body["button"], client)
        else:
            answered = await chat.answer(conversation, "api", body["text"], client)
    except BadMessage as error:
        return _bad(str(error))
    except TooManyMessages:
        return web.json_response({"error": "发得太快了，请稍等再发"}, status=429, headers={"Retry-After": "10"})
    said = await asyncio.to_thread(_said_by_staff, request.app[DATABASE], conversation)
    messages = [*said, *answered.messages] or [{"text": PASSED_ON}]
    return web.json_response({"conversation": conversation, "messages": messages}, dumps=_dumps)


@routes.get("/openapi.json")
async def openapi(_: web.Request) -> web.Response:
    return web.json_response(DOCUMENT, dumps=_dumps)


def _said_by_staff(database: Database, conversation_id: str) -> list[dict[str, str]]:
    """What staff wrote since the last message, which is how a program hears of it."""
    with database.transaction() as session:
        lines = staff_messages.undelivered(session, conversation_id)
        staff_messages.mark_delivered(lines, utcnow())
        return [{"text": f"{line.by_name}：{line.text}" if line.by_name else line.text} for line in lines]


async def _json_object(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(reason="请求要是一个 JSON 对象")
    return body


def _bad(message: str) -> web.Response:
    return web.json_response({"error": message}, status=400, dumps=_dumps)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
