"""The assistant for programs: `POST /api/chat` with `{"conversation", "text"}` gives `{"conversation", "messages"}`.

To press a button, a program sends `{"conversation", "button"}` with the `id` of the button. A message with an `"id"` of
the caller's own may be sent again and is answered once. If there is no answer after 20 seconds, the messages say so and
`"pending": true` stands beside them; the same message, sent again with its `id`, then waits for the answer or gets it.

A program may have a key (`Authorization: Bearer KEY`, see `bot.api_keys`) with its own rate limit; without a key, the
limits of its address apply. A conversation belongs to the key or the address that began it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web
from limits import RateLimitItem, RateLimitItemPerMinute

from bot.api_keys.models import ApiKey, KeyScope
from bot.api_keys.service import key_in_use
from bot.conversations import staff_messages
from bot.conversations.service import new_conversation_id
from bot.db import Database, utcnow
from bot.reviews.notices import PASSED_ON
from bot.storable import storable
from bot.web.chat import CHAT, Answered, BadMessage, NotYours, Sender, TooManyMessages
from bot.web.clients import client_of, network_of
from bot.web.keys import DATABASE
from bot.web.openapi import DOCUMENT

routes = web.RouteTableDef()

LONGEST_NUMBER = 64
BAD_KEY = "接口密钥不对，或者已经作废"
# Keeps a reference to each answer in progress, since asyncio keeps a weak one only and the caller may be gone.
_ANSWERING: set[asyncio.Task[Answered]] = set()
_CONVERSATION = re.compile(r"[A-Za-z0-9_.:@\-]{1,100}")


@dataclass(frozen=True)
class Caller:
    """Who calls: a key or an address. `rate`: the limit of the key, None for an address."""

    client: str
    rate: RateLimitItem | None = None
    scope: str = KeyScope.CHAT


@routes.post("/api/chat")
async def say(request: web.Request) -> web.Response:
    if request.content_type != "application/json":
        # With any other type, a browser lets a page of another site send this without asking us first (CORS).
        return refusal(415, "请求的 Content-Type 要是 application/json")
    caller = await _caller(request)
    if caller is None:
        return refusal(401, BAD_KEY)
    if caller.scope != KeyScope.CHAT:
        return refusal(403, "这把密钥不是用来提问的，请用提问的密钥")
    body = await _json_object(request)
    given = body.get("conversation")
    conversation = given or new_conversation_id()
    if not isinstance(conversation, str) or not _CONVERSATION.fullmatch(conversation):
        return _bad("conversation 要是 1 到 100 个字母、数字或 _ . : @ - 的文字，也可以不填")
    if ("text" in body) == ("button" in body):
        return _bad("要有 text 或者 button 其中一个")
    number = body.get("id")
    number = storable(number) if isinstance(number, str) else number
    if not isinstance(number, str | None) or not 0 < len(number or "-") <= LONGEST_NUMBER:
        return _bad(f"id 要是 1 到 {LONGEST_NUMBER} 个字的文字，也可以不填")
    try:
        messages, is_pending = await _answer(request, caller, conversation, body, number, begins=not given)
    except BadMessage as error:
        return _bad(str(error))
    except NotYours:
        return refusal(403, "这个对话不是从这里开始的，不能接着用。请换一个 conversation，或者不填")
    except TooManyMessages as error:
        headers = {"Retry-After": str(error.retry_after)}
        return json_answer({"error": str(error)}, 429, headers=headers)
    said = await asyncio.to_thread(_said_by_staff, request.app[DATABASE], conversation)
    answer = {"conversation": conversation, "messages": [*said, *messages] or [{"text": PASSED_ON}]}
    return json_answer({**answer, "pending": True} if is_pending else answer)


async def _answer(
    request: web.Request,
    caller: Caller,
    conversation: str,
    body: Mapping[str, Any],
    number: str | None,
    *,
    begins: bool,
) -> tuple[list[dict[str, Any]], bool]:
    """The messages, and whether they only say that the answer is still to come."""
    held: asyncio.Future[list[dict[str, Any]]] = asyncio.get_running_loop().create_future()

    async def hold(messages: list[dict[str, Any]]) -> None:
        held.set_result(messages)

    chat = request.app[CHAT]
    sender = Sender(caller.client, number, owner=caller.client, begins=begins, rate=caller.rate, on_held=hold)
    if "button" in body:
        coming = chat.press(conversation, "api", body["button"], sender)
    else:
        coming = chat.answer(conversation, "api", body["text"], sender)
    answering = asyncio.create_task(coming)
    _ANSWERING.add(answering)
    answering.add_done_callback(_ANSWERING.discard)
    either: list[asyncio.Future[Any]] = [answering, held]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if answering.done():
        return answering.result().messages, False
    return held.result(), True


@routes.get("/openapi.json")
async def openapi(_: web.Request) -> web.Response:
    return json_answer(DOCUMENT)


async def _caller(request: web.Request) -> Caller | None:
    """Who sent the request; None if its key is not in use."""
    if not has_key(request):
        return Caller(network_of(client_of(request)))
    found = await key_of(request)
    return Caller(f"key:{found.id}", RateLimitItemPerMinute(found.per_minute), found.scope) if found else None


def has_key(request: web.Request) -> bool:
    return request.headers.get("Authorization", "").partition(" ")[0].lower() == "bearer"


async def key_of(request: web.Request) -> ApiKey | None:
    """The key that a request carries, if it is in use."""
    key = request.headers.get("Authorization", "").partition(" ")[2].strip()
    return await asyncio.to_thread(_key_in_use, request.app[DATABASE], key)


def _key_in_use(database: Database, key: str) -> ApiKey | None:
    with database.transaction() as session:
        return key_in_use(session, key)


def _said_by_staff(database: Database, conversation_id: str) -> list[dict[str, str]]:
    """What staff wrote since the last request. A program gets these lines only with its next answer."""
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
    return refusal(400, message)


def refusal(status: int, message: str) -> web.Response:
    return json_answer({"error": message}, status)


def json_answer(
    body: Mapping[str, object], status: int = 200, *, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Chinese as it is written, which is shorter than escaped and can be read."""
    return web.json_response(body, status=status, headers=headers, dumps=partial(json.dumps, ensure_ascii=False))
