"""What an applicant does on the page `/answers` with an open request: hand in a supplement (条例 art. 30), withdraw.

The ticket of the page proves that the query code was given a short time ago.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from limits import RateLimitItem, parse
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.disclosures import errands
from bot.disclosures.errands import ErrandRefused
from bot.disclosures.models import Request
from bot.disclosures.service import assess
from bot.language.errands import ErrandKind
from bot.notices.file_formats import MOST_BYTES, FileRefused
from bot.notices.supplements import MOST_FILES, WordsRefused, hand_in
from bot.replies import errands as replies
from bot.sealing import Sealer
from bot.web.answers import TOO_OLD, answers_page
from bot.web.clients import client_of, comes_from_elsewhere, network_of
from bot.web.console.pages import form_of
from bot.web.disclosure_requests import LIMITER
from bot.web.errors import fields_of
from bot.web.keys import SETTINGS
from bot.web.public_pages import transact
from bot.web.tickets import number_of
from bot.workdays import today_in_china

routes = web.RouteTableDef()

# A refused file is mended and sent again a few times; each may be large.
PER_CLIENT: RateLimitItem = parse("20/hour")
MOST_UPLOADED_BYTES = MOST_FILES * MOST_BYTES + 1024 * 1024
_ELSEWHERE = "请从本站的页面提交。"


@routes.post("/answers/supplement")
async def supplement(request: web.Request) -> web.Response:
    if comes_from_elsewhere(request):
        return await answers_page(request, 403, error=_ELSEWHERE)
    if not await request.app[LIMITER].hit(PER_CLIENT, "supplement", network_of(client_of(request))):
        return await answers_page(request, 429, error="一小时内提交得太多了，请过一会儿再来。")
    if request.content_type.startswith("multipart/"):  # others are read already, by `errors.in_time`
        request = request.clone(client_max_size=MOST_UPLOADED_BYTES)
    try:
        form = await fields_of(request)
    except web.HTTPRequestTimeout:
        return await answers_page(request, 408, error="传得太慢，没有收完，请换个网络，或者把文件减小些再试。")
    except (web.HTTPRequestEntityTooLarge, web.HTTPBadRequest):
        said = f"文件太大或者没有传完整：最多 {MOST_FILES} 个，一个最大 {MOST_BYTES // 1024 // 1024} MB。请从头再来。"
        return await answers_page(request, 413, error=said)
    ticket, words = (_text(form.get(name)) for name in ("ticket", "words"))
    sealer, now = Sealer.of(request.app[SETTINGS]), utcnow()
    receipt = number_of(ticket, sealer, now)
    if receipt is None:
        return await answers_page(request, 403, error=TOO_OLD)
    files = [file for file in form.getall("file", []) if isinstance(file, web.FileField) and file.filename]
    try:
        said = await transact(request, _hand_in, receipt, words, files, sealer, now)
    except (WordsRefused, FileRefused) as refused:
        return await answers_page(request, 422, receipt=receipt, ticket=ticket, error=f"{refused}。", words=words)
    except (ErrandRefused, IntegrityError):
        return await _refused(request, receipt, ticket, ErrandKind.SUPPLEMENT)
    return await answers_page(request, receipt=receipt, ticket=ticket, said=said)


@routes.post("/answers/withdraw")
async def withdraw(request: web.Request) -> web.Response:
    if comes_from_elsewhere(request):
        return await answers_page(request, 403, error=_ELSEWHERE)
    form, now = await form_of(request), utcnow()
    ticket = form.get("ticket", "")
    receipt = number_of(ticket, Sealer.of(request.app[SETTINGS]), now)
    if receipt is None:
        return await answers_page(request, 403, error=TOO_OLD)
    if not form.get("sure"):
        said = "还没有撤回。确定要撤回的，请先勾选“我确定撤回”。"
        return await answers_page(request, 422, receipt=receipt, ticket=ticket, error=said)
    try:
        said = await transact(request, _withdraw, receipt, now)
    except (ErrandRefused, IntegrityError):
        return await _refused(request, receipt, ticket, ErrandKind.WITHDRAW)
    return await answers_page(request, receipt=receipt, ticket=ticket, said=said)


async def _refused(request: web.Request, receipt: str, ticket: str, kind: ErrandKind) -> web.Response:
    """The request is no longer in a state that allows it; a clerk or another window may have been quicker."""
    said = await transact(request, _why_refused, receipt, kind, utcnow())
    return await answers_page(request, 409, receipt=receipt, ticket=ticket, error=said)


def _text(field: object) -> str:
    return field if isinstance(field, str) else ""


def _hand_in(
    session: Session, receipt: str, words: str, files: Sequence[web.FileField], sealer: Sealer, now: datetime
) -> str:
    read = ((file.filename, file.file.read()) for file in files)
    request = hand_in(session, receipt, words, read, sealer, now)
    return replies.supplemented(request, assess(request, today_in_china(now))).text


def _withdraw(session: Session, receipt: str, now: datetime) -> str:
    return replies.withdrawn(errands.record(session, receipt, ErrandKind.WITHDRAW, "", now)).text


def _why_refused(session: Session, receipt: str, kind: ErrandKind, now: datetime) -> str:
    request = session.get_one(Request, receipt)
    return replies.why_refused(request, kind, assess(request, today_in_china(now)).state)
