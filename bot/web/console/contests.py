"""Reconsideration and lawsuits (条例 art. 51): about a request on its page, about other work on a page of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.disclosures.desk import NoSuchRequest
from bot.disclosures.register import visible_request
from bot.oversight import contests
from bot.oversight.models import Contest
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.disclosures import MOST_WHY_CHARACTERS, no_request, request_page
from bot.web.console.fields import day_in, number_in
from bot.web.console.pages import form_of, page, person_of, redirect, transact
from bot.web.console.yearly_reports import own_organ
from bot.workdays import today_in_china

routes = web.RouteTableDef()

_OF_REQUEST, _OF_WORK = "/console/disclosures/{receipt}/contest", "/console/oversight/contests"

_Work = Callable[[Session, Mapping[str, str], Person, Mapping[str, str]], None]


@routes.get(_OF_WORK)
@needs(Permission.MANAGE_DISCLOSURES)
async def contests_of_work(request: web.Request) -> web.Response:
    return await _work_page(request)


@routes.post(_OF_WORK)
@routes.post(_OF_REQUEST)
@needs(Permission.MANAGE_DISCLOSURES)
async def add_contest(request: web.Request) -> web.Response:
    return await _act(request, "contest", _record, "已记录复议或者诉讼")


@routes.post(_OF_WORK + "/{contest_id}/decide")
@routes.post(_OF_REQUEST + "/{contest_id}/decide")
@needs(Permission.MANAGE_DISCLOSURES)
async def decide_contest(request: web.Request) -> web.Response:
    return await _act(request, "decide", _decide, "已记录结果")


@routes.post(_OF_WORK + "/{contest_id}/remove")
@routes.post(_OF_REQUEST + "/{contest_id}/remove")
@needs(Permission.MANAGE_DISCLOSURES)
async def remove_contest(request: web.Request) -> web.Response:
    return await _act(request, "remove", _remove, "已删除误记的复议或者诉讼")


async def _act(request: web.Request, act: str, work: _Work, said: str) -> web.Response:
    """Carries out the form. A refused one is shown again: `act` names it, for a contest with its id."""
    form, named = await form_of(request), request.match_info
    receipt, number = named.get("receipt"), named.get("contest_id")
    try:
        await transact(request, work, named, person_of(request), form)
    except NoSuchRequest:
        return await no_request(request)
    except contests.ContestRefused as refused:
        show = partial(request_page, request) if receipt else partial(_work_page, request)
        return await show(422, error=str(refused), act=f"{act}-{number}" if number else act, typed=form)
    return redirect(request, f"/console/disclosures/{receipt}" if receipt else _OF_WORK, said)


async def _work_page(
    request: web.Request, status: int = 200, *, error: str = "", act: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    found, departments = await transact(request, _read_of_work, own_organ(person_of(request)))
    return page(
        request,
        "work_contests.html",
        status,
        contest_list=found,
        contest_departments=departments,
        contest_kinds={kind.value: title for kind, title in contests.KIND_TITLES.items()},
        contest_results={result.value: title for result, title in contests.RESULT_TITLES.items()},
        most_contest=contests.MOST_CHARACTERS,
        most_note=contests.MOST_NOTE_CHARACTERS,
        most_why=MOST_WHY_CHARACTERS,
        today=today_in_china(utcnow()),
        error=error,
        act=act,
        typed=typed or {},
    )


def _read_of_work(session: Session, organ: str | None) -> tuple[list[Contest], list[Department]]:
    departments = [one for one in all_departments(session) if organ in (None, one.code)]
    return contests.contests_of_work(session, organ), departments


def _receipt(session: Session, named: Mapping[str, str], person: Person) -> str | None:
    """The receipt in the address, if the person may see that request; None on the page of other work."""
    return visible_request(session, named["receipt"], person.department_code).receipt if "receipt" in named else None


def _record(session: Session, named: Mapping[str, str], person: Person, form: Mapping[str, str]) -> None:
    now = utcnow()
    is_of_request = "receipt" in named
    contests.record(
        session,
        visible_request(session, named["receipt"], person.department_code) if is_of_request else None,
        department_code=own_organ(person) or form.get("department", ""),
        kind=form.get("remedy", ""),
        filed_on=day_in(form.get("filed_on", "")),
        authority=form.get("authority", ""),
        case_number=form.get("case_number", ""),
        note=form.get("note", ""),
        who=person.login,
        today=today_in_china(now),
        now=now,
    )


def _decide(session: Session, named: Mapping[str, str], person: Person, form: Mapping[str, str]) -> None:
    now = utcnow()
    contests.decide(
        session,
        _receipt(session, named, person),
        number_in(named["contest_id"]) or 0,
        department_code=own_organ(person),
        result=form.get("result", ""),
        decided_on=day_in(form.get("decided_on", "")),
        who=person.login,
        today=today_in_china(now),
        now=now,
    )


def _remove(session: Session, named: Mapping[str, str], person: Person, form: Mapping[str, str]) -> None:
    contests.remove(
        session,
        _receipt(session, named, person),
        number_in(named["contest_id"]) or 0,
        department_code=own_organ(person),
        why=form.get("why", ""),
        who=person.login,
        now=utcnow(),
    )
