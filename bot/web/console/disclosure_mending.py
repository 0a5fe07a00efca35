"""Corrects mistakes of entry or import, from the page of the request (`bot.disclosures.mending`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.disclosures import desk, mending
from bot.disclosures.mending import Correction, MendingRefused
from bot.disclosures.register import visible_request
from bot.disclosures.terms import ApplicantKind
from bot.disclosures.vocabulary import KINDS, WAYS, in_chinese
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.disclosures import (
    MOST_APPLICANT_CHARACTERS,
    MOST_DESCRIPTION_CHARACTERS,
    MOST_WHY_CHARACTERS,
    no_request,
    request_page,
)
from bot.web.console.fields import day_in
from bot.web.console.pages import form_of, person_of, redirect, transact
from bot.workdays import today_in_china

routes = web.RouteTableDef()

Mend = Callable[[Session, str, Person, Mapping[str, str]], str]


@routes.post("/console/disclosures/{receipt}/correct")
@needs(Permission.MANAGE_DISCLOSURES)
async def correct(request: web.Request) -> web.Response:
    return await _mended(request, "correct", _correct)


@routes.post("/console/disclosures/{receipt}/take-back")
@needs(Permission.MANAGE_DISCLOSURES)
async def take_back(request: web.Request) -> web.Response:
    return await _mended(request, "take-back", _take_back)


@routes.post("/console/disclosures/{receipt}/strike")
@needs(Permission.STRIKE_DISCLOSURES)
async def strike(request: web.Request) -> web.Response:
    return await _mended(request, "strike", _strike)


@routes.post("/console/disclosures/{receipt}/restore")
@needs(Permission.STRIKE_DISCLOSURES)
async def restore(request: web.Request) -> web.Response:
    return await _mended(request, "restore", _restore)


async def _mended(request: web.Request, act: str, mend: Mend) -> web.Response:
    """`mend` returns the sentence that the next page shows."""
    form, receipt = await form_of(request), request.match_info["receipt"]
    try:
        said = await transact(request, mend, receipt, person_of(request), form)
    except desk.NoSuchRequest:
        return await no_request(request)
    except desk.NotAccountable:
        return await request_page(request, 422, error="请写明缘由", act=act, typed=form)
    except MendingRefused as refused:
        return await request_page(request, 422, error=str(refused), act=act, typed=form)
    return redirect(request, f"/console/disclosures/{receipt}", said)


def _correct(session: Session, receipt: str, person: Person, form: Mapping[str, str]) -> str:
    visible_request(session, receipt, person.department_code)
    told = mending.correct(session, receipt, _correction(person, form), **_account(person, form), now=utcnow())
    return f"已更正：{told}"


def _take_back(session: Session, receipt: str, person: Person, form: Mapping[str, str]) -> str:
    """The form field `count` says how many events the page showed: another one may have been recorded since."""
    request = visible_request(session, receipt, person.department_code)
    if form.get("count", "") != str(len(request.events)):
        raise MendingRefused("这一页打开以后又有新的记录，请看过后再撤销")
    step = mending.take_back_last_event(session, receipt, **_account(person, form), now=utcnow())
    return f"已撤销：{step.on} {in_chinese(KINDS, step.kind)}"


def _strike(session: Session, receipt: str, person: Person, form: Mapping[str, str]) -> str:
    visible_request(session, receipt, person.department_code)
    mending.strike(session, receipt, **_account(person, form), now=utcnow())
    return f"{receipt} 已作废"


def _restore(session: Session, receipt: str, person: Person, form: Mapping[str, str]) -> str:
    mending.restore(session, receipt, **_account(person, form), now=utcnow())
    return f"{receipt} 已恢复"


def _account(person: Person, form: Mapping[str, str]) -> dict[str, str]:
    return {"clerk": person.login, "why": form.get("why", "").strip()[:MOST_WHY_CHARACTERS]}


def _correction(person: Person, form: Mapping[str, str]) -> Correction:
    """The correction in the form. A person of a department cannot move the request to another department.

    Raises MendingRefused: the day on which it was received is in the future.
    """
    received_on = day_in(form.get("received_on", ""))
    if received_on is not None and received_on > today_in_china(utcnow()):
        raise MendingRefused(f"{received_on} 还没有到，只能登记已经收到的")
    kind, via = form.get("applicant_kind", ""), form.get("via", "")
    return Correction(
        applicant_kind=ApplicantKind(kind) if kind in list(ApplicantKind) else None,
        applicant=form.get("applicant", "").strip()[:MOST_APPLICANT_CHARACTERS] or None,
        description=form.get("description", "").strip()[:MOST_DESCRIPTION_CHARACTERS] or None,
        department_code=None if person.department_code else form.get("department") or None,
        received_on=received_on,
        submitted_via=via if via in WAYS else None,
    )
