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
from bot.db import utcnow
from bot.notices.file_formats import FileRefused
from bot.replies import rating as wording
from bot.replies.failures import EMPTY
from bot.reviews.call_backs import CALL_BACK_TITLES, CallBackAnswer, NotAskedHere
from bot.reviews.ratings import NotYourCase
from bot.reviews.reasons import STARS_TITLES, Stars
from bot.reviews.states import CaseActionRefused
from bot.storable import row_id
from bot.web import portal_view as view
from bot.web.chat import CHAT, MAX_TEXT_CHARACTERS, BadMessage, Sender, TooManyMessages
from bot.web.citizens import filed_in, link, token_of
from bot.web.clients import client_of, comes_from_elsewhere, network_of
from bot.web.keys import DATABASE, LIVE, SETTINGS
from bot.web.live import QUEUE
from bot.web.portal_view import PageStanding
from bot.web.public_pages import public_page, transact
from bot.web.received_files import FORMATS
from bot.web.talk_files import TOO_LARGE, TOO_SLOW, take_in, upload_of
from bot.web.talk_link import contacts_offered

routes = web.RouteTableDef()

CITIZEN, ASSISTANT = "您", "助手"
WITH_PERSON = "已送达，等工作人员回答。"
STILL_ASKING = "正在查，过一会儿按“看看有没有新的”。"
# Best first, as people read them.
GRADES = {int(stars): title for stars, title in sorted(STARS_TITLES.items(), reverse=True)}
_NOT_RECEIVED = {408: TOO_SLOW, 413: TOO_LARGE, 400: TOO_LARGE}


@dataclass(frozen=True)
class TalkLine:
    """What was said, by 您, 助手 or a clerk, with the file that came with it, if any.

    `buttons`: what may be pressed after it. `rate`: the number of the case that the line answers, if it may be rated.
    `call_back`: the id of the line, if it asks whether it is solved and is not answered yet.
    """

    by: str
    text: str
    buttons: Sequence[Mapping[str, str]] = field(default=())
    file: Mapping[str, Any] | None = None
    rate: str = ""
    call_back: int | None = None


@routes.get("/talk")
async def begin(request: web.Request) -> web.Response:
    return await _page(request, new_conversation_id())


@routes.post("/talk")
async def say(request: web.Request) -> web.Response:
    """Takes `conversation`, `number`, and `text`, `button`, `file`, `stars` or `call_back`; without these it shows what
    is new."""
    try:
        form, file = await _form(request)
    except web.HTTPException as error:
        return await _page(request, new_conversation_id(), error.status, problem=f"{_NOT_RECEIVED[error.status]}。")
    if comes_from_elsewhere(request):
        return await _page(request, new_conversation_id(), 403, problem="请从本站的页面发送。")
    conversation, is_over = await _conversation(request, form.get("conversation", ""))
    number, text = form.get("number", "")[: view.LONGEST_NUMBER] or secrets.token_urlsafe(8), form.get("text", "")
    if is_over:
        return await _page(request, conversation, problem="之前的对话已经结束，可以直接问新的问题。", typed=text)
    if form.get("stars"):
        return await _rate(request, conversation, form)
    if file is not None:
        return await _take_in(request, conversation, number, file)
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
    if (token := token_of(request)) and (filed := filed_in(answered.messages)):
        await transact(request, link, token, filed, utcnow())
    # Only here does the answer hold the query code of a request just filed.
    return await _page(request, conversation, told={answered.message_id: answered.messages})


async def _call_back(request: web.Request, conversation: str, pressed: str) -> str:
    """Stores the answer to a call-back, pressed as `LINE:ANSWER`; returns what to tell the citizen."""
    line, _, answer = pressed.partition(":")
    try:
        is_reopened = await asyncio.to_thread(
            view.store_call_back, request.app[DATABASE], conversation, row_id(int(line)), CallBackAnswer(answer)
        )
    except (ValueError, NotAskedHere):
        return wording.called_back_before()
    await request.app[LIVE].changed(conversation, QUEUE)
    return wording.called_back(is_reopened=is_reopened)


async def _form(request: web.Request) -> tuple[Mapping[str, str], object]:
    """The fields that are text, and the file if one comes with them. Raises what `upload_of` raises."""
    fields = await upload_of(request)
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    return texts, fields.get("file")


async def _take_in(request: web.Request, conversation: str, number: str, file: object) -> web.Response:
    try:
        await take_in(request, conversation, number, file)
    except FileRefused as refused:
        return await _page(request, conversation, 422, problem=f"{refused}。")
    return await _page(request, conversation)


async def _rate(request: web.Request, conversation: str, form: Mapping[str, str]) -> web.Response:
    """Keeps the grade of a clerk's answer; the two lowest ask why, by a form with the same fields and `why`."""
    number, why = form.get("case", ""), form.get("why", "")[:MAX_TEXT_CHARACTERS]
    try:
        stars = Stars(int(form["stars"]))
        asks = await asyncio.to_thread(view.store_rating, request.app[DATABASE], conversation, number, stars, why)
    except (ValueError, NotYourCase, CaseActionRefused):
        return await _page(request, conversation, 422, problem="这次答复已经评价过了，或者不能评价。")
    await request.app[LIVE].changed(conversation, QUEUE)
    return await _page(request, conversation, rated={"case": number, "stars": stars, "asks_why": asks})


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
    rated: Mapping[str, object] | None = None,
) -> web.Response:
    """`told`: message id → its answer as it was given, in place of the stored one. `rated`: what was just graded:
    `case`, `stars` and `asks_why`."""
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
        near=await asyncio.to_thread(view.read_person, request.app[DATABASE], conversation),
        rated=rated,
        grades=GRADES,
        formats=FORMATS,
        may_send_link=bool(contacts_offered(request.app[SETTINGS])),
        number=secrets.token_urlsafe(8),
        problem=problem,
        typed=typed,
        max_characters=MAX_TEXT_CHARACTERS,
    )


def _lines(seen: view.View, told: Mapping[int, list[dict[str, Any]]]) -> list[TalkLine]:
    lines: list[TalkLine] = []
    for each in view.in_order(seen):
        if not isinstance(each, Message):
            shown, asks = view.as_line(each, seen), each.id if each.id in seen.call_backs else None
            lines.append(TalkLine(each.by_name, each.text, (), shown.get("file"), shown.get("rate", ""), asks))
            continue
        lines.append(TalkLine(CITIZEN, each.text, file=view.as_asked(each, seen.files).get("file")))
        answers = told.get(each.id, each.replies)
        lines += [TalkLine(ASSISTANT, answer["text"], answer.get("buttons", ())) for answer in answers]
        if not answers:
            lines.append(TalkLine(ASSISTANT, WITH_PERSON if each.outcome else STILL_ASKING))
    return lines
