"""Requests for disclosure: the list by due date, and the page of each request, where its next event is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.disclosures import desk, register
from bot.disclosures.errands import lately_done
from bot.disclosures.mending import struck_request
from bot.disclosures.models import Applicant
from bot.disclosures.register import RegisterPage, RequestStanding, visible_request
from bot.disclosures.service import StepRefused, assess, record_event, recordable
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Reason, RequestState, Step
from bot.disclosures.vocabulary import APPLICANT_KINDS, PARTIES, STATE_TITLES, WAYS, in_chinese
from bot.notices.kinds import TITLES
from bot.oversight import contests
from bot.oversight.models import Contest
from bot.replies.disclosures import next_step_text
from bot.replies.lists import cited
from bot.sealing import SealBroken, Sealer
from bot.staff import audit
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console import disclosure_words as words
from bot.web.console.access import needs
from bot.web.console.cookies import sealer_of
from bot.web.console.fields import day_in, number_in, page_number
from bot.web.console.notice_view import NoticesShown, shown_notices, size_in_words
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.workdays import today_in_china

routes = web.RouteTableDef()

MOST_APPLICANT_CHARACTERS = 60
MOST_DESCRIPTION_CHARACTERS = 2000
MOST_NOTE_CHARACTERS = 500
MOST_WHY_CHARACTERS = 200
_FIELDS = ("text", "receipt", "department", "state", "within", "overdue")
_ALL = "all"
_WITHIN_TITLES = {"1": "1 个工作日内", "3": "3 个工作日内", "5": "5 个工作日内", "10": "10 个工作日内"}


@dataclass(frozen=True)
class _Shown:
    """`kinds`: what can be recorded for the chosen day, each with why it would have no legal effect, or None.
    `consultations`: the open ones. `new_consultation`: an unused number.

    `was_filed_here`: this system keeps the sealed identity of the applicant, not only the department's own files.
    """

    standing: RequestStanding
    kinds: dict[Kind, str | None]
    consultations: dict[str, str]
    new_consultation: str
    was_filed_here: bool
    notices: NoticesShown
    contests: list[Contest]


@routes.get("/console/disclosures")
@needs(Permission.MANAGE_DISCLOSURES)
async def disclosures(request: web.Request) -> web.Response:
    asked = {name: request.query.get(name, "").strip() for name in _FIELDS}
    found, departments = await transact(request, _find, person_of(request), asked, page_number(request))
    by_applicants = await transact(request, lately_done, utcnow(), person_of(request).department_code)
    return page(
        request,
        "disclosures.html",
        found=found,
        by_applicants=by_applicants,
        departments=departments,
        asked=asked,
        query=urlencode({name: value for name, value in asked.items() if value}),
        states={"": "未办结", _ALL: "全部", **{state.value: title for state, title in STATE_TITLES.items()}},
        withins=_WITHIN_TITLES,
        days_left=words.days_left_words,
        state_words=words.state_words,
    )


@routes.get("/console/disclosures/{receipt}")
@needs(Permission.MANAGE_DISCLOSURES)
async def disclosure(request: web.Request) -> web.Response:
    """With `on`: the events that can be recorded for that day, for an event that is recorded late."""
    return await request_page(request)


@routes.post("/console/disclosures/{receipt}/record")
@needs(Permission.MANAGE_DISCLOSURES)
async def record(request: web.Request) -> web.Response:
    form, person = await form_of(request), person_of(request)
    try:
        title = await transact(request, _record, request.match_info["receipt"], person, form)
    except desk.NoSuchRequest:
        return await no_request(request)
    except StepRefused as refused:
        return await request_page(request, 422, error=f"不能记录：{refused}", act=form.get("kind", ""), typed=form)
    except IntegrityError:
        said = "同时有人也在记录，这次没有记上，请看过后再试"
        return await request_page(request, 409, error=said, act=form.get("kind", ""), typed=form)
    return redirect(request, f"/console/disclosures/{request.match_info['receipt']}", f"已记录：{title}")


@routes.post("/console/disclosures/{receipt}/applicant")
@needs(Permission.UNMASK)
async def applicant(request: web.Request) -> web.Response:
    """Shows the identity of the applicant on this one answer. The audit log keeps the reason."""
    form, person = await form_of(request), person_of(request)
    receipt, why = request.match_info["receipt"], form.get("why", "").strip()[:MOST_WHY_CHARACTERS]
    try:
        identity = await transact(request, _open_applicant, receipt, person, why, sealer_of(request))
    except desk.NoSuchRequest:
        return await no_request(request)
    except desk.NotAccountable:
        return await request_page(request, 422, error="请写明为什么要看申请人", act="applicant", typed=form)
    except desk.NoIdentityKept:
        said = "本系统没有申请人的身份（纸质申请或者台账导入的），请查受理机关的原件"
        return await request_page(request, 422, error=said)
    except SealBroken:
        return await request_page(request, 422, error="打不开：现在的密钥（IDENTITY_KEY）不是当时的那一把")
    return await request_page(request, identity=identity)


@routes.post("/console/disclosures/{receipt}/query-code")
@needs(Permission.MANAGE_DISCLOSURES)
async def query_code(request: web.Request) -> web.Response:
    """Makes a new query code and shows it on this one answer. The old code stops working."""
    form, person = await form_of(request), person_of(request)
    receipt, why = request.match_info["receipt"], form.get("why", "").strip()[:MOST_WHY_CHARACTERS]
    try:
        code = await transact(request, _renew_query_code, receipt, person, why)
    except desk.NoSuchRequest:
        return await no_request(request)
    except desk.NotAccountable:
        return await request_page(request, 422, error="请写明为什么要换查询码", act="query-code", typed=form)
    return await request_page(request, new_code=code)


# The same on the page of every request: titles, limits of fields, and functions that put values into words.
_WORDS: dict[str, Any] = {
    "kind_titles": words.KIND_TITLES,
    "kind_bases": words.KIND_BASES,
    "applicant_kinds": {kind.value: in_chinese(APPLICANT_KINDS, kind) for kind in ApplicantKind},
    "ways": WAYS,
    "most_applicant": MOST_APPLICANT_CHARACTERS,
    "most_description": MOST_DESCRIPTION_CHARACTERS,
    "parties": {party.value: word for word, party in PARTIES.items()},
    "answers": words.answer_groups(),
    "days_left": words.days_left_words,
    "state_words": words.state_words,
    "step_details": words.step_details,
    "cited": partial(cited, between="；"),
    "most_note": MOST_NOTE_CHARACTERS,
    "most_why": MOST_WHY_CHARACTERS,
    "notice_titles": TITLES,
    "contest_kinds": {kind.value: title for kind, title in contests.KIND_TITLES.items()},
    "contest_results": {result.value: title for result, title in contests.RESULT_TITLES.items()},
    "most_contest": contests.MOST_CHARACTERS,
    "size_in_words": size_in_words,
}


async def request_page(
    request: web.Request,
    status: int = 200,
    *,
    error: str = "",
    act: str = "",
    typed: Mapping[str, str] | None = None,
    identity: Mapping[str, str] | None = None,
    new_code: str = "",
) -> web.Response:
    """`act`, `typed`: the form that was refused and its values. `identity`, `new_code`: shown on this answer only."""
    today = today_in_china(utcnow())
    on = min(day_in(request.query.get("on", "")) or today, today)
    try:
        shown, departments = await transact(request, _read, request.match_info["receipt"], person_of(request), on, act)
    except desk.NoSuchRequest:
        return await no_request(request)
    one = shown.standing
    return page(
        request,
        "disclosure.html",
        status,
        shown=shown,
        one=one,
        request_=one.request,
        applicant_kind=in_chinese(APPLICANT_KINDS, ApplicantKind(one.request.applicant_kind)),
        next_step=next_step_text(one.assessment, one.request.department.name),
        on=on,
        today=today,
        departments=departments,
        **_WORDS,
        error=error,
        act=act,
        typed=typed or {},
        identity=identity,
        new_code=new_code,
    )


async def no_request(request: web.Request) -> web.Response:
    """404; or, for people who may restore it, the page of a request that was struck out."""
    person, receipt = person_of(request), request.match_info["receipt"]
    struck = await transact(request, struck_request, receipt) if may(person, Permission.STRIKE_DISCLOSURES) else None
    if struck is not None:
        return page(request, "disclosure_struck.html", struck=struck, most_why=MOST_WHY_CHARACTERS)
    return error_page(request, 404, "没有这个回执号的申请，或者不由您的部门办理")


def _find(
    session: Session, person: Person, asked: Mapping[str, str], number: int
) -> tuple[RegisterPage, list[Department]]:
    """A value that a filter does not know is ignored. A search by receipt finds closed requests too."""
    state = RequestState(asked["state"]) if asked["state"] in list(RequestState) else None
    wanted = register.RegisterFilter(
        department_code=person.department_code or asked["department"] or None,
        state=state,
        with_closed=asked["state"] == _ALL or bool(asked["receipt"]),
        within=int(asked["within"]) if asked["within"] in _WITHIN_TITLES else None,
        overdue=bool(asked["overdue"]),
        receipt=asked["receipt"],
        text=asked["text"],
    )
    found = register.find(session, today_in_china(utcnow()), wanted, page=number)
    return found, all_departments(session)


def _read(session: Session, receipt: str, person: Person, on: date, act: str) -> tuple[_Shown, list[Department]]:
    request = visible_request(session, receipt, person.department_code)
    steps = request.steps
    kinds = recordable(request, on)
    if kinds and act in list(Kind):
        # Keep the refused form on the page: the clerk may only need to correct a detail, such as the day.
        kinds.setdefault(Kind(act), None)
    taken = {step.consultation_id for step in steps}
    shown = _Shown(
        standing=register.standing(request, today_in_china(utcnow())),
        kinds=kinds,
        consultations=words.open_consultations(steps),
        new_consultation=next(f"ZX-{number}" for number in range(1, len(steps) + 2) if f"ZX-{number}" not in taken),
        was_filed_here=session.get(Applicant, receipt) is not None,
        notices=shown_notices(session, request, today_in_china(utcnow())),
        contests=contests.contests_of(session, receipt),
    )
    return shown, all_departments(session)


def _record(session: Session, receipt: str, person: Person, form: Mapping[str, str]) -> str:
    """Records the event in the form; returns it in words."""
    visible_request(session, receipt, person.department_code)
    step = _step(form, today_in_china(utcnow()))
    event = record_event(session, receipt, step)
    request = visible_request(session, receipt, person.department_code)
    details = filter(None, (words.step_details(event.step, request.steps), event.note))
    title = "，".join((f"{event.happened_on} {words.KIND_TITLES[step.kind]}", *details))
    why = assess(request, event.happened_on).why_without_effect(event.step)
    if why is not None:
        title += f"。没有法律效力，期限不变：{why}"
    audit.record(session, who=person.login, action="record_event", subject=receipt, why=title, at=utcnow())
    return title


def _step(form: Mapping[str, str], today: date) -> Step:
    """The event in the form. Raises StepRefused: a field is invalid, whatever was recorded before."""
    kind = form.get("kind", "")
    if kind not in list(Kind):
        raise StepRefused("请选要记录的环节")
    on = day_in(form.get("on", ""))
    if on is None:
        raise StepRefused("请填发生的日期")
    if on > today:
        raise StepRefused(f"{on} 还没有到，只能记录已经发生的事")
    note = form.get("note", "").strip()
    if len(note) > MOST_NOTE_CHARACTERS:
        raise StepRefused(f"说明最多 {MOST_NOTE_CHARACTERS} 个字")
    party, outcome, reason = form.get("party", ""), *form.get("answer", "").partition(":")[::2]
    return Step(
        kind=Kind(kind),
        on=on,
        respond_by=day_in(form.get("respond_by", "")),
        working_days=number_in(form.get("working_days", "")),
        party=Party(party) if party in list(Party) else None,
        consultation_id=form.get("consultation", "").strip()[:40] or None,
        amount=number_in(form.get("amount", "")),
        pay_by=day_in(form.get("pay_by", "")),
        until=day_in(form.get("until", "")),
        outcome=Decision(outcome) if outcome in list(Decision) else None,
        reason=Reason(reason) if reason in list(Reason) else None,
        note=note,
    )


def _open_applicant(session: Session, receipt: str, person: Person, why: str, sealer: Sealer) -> dict[str, str]:
    visible_request(session, receipt, person.department_code)
    return desk.open_applicant(session, receipt, sealer, clerk=person.login, why=why, now=utcnow())


def _renew_query_code(session: Session, receipt: str, person: Person, why: str) -> str:
    visible_request(session, receipt, person.department_code)
    return desk.renew_query_code(session, receipt, clerk=person.login, why=why, now=utcnow())
