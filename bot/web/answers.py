"""`/answers`: an applicant fetches the notices and files of a request, with receipt and query code.

The code is sent in the body of a form, never in an address, since addresses are logged. The page that lists what there
is holds a sealed ticket in its place, good for half an hour.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.catalogue import service as catalogue
from bot.catalogue.models import City
from bot.db import Database, utcnow
from bot.disclosures.models import Request
from bot.disclosures.service import LookUp, look_up
from bot.notices.answer_files import answer_files, answer_notices, content_of
from bot.notices.file_formats import CONTENT_TYPES, Format
from bot.notices.fonts import has_chinese_font
from bot.notices.models import AnswerFile, Notice
from bot.notices.pdf import as_pdf
from bot.notices.service import note_opened_by_applicant
from bot.notices.word import as_word
from bot.replies.answers import look_up_refused
from bot.sealing import SealBroken, Sealer
from bot.web.clients import tries_digest
from bot.web.console.fields import number_in
from bot.web.console.pages import attachment, form_of
from bot.web.keys import DATABASE, SETTINGS, TEMPLATES
from bot.workdays import today_in_china

logger = logging.getLogger(__name__)

routes = web.RouteTableDef()

TICKET_LASTS = timedelta(minutes=30)
_LONGEST = 40
# Stricter than for other pages (`bot.web.headers`), but with forms.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


@dataclass(frozen=True)
class _Listed:
    request: Request
    notices: list[Notice]
    files: list[AnswerFile]


@dataclass(frozen=True)
class _Download:
    name: str
    content_type: str
    make: Callable[[], bytes]


@routes.get("/answers")
async def ask(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post("/answers")
async def show(request: web.Request) -> web.Response:
    """Lists what there is."""
    form = await form_of(request)
    receipt, now = form.get("receipt", "").strip()[:_LONGEST], utcnow()
    sealer, client = Sealer.of(request.app[SETTINGS]), tries_digest(request)
    code = form.get("query_code", "").strip()[:_LONGEST]
    found = await asyncio.to_thread(_look_up, request.app[DATABASE], receipt, code, client, now)
    if found.request is None:
        said = look_up_refused(found.attempts_left, found.paused_until)
        return await _page(request, 403, receipt=receipt, error=said)
    listed = await asyncio.to_thread(_list, request.app[DATABASE], found.request.receipt)
    ticket = sealer.seal_object({"receipt": found.request.receipt, "until": (now + TICKET_LASTS).isoformat()})
    return await _page(request, receipt=found.request.receipt, listed=listed, ticket=ticket)


@routes.post("/answers/download")
async def download(request: web.Request) -> web.Response:
    """The field `what` names a notice or a file of the list. A notice that is opened counts as delivered."""
    form, sealer = await form_of(request), Sealer.of(request.app[SETTINGS])
    receipt = _receipt_of(form.get("ticket", ""), sealer, utcnow())
    if receipt is None:
        return await _page(request, 403, error="这一页放得太久了，请重新输入回执号和查询码。")
    what, _, number = form.get("what", "").partition("-")
    try:
        found = await asyncio.to_thread(_found, request.app[DATABASE], receipt, what, number_in(number) or 0, sealer)
    except (SealBroken, KeyError):
        logger.error("an answer was sealed with a key that is not in IDENTITY_KEY or identity.key")
        return await _page(request, 500, receipt=receipt, error="这一份现在打不开，请与受理机关联系。")
    if found is None:
        return await _page(request, 404, receipt=receipt, error="这一份已经不在了，请重新查看。")
    return attachment(await asyncio.to_thread(found.make), found.content_type, found.name)


async def _page(
    request: web.Request,
    status: int = 200,
    *,
    receipt: str = "",
    error: str = "",
    listed: _Listed | None = None,
    ticket: str = "",
) -> web.Response:
    city = await asyncio.to_thread(_city, request.app[DATABASE])
    html = (
        request.app[TEMPLATES]
        .get_template("answers.html")
        .render(city=city, receipt=receipt, error=error, listed=listed, ticket=ticket, longest=_LONGEST)
    )
    headers = {"Content-Security-Policy": _POLICY}
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)


def _city(database: Database) -> City:
    with database.transaction() as session:
        return catalogue.get_city(session)


def _look_up(database: Database, receipt: str, code: str, client: str, now: datetime) -> LookUp:
    with database.transaction() as session:
        return look_up(session, receipt, code, client, now)


def _list(database: Database, receipt: str) -> _Listed:
    with database.transaction() as session:
        request = session.get_one(Request, receipt)
        return _Listed(request, answer_notices(session, request), answer_files(session, request))


def _receipt_of(ticket: str, sealer: Sealer, now: datetime) -> str | None:
    try:
        content = sealer.open_object(ticket)
        return content["receipt"] if now < datetime.fromisoformat(content["until"]) else None
    except (SealBroken, KeyError, TypeError, ValueError):
        return None


def _found(database: Database, receipt: str, what: str, number: int, sealer: Sealer) -> _Download | None:
    """Only what the list shows: a corrected notice, or one to a third party, cannot be had by its number."""
    with database.transaction() as session:
        request = session.get(Request, receipt)
        if request is None:
            return None
        if what == "notice":
            notice = next((one for one in answer_notices(session, request) if one.id == number), None)
            if notice is None:
                return None
            note_opened_by_applicant(session, notice, today_in_china(utcnow()))
            return _of_notice(notice)
        file = next((one for one in answer_files(session, request) if one.id == number), None)
        if file is None:
            return None
        content = content_of(session, file, sealer)
        return _Download(file.name, CONTENT_TYPES[Format(file.format)], lambda: content)


def _of_notice(notice: Notice) -> _Download:
    letter = notice.letter
    if has_chinese_font():
        return _Download(f"{notice.number}.pdf", CONTENT_TYPES[Format.PDF], lambda: as_pdf(letter))
    return _Download(f"{notice.number}.docx", CONTENT_TYPES[Format.WORD], lambda: as_word(letter))
