"""`/interviews/mine`: who asked a question of a talk reads how it stands, and deletes it.

Number and query code are sent in the body of a form, never in an address, since addresses are logged. The page then
holds a sealed ticket in their place, good for half an hour.
"""

from __future__ import annotations

from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.interviews import questions
from bot.interviews.models import Question
from bot.interviews.terms import PUBLIC_STATES, QuestionState
from bot.language.masking import mask
from bot.replies.interviews import standing
from bot.sealing import Sealer
from bot.web.clients import comes_from_elsewhere, tries_digest
from bot.web.console.pages import form_of
from bot.web.keys import LIVE, SETTINGS
from bot.web.live import interview_changed
from bot.web.public_pages import public_page, transact
from bot.web.tickets import no_fit, number_of, ticket_for

routes = web.RouteTableDef()

_LONGEST = 40
_TOO_OLD = "这一页放得太久了，请重新输入编号和查询码。"


@routes.get("/interviews/mine")
async def look(request: web.Request) -> web.Response:
    return await _page(request)


@routes.post("/interviews/mine")
async def show(request: web.Request) -> web.Response:
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden
    form, now = await form_of(request), utcnow()
    number, code = (form.get(name, "").strip()[:_LONGEST] for name in ("number", "query_code"))
    found = await transact(request, questions.look_up, number, code, tries_digest(request), now)
    if found.question is None:
        return await _page(request, 403, number=number, error=no_fit(found.attempts_left))
    return await _page(request, question=found.question, ticket=_ticket(request, found.question, now))


@routes.post("/interviews/mine/delete")
async def delete(request: web.Request) -> web.Response:
    """个人信息保护法 art. 47."""
    if comes_from_elsewhere(request):
        raise web.HTTPForbidden
    form, now = await form_of(request), utcnow()
    number = number_of(form.get("ticket", ""), Sealer.of(request.app[SETTINGS]), now)
    question = await transact(request, questions.question_of_number, number) if number else None
    if question is None:
        return await _page(request, 403, error=_TOO_OLD)
    if not form.get("sure"):
        said = "还没有删除。确定要删除的，请先勾选“我确定删除”。"
        return await _page(request, 422, question=question, ticket=form["ticket"], error=said)
    await transact(request, _delete, question.id, now)
    await request.app[LIVE].changed(interview_changed(question.interview_id))
    return await _page(request, said=f"{question.number} 已经删除。")


def _delete(session: Session, question_id: int, now: datetime) -> None:
    question = session.get(Question, question_id)
    if question is not None:
        questions.delete_own(session, question, now)


def _ticket(request: web.Request, question: Question, now: datetime) -> str:
    return ticket_for(question.number, Sealer.of(request.app[SETTINGS]), now)


async def _page(
    request: web.Request,
    status: int = 200,
    *,
    number: str = "",
    question: Question | None = None,
    ticket: str = "",
    error: str = "",
    said: str = "",
) -> web.Response:
    """With a question the page shows it, without one it asks for number and query code."""
    return await public_page(
        request,
        "site/question_mine.html",
        status,
        site=request.app[SETTINGS].site,
        number=number,
        own=question,
        standing=standing(question) if question else "",
        words=mask(question.words) if question else "",
        is_public=question is not None and question.state in PUBLIC_STATES,
        answered=QuestionState.ANSWERED,
        ticket=ticket,
        error=error,
        said=said,
        longest=_LONGEST,
    )
