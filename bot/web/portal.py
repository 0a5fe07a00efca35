"""The chat page and its WebSocket.

The socket speaks JSON. From the page: `{"type": "say", "id", "text"}`, or `{"type": "press", "id", "button"}` with the
`id` of a button that was offered. To the page: `{"type": "hello", "conversation",
"history"}` once, then for each message `{"type": "typing"}` and `{"type": "answer", "id", "messages"}`, or
`{"type": "error", "id", "error"}`. `id` is the page's own number of the message: sent again after a lost connection,
it is answered once. What a person writes comes unasked: `{"type": "staff", "lines": [{"at", "by", "text"}]}`; a line by
nobody is a notice. A message that goes to a person is answered with no messages.

A line that answers a case has `rate`, the case's number. From the page: `{"type": "rate", "case", "stars", "why"}`,
1 (非常不满意) to 5 stars; to the page: `{"type": "rated", "case", "stars", "asks_why"}`. If it asks why, the
same may be sent once more with the reason.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import WSMsgType, web

from bot.catalogue import service as catalogue
from bot.catalogue.models import City
from bot.conversations import service as conversations
from bot.conversations import staff_messages
from bot.conversations.models import Message, StaffMessage
from bot.db import Database, utcnow
from bot.reviews.ratings import NotYourCase, rate_in, rateable
from bot.reviews.reasons import Stars
from bot.reviews.service import asks_why
from bot.reviews.states import CaseActionRefused
from bot.web.chat import MAX_TEXT_CHARACTERS, BadMessage, TooManyMessages
from bot.web.clients import client_of
from bot.web.keys import CHAT, DATABASE, LIVE, TEMPLATES
from bot.web.live import QUEUE
from bot.workdays import CHINA

routes = web.RouteTableDef()

# 2,000 characters, of six bytes each where they are escaped.
MAX_FRAME_BYTES = 16 * 1024
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
    conversation, history, seen = await asyncio.to_thread(
        _resume, request.app[DATABASE], request.query.get("conversation", "")
    )
    await ws.send_json({"type": "hello", "conversation": conversation, "history": history})
    telling = asyncio.create_task(_tell_what_staff_say(request, ws, conversation, seen))
    try:
        async for frame in ws:
            if frame.type == WSMsgType.TEXT:
                await _take(request, ws, conversation, frame.data)
    finally:
        telling.cancel()
    return ws


async def _tell_what_staff_say(request: web.Request, ws: web.WebSocketResponse, conversation: str, seen: int) -> None:
    """Until the page goes; `seen`: the newest line that it has."""
    with request.app[LIVE].listening(conversation) as changed:
        while not ws.closed:
            lines, to_rate = await asyncio.to_thread(_new_lines, request.app[DATABASE], conversation, seen)
            if lines:
                await ws.send_json({"type": "staff", "lines": [_as_line(line, to_rate) for line in lines]})
                seen = lines[-1].id
                await asyncio.to_thread(_mark_delivered, request.app[DATABASE], lines)
            await changed.wait()
            changed.clear()


async def _take(request: web.Request, ws: web.WebSocketResponse, conversation: str, frame: str) -> None:
    rating: tuple[str, Stars, str] | None = None
    number, text, button = "", "", None
    try:
        said = json.loads(frame)
        if said.get("type") == "rate":
            rating = str(said["case"]), Stars(said["stars"]), str(said.get("why", ""))
        elif said.get("type") == "press":
            number, button = str(said["id"])[:64], said["button"]
        else:
            number, text = str(said["id"])[:64], said["text"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        await ws.send_json({"type": "error", "id": None, "error": "没有看懂这条消息"})
        return
    if rating is not None:
        await _rate(request, ws, conversation, *rating)
        return
    await ws.send_json({"type": "typing"})
    chat, about = request.app[CHAT], (client_of(request), number)
    try:
        if button is None:
            answered = await chat.answer(conversation, "portal", text, *about)
        else:
            answered = await chat.press(conversation, "portal", button, *about)
    except BadMessage as error:
        await ws.send_json({"type": "error", "id": number, "error": str(error)})
    except TooManyMessages:
        await ws.send_json({"type": "error", "id": number, "error": "发得太快了，请稍等再发"})
    else:
        await ws.send_json({"type": "answer", "id": number, "messages": answered.messages})


async def _rate(
    request: web.Request, ws: web.WebSocketResponse, conversation: str, number: str, stars: Stars, why: str
) -> None:
    why = why.replace("\0", "")[:MAX_TEXT_CHARACTERS]
    try:
        asks = await asyncio.to_thread(_store_rating, request.app[DATABASE], conversation, number, stars, why)
    except NotYourCase:
        await ws.send_json({"type": "error", "id": None, "error": "没有找到要评价的答复"})
    except CaseActionRefused:
        await ws.send_json({"type": "error", "id": None, "error": "这次答复已经评价过了，或者还不能评价"})
    else:
        await ws.send_json({"type": "rated", "case": number, "stars": stars, "asks_why": asks})
        await request.app[LIVE].changed(conversation, QUEUE)


def _city(database: Database) -> City:
    with database.transaction() as session:
        return catalogue.get_city(session)


def _resume(database: Database, conversation_id: str) -> tuple[str, list[dict[str, Any]], int]:
    """The conversation to go on with, what was said in it, and the newest line of staff among that.

    A new conversation if the page has none or knows a wrong id.
    """
    with database.transaction() as session:
        if conversations.portal_conversation(session, conversation_id) is None:
            return conversations.new_conversation_id(), [], 0
        lines = staff_messages.staff_messages(session, conversation_id)
        staff_messages.mark_delivered(lines, utcnow())
        said = [(message.received_at, _as_seen(message)) for message in conversations.history(session, conversation_id)]
        to_rate = rateable(session, lines)
        said += [(line.at, {"staff": _as_line(line, to_rate)}) for line in lines]
        seen = lines[-1].id if lines else 0
        return conversation_id, [each for _, each in sorted(said, key=lambda pair: pair[0])], seen


def _as_seen(message: Message) -> dict[str, Any]:
    return {
        "id": message.client_id,
        "at": f"{message.received_at.astimezone(CHINA):%m-%d %H:%M}",
        "text": message.text,
        "messages": message.replies,
    }


def _as_line(line: StaffMessage, to_rate: Mapping[int, str]) -> dict[str, str]:
    shown = {"at": f"{line.at.astimezone(CHINA):%m-%d %H:%M}", "by": line.by_name, "text": line.text}
    return {**shown, "rate": to_rate[line.id]} if line.id in to_rate else shown


def _new_lines(database: Database, conversation_id: str, seen: int) -> tuple[list[StaffMessage], dict[int, str]]:
    """What staff wrote since, and which of it may be rated."""
    with database.transaction() as session:
        lines = [line for line in staff_messages.staff_messages(session, conversation_id) if line.id > seen]
        return lines, rateable(session, lines)


def _store_rating(database: Database, conversation_id: str, number: str, stars: Stars, why: str) -> bool:
    """Whether the citizen is to be asked why."""
    with database.transaction() as session:
        return asks_why(rate_in(session, conversation_id, number, stars, why, utcnow()))


def _mark_delivered(database: Database, lines: Sequence[StaffMessage]) -> None:
    with database.transaction() as session:
        staff_messages.mark_delivered([session.merge(line) for line in lines], utcnow())
