"""`/talk`: the chat without scripts. A form is posted, and the answer is a page with the whole conversation.

The id of the conversation travels in a hidden field of the form, never in an address or a cookie
(`docs/decisions/0011-conversation-in-the-browser.md`). So another site can post nothing into it: it does not know the
id. Each form has a number of its own, so that a page that is sent twice is answered once.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.conversations.models import Message
from bot.conversations.service import new_conversation_id
from bot.replies import rating as wording
from bot.replies.failures import EMPTY
from bot.reviews.call_backs import CALL_BACK_TITLES, CallBackAnswer, NotAskedHere
from bot.web import portal_view as view
from bot.web.chat import CHAT, MAX_TEXT_CHARACTERS, BadMessage, Sender, TooManyMessages
from bot.web.clients import client_of, comes_from_elsewhere, network_of
from bot.web.console.pages import form_of
from bot.web.keys import DATABASE, LIVE, SETTINGS
from bot.web.live import QUEUE
from bot.web.portal import is_elder
from bot.web.portal_view import PageStanding
from bot.web.public_pages import public_page

routes = web.RouteTableDef()

CITIZEN, ASSISTANT = "您", "助手"
WITH_PERSON = "已送达，等工作人员回答。"
STILL_ASKING = "正在查，过一会儿按“看看有没有新的”。"


@dataclass(frozen=True)
class TalkLine:
    """What was said, by 您, 助手 or a clerk. `buttons`: what may be pressed after it.

    `call_back`: the id of the line, if it asks whether it is solved and is not answered yet.
    """

    by: str
    text: str
    buttons: Sequence[Mapping[str, str]] = field(default=())
    call_back: int | None = None


@routes.get("/talk")
async def begin(request: web.Request) -> web.Response:
    return await _page(request, new_conversation_id())


@routes.post("/talk")
async def say(request: web.Request) -> web.Response:
    """The fields: `conversation`, `number`, and `text`, `button` or `call_back`; with none, what is new is shown."""
    form = await form_of(request)
    if comes_from_elsewhere(request):
        return await _page(request, new_conversation_id(), 403, problem="请从本站的页面发送。")
    conversation, is_over = await _conversation(request, form.get("conversation", ""))
    number, text = form.get("number", "")[: view.LONGEST_NUMBER] or secrets.token_urlsafe(8), form.get("text", "")
    if is_over:
        return await _page(request, conversation, problem="之前的对话已经结束，可以直接问新的问题。", typed=text)
    sender = Sender(network_of(client_of(request)), number, is_held=False)
    try:
        if form.get("button"):
            answered = await request.app[CHAT].press(conversation, "portal", form["button"], sender)
        elif form.get("call_back"):
            return await _page(
                request, conversation, problem=await _call_back(request, conversation, form["call_back"])
            )
        elif text.strip():
            answered = await request.app[CHAT].answer(conversation, "portal", text, sender)
        elif "text" in form:
            return await _page(request, conversation, problem=EMPTY.text)
        else:
            return await _page(request, conversation)
    except BadMessage as error:
        return await _page(request, conversation, 422, problem=f"{error}。", typed=text)
    except TooManyMessages as error:
        return await _page(request, conversation, 429, problem=f"{error}。", typed=text)
    # Only here does the answer hold the query code of a request just filed.
    return await _page(request, conversation, told={answered.message_id: answered.messages})


async def _call_back(request: web.Request, conversation: str, pressed: str) -> str:
    """Stores the answer to a call-back, pressed as `LINE:ANSWER`; returns what to tell the citizen."""
    line, _, answer = pressed.partition(":")
    try:
        is_reopened = await asyncio.to_thread(
            view.store_call_back, request.app[DATABASE], conversation, int(line), CallBackAnswer(answer)
        )
    except (ValueError, NotAskedHere):
        return wording.called_back_before()
    await request.app[LIVE].changed(conversation, QUEUE)
    return wording.called_back(is_reopened=is_reopened)


async def _conversation(request: web.Request, wanted: str) -> tuple[str, bool]:
    """The conversation to go on in, and whether the one that was wanted is over."""
    if not wanted:
        return new_conversation_id(), False
    idle = timedelta(minutes=request.app[SETTINGS].portal_idle_minutes)
    found, _ = await asyncio.to_thread(view.standing, request.app[DATABASE], wanted, idle)
    return (new_conversation_id(), True) if found == PageStanding.OVER else (wanted, False)


async def _page(
    request: web.Request,
    conversation: str,
    status: int = 200,
    *,
    problem: str = "",
    typed: str = "",
    told: Mapping[int, list[dict[str, Any]]] | None = None,
) -> web.Response:
    """`told`: message id → its answer as it was given, in place of the stored one."""
    seen = await asyncio.to_thread(view.read_page, request.app[DATABASE], conversation)
    await asyncio.to_thread(view.mark_delivered, request.app[DATABASE], seen.lines)
    lines = _lines(seen, told or {})
    return await public_page(
        request,
        "talk.html",
        status,
        site=request.app[SETTINGS].site,
        lines=lines,
        call_backs=CALL_BACK_TITLES,
        asked=max((place for place, line in enumerate(lines) if line.by == CITIZEN), default=None),
        conversation=conversation,
        number=secrets.token_urlsafe(8),
        problem=problem,
        typed=typed,
        is_elder=is_elder(request),
        max_characters=MAX_TEXT_CHARACTERS,
    )


def _lines(seen: view.View, told: Mapping[int, list[dict[str, Any]]]) -> list[TalkLine]:
    lines: list[TalkLine] = []
    for each in view.in_order(seen):
        if not isinstance(each, Message):
            lines.append(TalkLine(each.by_name, each.text, call_back=each.id if each.id in seen.call_backs else None))
            continue
        lines.append(TalkLine(CITIZEN, each.text))
        answers = told.get(each.id, each.replies)
        lines += [TalkLine(ASSISTANT, answer["text"], answer.get("buttons", ())) for answer in answers]
        if not answers:
            lines.append(TalkLine(ASSISTANT, WITH_PERSON if each.outcome else STILL_ASKING))
    return lines
