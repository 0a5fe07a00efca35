"""The events that the pages of the console listen to, and who is typing on the page of a case."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.db import utcnow
from bot.reviews.service import NoSuchCase, conversations_of
from bot.staff import sign_ins
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.case_acts import visible_case
from bot.web.console.cookies import sign_in_token
from bot.web.console.fields import number_in
from bot.web.console.pages import error_page, person_of, redirect, transact
from bot.web.event_streams import event_stream, wants_stream
from bot.web.keys import LIVE
from bot.web.live import QUEUE, citizen_writes, clerk_writes, question_asked

routes = web.RouteTableDef()

_TYPING = "typing "


@routes.get("/console/live")
@needs(Permission.SEE_QUEUE)
async def live(request: web.Request) -> web.StreamResponse:
    """`data: {"topic": "queue"}`, and with `?case=AJ-000012` also `case`, and `writing` while the citizen types, with
    `?interview=3` also `question` when one is asked; until the sign-in ends.

    Conversation ids are not sent: with the id of a portal conversation, anybody can continue it as the citizen.
    """
    if not wants_stream(request):
        return redirect(request, "/console/queue")
    try:
        topics = await transact(request, _topics, request.query.get("case", ""), person_of(request))
    except NoSuchCase:
        return error_page(request, 404)
    interview = number_in(request.query.get("interview", ""))
    conversations = [each for each in topics if not each.startswith(_TYPING)]
    told = {
        "queue": [QUEUE],
        "case": topics,
        "writing": [citizen_writes(each) for each in conversations],
        "question": [question_asked(interview)] if interview else [],
    }
    return await event_stream(request, told, lambda: transact(request, _is_signed_in, sign_in_token(request)))


@routes.post("/console/cases/{number}/writing")
@needs(Permission.HANDLE_CASES)
async def writing(request: web.Request) -> web.Response:
    """Sent by the script while the clerk types: the citizen's open page says so. Nothing of it is stored."""
    try:
        conversations = await transact(request, _talked_in, request.match_info["number"], person_of(request))
    except NoSuchCase:
        return error_page(request, 404)
    await request.app[LIVE].changed(*map(clerk_writes, conversations))
    return web.Response(status=204)


def typing_at(number: str) -> str:
    """The topic of who is typing on the page of a case. Citizens listen to their conversation, and not to this."""
    return f"{_TYPING}{number}"


def _topics(session: Session, number: str, person: Person) -> list[str]:
    if not number:
        return []
    case = visible_case(session, number, person)
    return [*conversations_of(session, case), typing_at(case.number)]


def _talked_in(session: Session, number: str, person: Person) -> list[str]:
    """The conversations that this person has taken over."""
    case = visible_case(session, number, person)
    if case.claimed_by_id != person.id:
        return []
    talks = select(Conversation.id).where(
        Conversation.id.in_(conversations_of(session, case)), Conversation.held_case_id == case.id
    )
    return list(session.scalars(talks))


def _is_signed_in(session: Session, token: str) -> bool:
    return sign_ins.valid(session, token, utcnow()) is not None
