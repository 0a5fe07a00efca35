"""Requests to correct a record about oneself (更正, 条例 art. 41): the list, each request, the decision."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.publishing import corrections
from bot.publishing.models import CorrectionRequest
from bot.publishing.service import PublishingRefused
from bot.publishing.terms import CORRECTION_BASIS, CORRECTION_TITLES, ELSEWHERE, CorrectionOutcome
from bot.sealing import SealBroken
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.cookies import sealer_of
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.web.console.publishing import department_of

routes = web.RouteTableDef()

PATH = "/console/publishing/corrections"


@routes.get(PATH)
@needs(Permission.DECIDE_CORRECTIONS)
async def listed(request: web.Request) -> web.Response:
    waiting, decided = await transact(request, _list, department_of(person_of(request)))
    return page(
        request, "corrections.html", waiting=waiting, decided=decided, titles=CORRECTION_TITLES, basis=CORRECTION_BASIS
    )


@routes.get(f"{PATH}/{{number}}")
@needs(Permission.DECIDE_CORRECTIONS)
async def correction(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post(f"{PATH}/{{number}}/decide")
@needs(Permission.DECIDE_CORRECTIONS)
async def decide(request: web.Request) -> web.Response:
    form, person = await form_of(request), person_of(request)
    outcome = form.get("outcome", "")
    try:
        row = await transact(
            request,
            corrections.decide,
            request.match_info["number"],
            CorrectionOutcome(outcome) if outcome in list(CorrectionOutcome) else None,
            words=form.get("words", ""),
            agency=form.get("agency", ""),
            who=person.login,
            now=utcnow(),
            department_code=department_of(person),
        )
    except PublishingRefused as refused:
        return await _page(request, 422, error=str(refused), typed=form)
    return redirect(request, PATH, f"{row.number} 已办结，申请人凭编号和查询码看得到")


@routes.post(f"{PATH}/{{number}}/applicant")
@needs(Permission.UNMASK)
async def applicant(request: web.Request) -> web.Response:
    """Shows name and contact on this one answer. The audit log keeps the reason."""
    form, person = await form_of(request), person_of(request)
    try:
        identity = await transact(
            request,
            corrections.open_applicant,
            request.match_info["number"],
            sealer_of(request),
            who=person.login,
            why=form.get("why", ""),
            now=utcnow(),
            department_code=department_of(person),
        )
    except PublishingRefused as refused:
        return await _page(request, 422, error=str(refused))
    except SealBroken:
        return await _page(request, 422, error="打不开：现在的密钥（IDENTITY_KEY）不是当时的那一把")
    return await _page(request, identity=identity)


async def _page(
    request: web.Request,
    status: int = 200,
    *,
    error: str = "",
    typed: Mapping[str, str] | None = None,
    identity: Mapping[str, str] | None = None,
) -> web.Response:
    department = department_of(person_of(request))
    try:
        row = await transact(request, corrections.visible, request.match_info["number"], department)
    except PublishingRefused as refused:
        return error_page(request, 404, str(refused))
    return page(
        request,
        "correction.html",
        status,
        row=row,
        titles=CORRECTION_TITLES,
        elsewhere=ELSEWHERE,
        basis=CORRECTION_BASIS,
        typed=typed or {},
        identity=identity,
        error=error,
        limits=corrections,
    )


def _list(session: Session, department_code: str | None) -> tuple[list[CorrectionRequest], list[CorrectionRequest]]:
    return corrections.open_requests(session, department_code), corrections.decided_requests(session, department_code)
