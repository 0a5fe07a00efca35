"""`/answers`: an applicant fetches the notices and files of a request, with receipt and query code.

What can be done with an open request is sent to `bot.web.own_request`. The code is sent in the body of a form, never in
an address, since addresses are logged. The page that lists what there is holds a sealed ticket in its place, good for
half an hour.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.catalogue.models import City
from bot.db import Database, utcnow
from bot.disclosures.errands import LONGEST_WORDS
from bot.disclosures.models import Request
from bot.disclosures.register import CLOSED
from bot.disclosures.reply_period import awaited
from bot.disclosures.rules import Rule
from bot.disclosures.service import LookUp, assess, look_up
from bot.disclosures.terms import RequestState, Step
from bot.notices.answer_files import answer_files, answer_notices, content_of, supplement_files
from bot.notices.file_formats import CONTENT_TYPES, MOST_BYTES, Format
from bot.notices.fonts import has_chinese_font
from bot.notices.models import AnswerFile, Notice
from bot.notices.pdf import as_pdf
from bot.notices.service import note_opened_by_applicant
from bot.notices.supplements import MOST_FILES
from bot.notices.word import as_word
from bot.replies.answers import look_up_refused
from bot.replies.lists import day_in_words
from bot.sealing import SealBroken, Sealer
from bot.web.clients import tries_digest
from bot.web.console.fields import number_in
from bot.web.console.pages import attachment, form_of
from bot.web.elder import view_of
from bot.web.keys import DATABASE, SETTINGS, TEMPLATES
from bot.web.tickets import number_of, ticket_for
from bot.workdays import today_in_china

logger = logging.getLogger(__name__)

routes = web.RouteTableDef()

TOO_OLD = "这一页放得太久了，请重新输入回执号和查询码。"
_LONGEST = 40
# Stricter than for other pages (`bot.web.headers`), but with forms.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


@dataclass(frozen=True)
class _Listed:
    """`awaited`: the step that asked for a supplement that is awaited, `respond_by` until when."""

    request: Request
    notices: list[Notice]
    files: list[AnswerFile]
    handed_in: list[str]
    awaited: Step | None
    respond_by: date | None
    is_open: bool


@dataclass(frozen=True)
class _Download:
    name: str
    content_type: str
    make: Callable[[], bytes]


@routes.get("/answers")
async def ask(request: web.Request) -> web.Response:
    return await answers_page(request)


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
        return await answers_page(request, 403, receipt=receipt, error=said)
    ticket = ticket_for(found.request.receipt, sealer, now)
    return await answers_page(request, receipt=found.request.receipt, ticket=ticket)


@routes.post("/answers/download")
async def download(request: web.Request) -> web.Response:
    """The field `what` names a notice or a file of the list. A notice that is opened counts as delivered."""
    form, sealer = await form_of(request), Sealer.of(request.app[SETTINGS])
    receipt = number_of(form.get("ticket", ""), sealer, utcnow())
    if receipt is None:
        return await answers_page(request, 403, error=TOO_OLD)
    what, _, number = form.get("what", "").partition("-")
    try:
        found = await asyncio.to_thread(_found, request.app[DATABASE], receipt, what, number_in(number) or 0, sealer)
    except (SealBroken, KeyError):
        logger.error("an answer was sealed with a key that is not in IDENTITY_KEY or identity.key")
        return await answers_page(request, 500, receipt=receipt, error="这一份现在打不开，请与受理机关联系。")
    if found is None:
        return await answers_page(request, 404, receipt=receipt, error="这一份已经不在了，请重新查看。")
    return attachment(await asyncio.to_thread(found.make), found.content_type, found.name)


async def answers_page(
    request: web.Request,
    status: int = 200,
    *,
    receipt: str = "",
    error: str = "",
    said: str = "",
    ticket: str = "",
    words: str = "",
) -> web.Response:
    """With a ticket of the receipt the page lists what there is, without one it asks for receipt and query code.

    `said`: what has just been done. `words`: what the applicant wrote, if it was refused.
    """
    city, listed = await asyncio.to_thread(_read, request.app[DATABASE], receipt if ticket else "")
    html = (
        request.app[TEMPLATES]
        .get_template("answers.html")
        .render(
            city=city,
            **view_of(request),
            receipt=receipt,
            error=error,
            said=said,
            listed=listed,
            ticket=ticket,
            words=words,
            longest=_LONGEST,
            most_words=LONGEST_WORDS,
            most_files=MOST_FILES,
            most_megabytes=MOST_BYTES // 1024 // 1024,
            day_in_words=day_in_words,
            rule=Rule,
        )
    )
    headers = {"Content-Security-Policy": _POLICY}
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)


def _look_up(database: Database, receipt: str, code: str, client: str, now: datetime) -> LookUp:
    with database.transaction() as session:
        return look_up(session, receipt, code, client, now)


def _read(database: Database, receipt: str) -> tuple[City, _Listed | None]:
    with database.transaction() as session:
        request = session.get(Request, receipt) if receipt else None
        return catalogue.get_city(session), _listed(session, request) if request else None


def _listed(session: Session, request: Request) -> _Listed:
    now = assess(request, today_in_china(utcnow()))
    return _Listed(
        request,
        answer_notices(session, request),
        answer_files(session, request),
        [file.name for file in supplement_files(session, request.receipt)],
        awaited(request.steps) if now.state == RequestState.AWAITING_SUPPLEMENT else None,
        now.respond_by,
        now.state not in CLOSED,
    )


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
