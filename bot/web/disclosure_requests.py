"""`/disclosure/correct` and `/disclosure/suggest`: asking for the correction of a record about oneself (条例 art. 41),
what came of it, and suggesting that what one got on request be published (art. 44, para. 2).

Number and query code are sent in the body of a form, never in an address, since addresses are logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web
from limits import RateLimitItem, parse
from sqlalchemy.orm import Session

from bot.citizens.service import MatterKind
from bot.db import utcnow
from bot.disclosures.service import LookUp
from bot.disclosures.service import look_up as look_up_request
from bot.publishing import corrections, from_requests, service
from bot.publishing.corrections import CorrectionForm
from bot.publishing.service import PublishingRefused
from bot.publishing.terms import CORRECTION_BASIS, CORRECTION_TITLES, PROPOSAL_BASIS, ProposalKind
from bot.replies.answers import look_up_refused
from bot.sealing import Sealer
from bot.web.citizens import link, token_of
from bot.web.clients import client_of, comes_from_elsewhere, network_of, tries_digest
from bot.web.console.pages import form_of
from bot.web.keys import SETTINGS
from bot.web.public_pages import public_page, transact
from bot.web.rates import Rates

routes = web.RouteTableDef()

LIMITER = web.AppKey("correction_limiter", Rates)
# A citizen has one record corrected, or a few; more in an hour is a program that fills the list.
PER_CLIENT: RateLimitItem = parse("5/hour")
_LONGEST = 40
_WRONG = "编号和查询码对不上，请核对后再输。"
_PAUSED = "试得太多了，先停一会儿，过些时候再试。"


@routes.get("/disclosure/correct")
async def correct(request: web.Request) -> web.Response:
    return await _correct_page(request)


@routes.post("/disclosure/correct")
async def ask(request: web.Request) -> web.Response:
    """Stores the request. Number and code are shown on this one answer."""
    form = await form_of(request)
    if comes_from_elsewhere(request):
        return await _correct_page(request, 403, error="请从本站的页面提交。", typed=form)
    asked = CorrectionForm(
        organ_code=form.get("organ", ""),
        record=form.get("record", ""),
        wrong=form.get("wrong", ""),
        evidence=form.get("evidence", ""),
        name=form.get("name", ""),
        contact=form.get("contact", ""),
    )
    if not await request.app[LIMITER].hit(PER_CLIENT, "correct", network_of(client_of(request))):
        return await _correct_page(request, 429, error="一小时内提交得太多了，请过一会儿再来。", typed=form)
    try:
        receipt = await transact(request, corrections.ask, asked, Sealer.of(request.app[SETTINGS]), utcnow())
    except PublishingRefused as refused:
        return await _correct_page(request, 422, error=f"{refused}。", typed=form)
    if token := token_of(request):
        await transact(request, link, token, [(MatterKind.CORRECTION, receipt.request.number)], utcnow())
    return await public_page(request, "disclosure/asked.html", receipt=receipt)


@routes.get("/disclosure/correct/status")
async def status(request: web.Request) -> web.Response:
    return await _status_page(request)


@routes.post("/disclosure/correct/status")
async def look_up(request: web.Request) -> web.Response:
    form, now = await form_of(request), utcnow()
    number, code = form.get("number", "").strip()[:_LONGEST], form.get("query_code", "").strip()[:_LONGEST]
    looked = await transact(request, corrections.look_up, number, code, tries_digest(request), now)
    if looked.request is None:
        said = _WRONG if looked.attempts_left else _PAUSED
        return await _status_page(request, 403, number=number, error=said)
    return await _status_page(request, found=looked.request)


@routes.get("/disclosure/suggest")
async def suggest(request: web.Request) -> web.Response:
    return await _suggest_page(request)


@routes.post("/disclosure/suggest")
async def suggested(request: web.Request) -> web.Response:
    form = await form_of(request)
    receipt, code = form.get("receipt", "").strip()[:_LONGEST], form.get("query_code", "").strip()[:_LONGEST]
    try:
        found = await transact(request, _suggest, receipt, code, form.get("words", ""), tries_digest(request), utcnow())
    except PublishingRefused as refused:
        return await _suggest_page(request, 422, error=f"{refused}。", typed=form)
    if found.request is None:
        said = look_up_refused(found.attempts_left, found.paused_until)
        return await _suggest_page(request, 403, error=said, typed=form)
    return await _suggest_page(request, department=found.request.department.name)


async def _correct_page(
    request: web.Request, status: int = 200, *, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    return await public_page(
        request,
        "disclosure/correct.html",
        status,
        organs=await transact(request, service.all_organs),
        basis=CORRECTION_BASIS,
        limits=corrections,
        error=error,
        typed=typed or {},
    )


async def _status_page(
    request: web.Request, status: int = 200, *, number: str = "", error: str = "", found: object = None
) -> web.Response:
    return await public_page(
        request,
        "disclosure/correct_status.html",
        status,
        number=number,
        error=error,
        found=found,
        titles=CORRECTION_TITLES,
        longest=_LONGEST,
    )


async def _suggest_page(
    request: web.Request,
    status: int = 200,
    *,
    error: str = "",
    typed: Mapping[str, str] | None = None,
    department: str = "",
) -> web.Response:
    """`department`: who has the suggestion now."""
    return await public_page(
        request,
        "disclosure/suggest.html",
        status,
        basis=PROPOSAL_BASIS[ProposalKind.SUGGESTED],
        most_words=from_requests.MOST_WORDS,
        longest=_LONGEST,
        error=error,
        typed=typed or {},
        department=department,
    )


def _suggest(session: Session, receipt: str, code: str, words: str, client: str, now: datetime) -> LookUp:
    """Raises PublishingRefused: receipt and code are right, the suggestion is not."""
    found = look_up_request(session, receipt, code, client, now)
    if found.request is not None:
        from_requests.suggest(session, found.request, words, now)
    return found
