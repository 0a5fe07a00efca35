"""Publishes a citizen's question with its answer as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.conversations.staff_messages import staff_messages
from bot.db import utcnow
from bot.documents.publishing import (
    MOST_ANSWER_CHARACTERS,
    MOST_QUESTION_CHARACTERS,
    MOST_TITLE_CHARACTERS,
    NotPublishable,
    publish_answer,
)
from bot.language.masking import mask
from bot.reviews.models import Case
from bot.reviews.service import NoSuchCase
from bot.staff import audit
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.case_acts import visible_case
from bot.web.console.fields import day_in
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.workdays import CHINA

routes = web.RouteTableDef()

_SUGGESTED_TITLE_CHARACTERS = 40


@dataclass(frozen=True)
class _Prefilled:
    case: Case
    fields: dict[str, str]


@routes.get("/console/cases/{number}/publish")
@needs(Permission.EDIT_CATALOGUE)
async def publish_form(request: web.Request) -> web.Response:
    return await _form_page(request)


@routes.post("/console/cases/{number}/publish")
@needs(Permission.EDIT_CATALOGUE)
async def publish(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        title = await transact(request, _publish, request.match_info["number"], person_of(request), form)
    except NoSuchCase:
        return _no_answer(request)
    except NotPublishable as refused:
        return await _form_page(request, 422, str(refused), form)
    return redirect(request, f"/console/cases/{request.match_info['number']}", f"《{title}》已公开，马上就能查到")


async def _form_page(
    request: web.Request, status: int = 200, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    try:
        prefilled = await transact(request, _prefill, request.match_info["number"], person_of(request))
    except NoSuchCase:
        return _no_answer(request)
    return page(
        request,
        "publish.html",
        status,
        case=prefilled.case,
        fields={**prefilled.fields, **(typed or {})},
        most_title=MOST_TITLE_CHARACTERS,
        most_question=MOST_QUESTION_CHARACTERS,
        most_answer=MOST_ANSWER_CHARACTERS,
        error=error,
    )


def _no_answer(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这个编号的案件，或者还没有答复过")


def _answered_case(session: Session, number: str, person: Person) -> Case:
    case = visible_case(session, number, person)
    if case.answered_at is None:
        raise NoSuchCase(number)
    return case


def _prefill(session: Session, number: str, person: Person) -> _Prefilled:
    """The fields of the form, masked. The editor checks them and restores what need not be masked, such as a telephone
    number of the city."""
    case = _answered_case(session, number, person)
    lines = [line for line in staff_messages(session, case.conversation_id) if line.at == case.answered_at]
    fields = {
        "title": f"问答：{' '.join(case.question.split())[:_SUGGESTED_TITLE_CHARACTERS]}",
        "question": case.question[:MOST_QUESTION_CHARACTERS],
        "answer": mask(lines[-1].text) if lines else "",
        "issuer": case.department.name if case.department else f"{catalogue.get_city(session).name}政务服务",
        "published_on": f"{utcnow().astimezone(CHINA):%Y-%m-%d}",
    }
    return _Prefilled(case, fields)


def _publish(session: Session, number: str, person: Person, form: Mapping[str, str]) -> str:
    case = _answered_case(session, number, person)
    published_on = day_in(form.get("published_on", ""))
    if published_on is None:
        raise NotPublishable("请填发布日期")
    document = publish_answer(
        session,
        key=f"answers/{case.number}",
        title=form.get("title", ""),
        question=form.get("question", ""),
        answer=form.get("answer", ""),
        issuer=form.get("issuer", ""),
        published_on=published_on,
        who=person.login,
    )
    audit.record(
        session, who=person.login, action="publish_answer", subject=case.number, why=document.title, at=utcnow()
    )
    return document.title
