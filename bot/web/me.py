"""`/me`, “我的”: what a citizen who is signed in has filed, without codes. It exists only if a provider is set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.citizens import service as citizens
from bot.citizens.service import MatterKind
from bot.conversations.staff_messages import staff_messages
from bot.db import utcnow
from bot.disclosures.models import Request
from bot.disclosures.service import assess
from bot.disclosures.service import look_up as look_up_request
from bot.oversight import complaints
from bot.oversight.models import Complaint
from bot.publishing import corrections
from bot.publishing.models import CorrectionRequest
from bot.publishing.terms import CORRECTION_TITLES, CorrectionOutcome
from bot.replies.cases import in_a_list as case_in_a_list
from bot.replies.disclosures import in_a_list as request_in_a_list
from bot.replies.lists import day_in_words
from bot.reviews.models import Case
from bot.reviews.service import NoSuchCase, conversations_of, get_case
from bot.sealing import Sealer
from bot.voices import service as voices
from bot.web.answers import answers_page
from bot.web.citizens import NotSignedIn, citizen_of, forget_flow, let_in, send_to_provider, sign_out
from bot.web.clients import comes_from_elsewhere, tries_digest
from bot.web.console.pages import form_of
from bot.web.keys import SETTINGS
from bot.web.public_pages import public_page, transact
from bot.web.tickets import ticket_for
from bot.workdays import CHINA, today_in_china

routes = web.RouteTableDef()

T = TypeVar("T")

_LONGEST = 40
_WRONG = "编号和查询码对不上，请核对后再输；试得太多的，请过一会儿再来。"
_ELSEWHERE = "请从本站的页面提交。"


@dataclass(frozen=True)
class Matter:
    """A matter as the page shows it. `about`: what it is about; `said`: what was answered, the newest last."""

    number: str
    title: str
    state: str
    about: str
    on: date
    said: Sequence[str] = ()
    is_request: bool = False


@routes.get("/me")
async def page(request: web.Request) -> web.Response:
    return await _page(request)


@routes.get("/me/sign-in")
async def begin(request: web.Request) -> web.Response:
    try:
        return await send_to_provider(request)
    except NotSignedIn as problem:
        return await _page(request, problem.status, error=str(problem))


@routes.get("/me/back")
async def back(request: web.Request) -> web.Response:
    try:
        return await let_in(request)
    except NotSignedIn as problem:
        response = await _page(request, problem.status, error=str(problem))
        forget_flow(response)
        return response


@routes.post("/me/sign-out")
async def leave(request: web.Request) -> web.Response:
    return await sign_out(request)


@routes.post("/me/request")
async def open_request(request: web.Request) -> web.Response:
    """The page of `/answers` for a request of theirs, without its query code."""
    receipt, subject = (await form_of(request)).get("receipt", ""), await citizen_of(request)
    is_theirs = subject is not None and await transact(request, citizens.owns, subject, MatterKind.REQUEST, receipt)
    if comes_from_elsewhere(request) or not is_theirs:
        return await _page(request, 403, error="请先登录，或者用回执号和查询码查看。")
    ticket = ticket_for(receipt, Sealer.of(request.app[SETTINGS]), utcnow())
    return await answers_page(request, receipt=receipt, ticket=ticket)


@routes.post("/me/add")
async def add(request: web.Request) -> web.Response:
    """Adds what was filed before, by number and query code."""
    form, subject = await form_of(request), await citizen_of(request)
    if comes_from_elsewhere(request) or subject is None:
        return await _page(request, 403, error=_ELSEWHERE)
    number, code = form.get("number", "").strip()[:_LONGEST], form.get("query_code", "").strip()[:_LONGEST]
    found = await transact(request, _add, subject, number, code, tries_digest(request), utcnow())
    return await _page(request) if found else await _page(request, 403, error=_WRONG, number=number)


@routes.post("/me/forget")
async def forget(request: web.Request) -> web.Response:
    """Forgets which matters are theirs, and signs out everywhere."""
    subject = await citizen_of(request)
    if comes_from_elsewhere(request) or subject is None:
        return await _page(request, 403, error=_ELSEWHERE)
    await transact(request, citizens.forget, subject)
    return await sign_out(request)


async def _page(request: web.Request, status: int = 200, *, error: str = "", number: str = "") -> web.Response:
    subject, now = await citizen_of(request), utcnow()
    groups = await transact(request, _matters, subject, now) if subject else {}
    return await public_page(
        request,
        "me.html",
        status,
        is_signed_in=subject is not None,
        groups=groups,
        error=error,
        number=number,
        longest=_LONGEST,
        day_in_words=day_in_words,
    )


def _add(session: Session, subject: str, number: str, code: str, client: str, now: datetime) -> bool:
    """Whether the code proves that the matter is theirs. Wrong codes are counted where they always are."""
    if number.upper().startswith("TS"):
        complaint = complaints.look_up(session, number, code, client, now).complaint
        found = (MatterKind.COMPLAINT, complaint.number) if complaint else None
    elif number.upper().startswith("GZ"):
        correction = corrections.look_up(session, number, code, client, now).request
        found = (MatterKind.CORRECTION, correction.number) if correction else None
    elif voices.canonical_number(number):
        voice = voices.look_up(session, number, code, client, now).voice
        found = (MatterKind.CASE, voice.case.number) if voice else None
    else:
        request = look_up_request(session, number, code, client, now).request
        found = (MatterKind.REQUEST, request.receipt) if request else None
    if found is not None:
        citizens.add_matter(session, subject, *found, now)
    return found is not None


def _matters(session: Session, subject: str, now: datetime) -> dict[str, list[Matter]]:
    """Kind of matter → those of the citizen, the newest first; what was deleted meanwhile is left out."""
    hotline, today = catalogue.get_city(session).hotline, today_in_china(now)

    def each(kind: MatterKind, find: Callable[[Session, str], T | None]) -> list[T]:
        numbers = citizens.numbers_of(session, subject, kind)
        return [found for number in numbers if (found := find(session, number)) is not None]

    return {
        "信息公开申请": [_request(one, today) for one in each(MatterKind.REQUEST, _find_request)],
        "转给工作人员的事和来信": [_case(session, one, now, hotline) for one in each(MatterKind.CASE, _find_case)],
        "信息公开投诉举报": [_complaint(one) for one in each(MatterKind.COMPLAINT, complaints.get_complaint)],
        "更正申请": [_correction(one) for one in each(MatterKind.CORRECTION, _find_correction)],
    }


def _find_request(session: Session, receipt: str) -> Request | None:
    return session.get(Request, receipt)


def _find_correction(session: Session, number: str) -> CorrectionRequest | None:
    return session.get(CorrectionRequest, number)


def _find_case(session: Session, number: str) -> Case | None:
    try:
        return get_case(session, number)
    except NoSuchCase:
        return None


def _request(request: Request, today: date) -> Matter:
    state = "".join(request_in_a_list(assess(request, today)))
    return Matter(
        request.receipt, request.department.name, state, request.description, request.received_on, is_request=True
    )


def _case(session: Session, case: Case, now: datetime, hotline: str) -> Matter:
    """What staff said is of the case alone, also where several cases are of one conversation."""
    lines = [line for each in conversations_of(session, case) for line in staff_messages(session, each)]
    said = [line.text for line in lines if line.by_name and line.case_id == case.id]
    title = case.department.name if case.department else ""
    return Matter(case.number, title, case_in_a_list(case, now, hotline), case.question, _day(case.opened_at), said)


def _complaint(found: Complaint) -> Matter:
    state = complaints.STATE_TITLES[complaints.ComplaintState(found.state)]
    if found.finding:
        state += f"：{complaints.FINDING_TITLES[complaints.Finding(found.finding)]}"
    said = [found.answer] if found.answer else []
    return Matter(found.number, found.department.name, state, found.words, _day(found.filed_at), said)


def _correction(found: CorrectionRequest) -> Matter:
    state = CORRECTION_TITLES[CorrectionOutcome(found.outcome)] if found.outcome else "办理中"
    said = [found.words] if found.words else []
    return Matter(found.number, found.organ.name, state, found.record, _day(found.received_at), said)


def _day(at: datetime) -> date:
    return at.astimezone(CHINA).date()
