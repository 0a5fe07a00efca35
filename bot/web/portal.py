"""The chat page and its WebSocket.

The socket carries JSON frames. The page sends the first: `{"type": "hello", "conversation"}`, with the id of the
conversation that it shows, or null, and `lang`, the language that it is written in: a page in `zh-Hant` is answered in
traditional characters (`bot.web.characters`). The answer is `{"type": "hello", "conversation", "history", "ended",
"earlier"}`: the id to keep, and what was said last, oldest first. The id is a new one if the page sent none, or if
`ended` says that the old conversation is over. `earlier` is null, or what to send as `before` to get what was said
before that.

From the page afterwards:
- `{"type": "say", "id", "text"}`. `id` is the page's own number of the message: sent again after a lost connection, it
  is answered once.
- `{"type": "press", "id", "button"}`: the same with the `id` of a button that was offered.
- `{"type": "shown", "id"}`: the page shows the answer that came with `once`, so the server need not keep it any longer.
- `{"type": "rate", "case", "stars", "why"}`, 1 (非常不满意) to 5 stars.
- `{"type": "call_back", "line", "answer"}`: answers the line that asks whether it is solved: `content`, `not_content`
  or `unsolved`.
- `{"type": "grade", "id", "stars"}`: grades the answer to the message `id`, once.
- `{"type": "earlier", "before"}`: asks for what was said before.
- `{"type": "writing"}`: the citizen types while a person answers. Nothing of it is stored.
- `{"type": "leave"}`: the conversation is over for everybody who knows its id.
- `{"type": "forget"}`: asks what must be kept by law; with `"sure": true`, asks to delete all the rest.

To the page:
- `{"type": "typing", "id"}`: the question has arrived.
- `{"type": "waiting", "id", "place"}`: the place of the question in the line, from 1.
- `{"type": "said", "id", "at", "text"}`: asked on another page of the same conversation.
- `{"type": "answer", "id", "messages"}`: sent to each page of the conversation, also if the question came over a
  connection that is gone. `once`: the messages hold a query code, which is not shown a second time. The answer to a
  message for a person has no messages. `stars`: the answer can be graded; 0, or its grade.
- `{"type": "graded", "id", "stars"}`.
- `{"type": "earlier", "history", "earlier"}`, as in the greeting.
- `{"type": "error", "id", "error"}`: why the message was not taken; if `id` is null, what else went wrong.
- `{"type": "staff", "lines": [{"id", "at", "by", "text"}]}`: what a person wrote; a line with an empty `by` is a
  notice. A line that answers a case has `rate`, the case's number; one that asks whether it is solved `call_back`.
- `{"type": "called_back", "line", "text"}`: the answer was taken; `text` is shown.
- `{"type": "person", "stage", "place", "on_duty"}`: how far the citizen is on the way to a person: `waits`, with the
  place in the line from 1; `taken` up by one; `talks` with one; `nobody` any more. Sent when it changes.
- `{"type": "writing"}`: the person types.
- `{"type": "rated", "case", "stars", "asks_why"}`. If `asks_why`, the page may send the rating again with the reason.
- `{"type": "forget", "kept"}`, or after `"sure": true` `{"type": "forgotten", "receipt", "kept"}`; `kept`: what stays
  and why, a sentence each. If nothing was said yet, an `error`.
- `{"type": "ended"}`: the citizen left on another page, or was silent for too long.

A message or a line that brought a file has `file`: `{"id", "name", "size"}` (`bot.web.talk_files`).
An entry of `history` has the fields of `said`, and those of `answer` if there is one; or it is `{"staff": {...}}`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

from aiohttp import WSCloseCode, WSMsgType, web

from bot.catalogue import service as catalogue
from bot.catalogue.models import City
from bot.conversations.service import new_conversation_id
from bot.db import Database
from bot.replies.front_page import question
from bot.reviews.promises import Promises
from bot.web.chat import MAX_TEXT_CHARACTERS
from bot.web.citizens import token_of
from bot.web.clients import client_of, comes_from_elsewhere, network_of
from bot.web.elder import view_of
from bot.web.front_page import front_page
from bot.web.keys import DATABASE, SETTINGS, TEMPLATES
from bot.web.open_page import NOT_UNDERSTOOD, OpenPage
from bot.web.portal_view import PageStanding, standing
from bot.web.received_files import FORMATS
from bot.web.talk_link import contacts_offered
from bot.web.under_way import UNDER_WAY

routes = web.RouteTableDef()

# The sockets of open pages.
PAGES: web.AppKey[set[web.WebSocketResponse]] = web.AppKey("pages")
# Less than the supervisor waits for the process to end.
ANSWERED_WITHIN_SECONDS = 8.0

# Room for 2,000 characters of six bytes each, if they are escaped.
MAX_FRAME_BYTES = 16 * 1024
HEARTBEAT_SECONDS = 25
HELLO_WITHIN_SECONDS = 10
# As for other pages (`bot.web.headers`), but with the form that asks without scripts.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
# All that `chat.js` imports, so that the browser asks for it at once.
MODULES = sorted(
    f"{name}.js"
    for name in (
        "cards", "chat", "connection", "element", "forgetting", "item_card", "joint_card", "memory", "printing",
        "person", "questions", "rating", "receipt", "speech", "suggest", "tabs",
    )
)  # fmt: skip


@routes.get("/")
async def page(request: web.Request) -> web.Response:
    html = await chat_page(request)
    return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})


async def chat_page(request: web.Request, framed_by: Sequence[str] | None = None) -> str:
    """The page. The words of `?q=…`, or those that ask about `?item=…`, stand in the field and are not sent.

    `framed_by`: the origins of the sites that may show it in a frame; None if it is not for a frame.
    """
    database = request.app[DATABASE]
    city = await asyncio.to_thread(_city, database)
    item = request.query.get("item", "")
    about_item = await asyncio.to_thread(_question_about, database, item) if item else ""
    settings = request.app[SETTINGS]
    return (
        request.app[TEMPLATES]
        .get_template("chat.html")
        .render(
            city=city,
            site=settings.site,
            front=await front_page(request.app),
            duty_hours=Promises.of(settings).duty_hours,
            **view_of(request),
            modules=MODULES,
            formats=FORMATS,
            may_send_link=bool(contacts_offered(settings)),
            framed_by=framed_by,
            typed=(request.query.get("q") or about_item)[:MAX_TEXT_CHARACTERS],
            max_characters=MAX_TEXT_CHARACTERS,
        )
    )


@routes.get("/ws")
async def socket(request: web.Request) -> web.WebSocketResponse:
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden(reason="这个网页不能接入，请从政务网站进入")
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=MAX_FRAME_BYTES)
    await ws.prepare(request)
    try:
        wanted, language = await _first_frame(ws)
    except (ValueError, TypeError, KeyError, RecursionError, TimeoutError):
        if not ws.closed:
            await ws.send_json({"type": "error", "id": None, "error": NOT_UNDERSTOOD})
            await ws.close()
        return ws
    conversation = await _conversation_for(request.app, wanted)
    opened = OpenPage(request.app, ws, network_of(client_of(request)), conversation, token_of(request), language)
    await opened.greet(ended=bool(wanted) and conversation != wanted)
    request.app[PAGES].add(ws)
    following = [
        asyncio.create_task(each) for each in (opened.follow(), opened.follow_person(), opened.follow_writing())
    ]
    try:
        async for frame in ws:
            if frame.type == WSMsgType.TEXT:
                await opened.take(frame.data)
    finally:
        for each in following:
            each.cancel()
        opened.leave_off()
        request.app[PAGES].discard(ws)
    return ws


async def send_pages_away(app: web.Application) -> None:
    """For shutdown: answers the questions under way, then closes the sockets. A page connects again by itself, to
    another machine if there is one, and sends again what was not answered."""
    await app[UNDER_WAY].settle(ANSWERED_WITHIN_SECONDS)
    pages = app[PAGES]
    closing = [ws.close(code=WSCloseCode.GOING_AWAY) for ws in pages]
    await asyncio.gather(*closing, return_exceptions=True)


async def _first_frame(ws: web.WebSocketResponse) -> tuple[str, str]:
    """The conversation that is wanted, and the language of the page.

    The id comes in the first frame and not in the URL, since it is a secret and URLs are logged.
    """
    hello = json.loads(await ws.receive_str(timeout=HELLO_WITHIN_SECONDS))
    if hello["type"] != "hello":
        raise ValueError("the first frame must be a hello")
    return str(hello.get("conversation") or ""), str(hello.get("lang") or "")


async def _conversation_for(app: web.Application, wanted: str) -> str:
    if wanted:
        idle = timedelta(minutes=app[SETTINGS].portal_idle_minutes)
        found, _ = await asyncio.to_thread(standing, app[DATABASE], wanted, idle)
        if found != PageStanding.OVER:
            return wanted
    return new_conversation_id()


def _city(database: Database) -> City:
    with database.transaction() as session:
        return catalogue.get_city(session)


def _question_about(database: Database, code: str) -> str:
    """Asks about the item, empty if there is none of this code."""
    with database.transaction() as session:
        item = catalogue.get_item(session, code)
        return question(item.name, "overview") if item else ""
