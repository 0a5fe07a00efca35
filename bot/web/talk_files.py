"""Files between a citizen and the clerk who answers, as the citizen's pages send and open them.

- `POST /talk/files`, a form with `conversation`, `number` and `file`: the answer is 204, or `{"error"}`. What was sent
  shows up on the pages of the conversation. `/talk` takes the same fields (`bot.web.talk`).
- `POST /talk/files/{id}` with `conversation`: the file. The id of the conversation is a secret and in no address.

A file is taken once a person answers, or is waited for: the assistant reads none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web
from limits import RateLimitItem, parse
from sqlalchemy.orm import Session

from bot.conversations import talk_files
from bot.conversations.holding import lock_holder
from bot.conversations.models import Conversation, TalkFile
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.service import store_answer, store_message
from bot.conversations.talk_files import NoSuchFile, SealedFile, TooManyFiles
from bot.db import utcnow
from bot.notices.file_formats import CONTENT_TYPES, MOST_BYTES, FileRefused, Format
from bot.reviews.intake import tell_of_words
from bot.reviews.waiting_line import Stage, person_near
from bot.sealing import SealBroken, Sealer
from bot.staff import audit
from bot.web import portal_view
from bot.web.clients import client_of, comes_from_elsewhere, network_of
from bot.web.console.fields import number_in
from bot.web.console.pages import attachment, form_of
from bot.web.errors import fields_of
from bot.web.keys import LIVE, SETTINGS
from bot.web.live import QUEUE
from bot.web.public_pages import transact
from bot.web.rates import Rates
from bot.web.received_files import MOST_UPLOADED_BYTES, received

routes = web.RouteTableDef()

LIMITER = web.AppKey("talk_files_limiter", Rates)
# One matter takes a few pictures; behind one address may be a whole office.
PER_CLIENT: RateLimitItem = parse("60/hour")
BY_CITIZEN = "本人"
NOT_YET = "转人工以后才能发文件，请先按“转人工”"
ELSEWHERE = "请从本站的页面发送"
TOO_FAST = "一小时内发的文件太多了，请过一会儿再发"
TOO_LARGE = f"文件太大或者没有传完整，一个文件最多 {MOST_BYTES // 1024 // 1024} MB"
TOO_SLOW = "传得太慢，没有收完，请换个网络，或者把文件减小些再试"


@routes.post("/talk/files")
async def send(request: web.Request) -> web.Response:
    if comes_from_elsewhere(request):
        return _error(403, ELSEWHERE)
    try:
        form = await upload_of(request)
        await take_in(request, _text(form, "conversation"), _text(form, "number"), form.get("file"))
    except web.HTTPRequestTimeout:
        return _error(408, TOO_SLOW)
    except (web.HTTPRequestEntityTooLarge, web.HTTPBadRequest):
        return _error(413, TOO_LARGE)
    except FileRefused as refused:
        return _error(422, str(refused))
    return web.Response(status=204)


@routes.post("/talk/files/{file_id}")
async def open_file(request: web.Request) -> web.Response:
    form, wanted = await form_of(request), number_in(request.match_info["file_id"])
    if comes_from_elsewhere(request) or wanted is None:
        raise web.HTTPNotFound
    sealer = Sealer.of(request.app[SETTINGS])
    try:
        file, content = await transact(request, _open, form.get("conversation", ""), wanted, sealer, utcnow())
    except (NoSuchFile, SealBroken):
        raise web.HTTPNotFound from None
    return attachment(content, CONTENT_TYPES[Format(file.format)], file.name)


async def upload_of(request: web.Request) -> Mapping[str, object]:
    """The fields of a form with a file. Raises what `fields_of` raises, and web.HTTPRequestEntityTooLarge."""
    if request.content_type.startswith("multipart/"):  # others are read already, by `errors.in_time`
        request = request.clone(client_max_size=MOST_UPLOADED_BYTES)
    return await fields_of(request)


async def take_in(request: web.Request, conversation: str, number: str, field: object) -> None:
    """Keeps what the citizen sends, and wakes all who look at the conversation.

    `number`: the page's own number of the message; sent twice, it is kept once.

    Raises:
        FileRefused
    """
    if not await request.app[LIMITER].hit(PER_CLIENT, "talk file", network_of(client_of(request))):
        raise FileRefused(TOO_FAST)
    file = await received(field, Sealer.of(request.app[SETTINGS]))
    await transact(request, _store, conversation, number[: portal_view.LONGEST_NUMBER], file, utcnow())
    await request.app[LIVE].changed(conversation, QUEUE)


def _text(form: Mapping[str, object], name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _error(status: int, words: str) -> web.Response:
    return web.json_response({"error": words}, status=status)


def _store(session: Session, conversation_id: str, number: str, file: SealedFile, now: datetime) -> None:
    lock_holder(session, conversation_id)
    is_open = portal_view.is_of_page(session, conversation_id)
    if not is_open or person_near(session, conversation_id, now).stage == Stage.NOBODY:
        raise FileRefused(NOT_YET)
    conversation = session.get_one(Conversation, conversation_id)
    message = store_message(session, conversation, f"文件：{file.name}", now, number or None)
    if message.outcome is not None:
        return
    try:
        talk_files.keep(session, conversation_id, file, message_id=message.id)
    except TooManyFiles as refused:
        raise FileRefused(str(refused)) from None
    store_answer(session, message.id, [], Provenance(Outcome.WITH_PERSON), now)
    tell_of_words(session, conversation_id, now)


def _open(
    session: Session, conversation_id: str, file_id: int, sealer: Sealer, now: datetime
) -> tuple[TalkFile, bytes]:
    if not portal_view.is_of_page(session, conversation_id):
        raise NoSuchFile(file_id)
    file = talk_files.get_file(session, [conversation_id], file_id)
    content = talk_files.content_of(session, file, sealer)
    audit.record(session, who=BY_CITIZEN, action="open_talk_file", subject=f"文件 {file.id}", why="", at=now)
    return file, content
