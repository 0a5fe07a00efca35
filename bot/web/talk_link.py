"""“把对话发给我”: a link to a conversation is sent by SMS or mail, and opens it for reading.

`POST /talk/link` with `conversation` is the form that asks where to; with `contact` too, it sends. The id of the
conversation is a secret and in no address; `GET /t/TOKEN` shows the conversation without it. Whoever opens the link may
be a stranger whose number somebody named, so personal data is masked, what was asked is told from what was answered,
and nothing in it can be followed or pressed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from limits import RateLimitItem, parse
from sqlalchemy.orm import Session

from bot.conversations import talk_links
from bot.conversations.models import Message
from bot.conversations.service import history
from bot.conversations.staff_messages import staff_messages
from bot.conversations.talk_links import LASTS
from bot.db import utcnow
from bot.helpline.link_to_talk import LinkRefused, contacts_in_words, send_link
from bot.helpline.subscribers import LONGEST_ADDRESS
from bot.language.masking import mask, mask_contact
from bot.sealing import Sealer
from bot.settings import Settings
from bot.web.clients import client_of, comes_from_elsewhere, network_of
from bot.web.console.pages import form_of, in_china
from bot.web.console.transcript import MOST_MESSAGES, asked
from bot.web.keys import SETTINGS
from bot.web.portal_view import View, in_order, is_of_page
from bot.web.public_pages import LIMITER, public_page, transact

routes = web.RouteTableDef()

PER_CLIENT: RateLimitItem = parse("10/hour")
ASKED, ASSISTANT, NOTICE = "提问", "助手", "提示"
_NOTHING = "这段对话已经结束，或者还没有内容，没有可发的。"
_HOW = "请回到您的对话，按对话下面的“把对话发给我”。"
_TOO_OFTEN = "一小时里发得太多了，请过一会儿再发，或者下载对话。"
_WEB_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s，。；、）]+", re.IGNORECASE)
_HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@dataclass(frozen=True)
class ReadLine:
    by: str
    at: str
    text: str


def contacts_offered(settings: Settings) -> str:
    """“手机号或者邮箱”: where a link can be sent; empty if nowhere. Without `PUBLIC_URL` no link can be made: the
    address that a client names could be another's.
    """
    return contacts_in_words(settings.sending_channels) if settings.public_url else ""


@routes.get("/talk/link")
async def say_how(request: web.Request) -> web.Response:
    """For whoever comes back to the address of the form, which does not tell the conversation."""
    return await _form_page(request, "", problem=_HOW)


@routes.post("/talk/link")
async def send(request: web.Request) -> web.Response:
    settings = request.app[SETTINGS]
    if comes_from_elsewhere(request) or not contacts_offered(settings):
        raise web.HTTPNotFound
    form = await form_of(request)
    conversation, contact = form.get("conversation", ""), form.get("contact", "").strip()[:LONGEST_ADDRESS]
    if not await transact(request, _has_content, conversation):
        return await _form_page(request, "", 422, problem=_NOTHING)
    if "contact" not in form:
        return await _form_page(request, conversation)
    if not await request.app[LIMITER].hit(PER_CLIENT, "link", network_of(client_of(request))):
        return await _form_page(request, conversation, 429, problem=_TOO_OFTEN, typed=contact)
    try:
        await transact(
            request,
            send_link,
            Sealer.of(settings),
            conversation,
            contact,
            settings.sending_channels,
            settings.public_url,
            utcnow(),
        )
    except LinkRefused as refused:
        return await _form_page(request, conversation, 422, problem=f"{refused}。", typed=contact)
    return await _form_page(request, conversation, sent_to=mask_contact(contact))


@routes.get("/t/{token}")
async def read(request: web.Request) -> web.Response:
    lines, until = await transact(request, _lines_of, request.match_info["token"], utcnow())
    status = 200 if lines else 404
    page = await public_page(request, "talk_read.html", status, lines=lines, until=until)
    page.headers.update(_HEADERS)
    return page


async def _form_page(
    request: web.Request, conversation: str, status: int = 200, *, problem: str = "", typed: str = "", sent_to: str = ""
) -> web.Response:
    return await public_page(
        request,
        "talk_link.html",
        status,
        conversation=conversation,
        problem=problem,
        typed=typed,
        sent_to=sent_to,
        contacts=contacts_offered(request.app[SETTINGS]),
        longest=LONGEST_ADDRESS,
        days=LASTS.days,
    )


def _has_content(session: Session, conversation_id: str) -> bool:
    return is_of_page(session, conversation_id) and bool(history(session, conversation_id, 1))


def _lines_of(session: Session, token: str, now: datetime) -> tuple[Collection[ReadLine], str]:
    """What was said, and until when it may be read; nothing, if the link is none or no longer."""
    link = talk_links.opened(session, token, now)
    if link is None:
        return (), ""
    conversation_id = link.conversation_id
    said = View(history(session, conversation_id, MOST_MESSAGES), staff_messages(session, conversation_id), {})
    return list(_lines(said)), in_china(link.made_at + LASTS)


def _lines(said: View) -> Iterator[ReadLine]:
    for each in in_order(said):
        if isinstance(each, Message):
            shown = asked(each, {})
            yield ReadLine(ASKED, in_china(each.received_at), _WEB_ADDRESS.sub("[网址]", shown.text))
            for answer in shown.answers:
                yield ReadLine(ASSISTANT, in_china(each.answered_at or each.received_at), answer)
        else:
            yield ReadLine(each.by_name or NOTICE, in_china(each.at), mask(each.text))
