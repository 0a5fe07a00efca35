"""`POST /talk/history`: what was said in a conversation, as a text file for the citizen. Query codes are not in it.

The id of the conversation is a secret, so it comes in the form and not in the address.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.conversations.models import Message
from bot.conversations.service import history
from bot.conversations.staff_messages import staff_messages
from bot.db import utcnow
from bot.web.clients import comes_from_elsewhere
from bot.web.console.pages import attachment, form_of
from bot.web.portal_view import View, in_order, is_of_page
from bot.web.public_pages import transact
from bot.workdays import CHINA

routes = web.RouteTableDef()

MOST_MESSAGES = 1000
CITIZEN, ASSISTANT, NOTICE = "您", "助手", "提示"


@routes.post("/talk/history")
async def download(request: web.Request) -> web.Response:
    if comes_from_elsewhere(request):
        raise web.HTTPNotFound
    now = utcnow()
    text = await transact(request, _text, (await form_of(request)).get("conversation", ""), now)
    if text is None:
        raise web.HTTPNotFound
    # With a byte order mark, without which older editors take Chinese for another encoding.
    return attachment(text.encode("utf-8-sig"), "text/plain", f"对话记录 {now.astimezone(CHINA):%Y-%m-%d}.txt")


def _text(session: Session, conversation_id: str, now: datetime) -> str | None:
    """None if there is no such conversation of a page."""
    if not is_of_page(session, conversation_id):
        return None
    said = View(history(session, conversation_id, MOST_MESSAGES), staff_messages(session, conversation_id), {})
    title = f"{catalogue.get_city(session).name}政务助手 对话记录"
    made = f"{now.astimezone(CHINA):%Y-%m-%d %H:%M} 下载。里面有您的个人信息，请保管好。"
    return "\n".join([title, made, "", *_lines(said)]).replace("\r\n", "\n").replace("\n", "\r\n")


def _lines(said: View) -> Iterator[str]:
    for each in in_order(said):
        if isinstance(each, Message):
            yield from _turn(each.received_at, CITIZEN, each.text)
            for reply in each.replies:
                yield from _turn(each.answered_at or each.received_at, ASSISTANT, reply["text"])
        else:
            yield from _turn(each.at, each.by_name or NOTICE, each.text)


def _turn(at: datetime, by: str, text: str) -> Iterator[str]:
    yield f"{at.astimezone(CHINA):%Y-%m-%d %H:%M} {by}："
    yield text
    yield ""
