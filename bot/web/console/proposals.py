"""Proposals to publish what was given on request (转为主动公开, 条例 art. 44): accepted or set aside by staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.db import utcnow
from bot.disclosures.desk import NoSuchRequest
from bot.disclosures.register import visible_request
from bot.language.masking import mask
from bot.language.receipts import parse_receipt
from bot.publishing import from_requests, tasks
from bot.publishing.models import Proposal
from bot.publishing.service import MOST_TITLE, MOST_WHY, PublishingRefused
from bot.publishing.terms import PROPOSAL_BASIS, ProposalKind
from bot.staff import audit
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.fields import day_in, number_in
from bot.web.console.pages import form_of, page, person_of, redirect, transact
from bot.web.console.publishing import PATH as PUBLISHING
from bot.web.console.publishing import department_of

routes = web.RouteTableDef()

PATH = f"{PUBLISHING}/proposals"


@dataclass(frozen=True)
class _Listed:
    waiting: list[Proposal]
    settled: list[Proposal]
    departments: dict[str, str]


@routes.get(PATH)
@needs(Permission.PUBLISH_INFORMATION)
async def listed(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post(PATH)
@needs(Permission.PUBLISH_INFORMATION)
async def suggest(request: web.Request) -> web.Response:
    """Records a suggestion that an applicant made by letter, by telephone or at the counter."""
    form, person = await form_of(request), person_of(request)
    try:
        await transact(request, _suggest, form, person)
    except NoSuchRequest:
        return await _page(request, 422, error="没有这个回执号的申请，或者不由您的部门办理", typed=form)
    except PublishingRefused as refused:
        return await _page(request, 422, error=str(refused), typed=form)
    return redirect(request, PATH, "已记下申请人的建议")


@routes.post(f"{PATH}/{{proposal_id}}/accept")
@needs(Permission.PUBLISH_INFORMATION)
async def accept(request: web.Request) -> web.Response:
    form, person = await form_of(request), person_of(request)
    try:
        row = await transact(
            request,
            from_requests.accept,
            number_in(request.match_info["proposal_id"]) or 0,
            title=form.get("title", ""),
            made_on=day_in(form.get("made_on", "")),
            who=person.login,
            now=utcnow(),
            department_code=department_of(person),
        )
    except PublishingRefused as refused:
        return await _page(request, 422, error=str(refused))
    await transact(request, tasks.refresh, utcnow())
    return redirect(request, f"{PUBLISHING}/{row.id}", f"已列入主动公开，{row.due_on} 前公布")


@routes.post(f"{PATH}/{{proposal_id}}/set-aside")
@needs(Permission.PUBLISH_INFORMATION)
async def set_aside(request: web.Request) -> web.Response:
    form, person = await form_of(request), person_of(request)
    try:
        await transact(
            request,
            from_requests.set_aside,
            number_in(request.match_info["proposal_id"]) or 0,
            why=form.get("why", ""),
            who=person.login,
            now=utcnow(),
            department_code=department_of(person),
        )
    except PublishingRefused as refused:
        return await _page(request, 422, error=str(refused))
    return redirect(request, PATH, "已记录，不转为主动公开")


async def _page(
    request: web.Request, status: int = 200, *, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    return page(
        request,
        "proposals.html",
        status,
        found=await transact(request, _list, department_of(person_of(request))),
        alike=ProposalKind.ALIKE.value,
        bases={kind.value: basis for kind, basis in PROPOSAL_BASIS.items()},
        # Names and numbers of people are not to be offered as a part of a public title.
        mask=mask,
        most_title=MOST_TITLE,
        most_why=MOST_WHY,
        most_words=from_requests.MOST_WORDS,
        error=error,
        typed=typed or {},
    )


def _list(session: Session, department_code: str | None) -> _Listed:
    return _Listed(
        from_requests.proposals(session, department_code),
        from_requests.settled(session, department_code),
        {department.code: department.name for department in all_departments(session)},
    )


def _suggest(session: Session, form: Mapping[str, str], person: Person) -> None:
    receipt = parse_receipt(form.get("receipt", "")) or ""
    request = visible_request(session, receipt, department_of(person))
    from_requests.suggest(session, request, form.get("words", ""), utcnow())
    audit.record(session, who=person.login, action="suggest_publishing", subject=receipt, why="", at=utcnow())
