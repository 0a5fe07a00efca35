"""What may be answered to a case: what the city's records and documents say, and how alike questions were answered.

Nothing is sent by itself: a clerk inserts a text into the reply, changes it and sends it.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.answering.service import Certainty, newest_answering
from bot.answering.units import Sort, Unit
from bot.catalogue import service as catalogue
from bot.documents import service as documents
from bot.referrals import service as referrals
from bot.replies import approvals, joint_services, policies
from bot.replies.paging import whole
from bot.replies.reply import Reply
from bot.replies.routes import route_answer
from bot.reviews.models import Case
from bot.reviews.service import NoSuchCase
from bot.reviews.similar import AnsweredCase, similar_answered
from bot.reviews.unsent import DRAFT, REPLY
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.case_acts import offered, visible_case
from bot.web.console.pages import error_page, form_of, page, person_of, transact
from bot.web.console.unit_words import source_of, title_of

routes = web.RouteTableDef()

MOST_CHARACTERS = 200
MOST = 3
CERTAINTY_TITLES = {
    Certainty.SURE: "机器人有把握的答案",
    Certainty.LIKELY: "可能用得上的",
    Certainty.NONE: "没有把握，最接近的",
}


@dataclass(frozen=True)
class Suggestion:
    title: str
    text: str
    source: str


@dataclass(frozen=True)
class _Shown:
    """`field`: the text of the case into which they are inserted, `reply` or `draft`; empty if there is neither."""

    case: Case
    asked: str
    certainty: Certainty
    suggestions: list[Suggestion]
    alike: list[AnsweredCase]
    field: str


@routes.get("/console/cases/{number}/suggestions")
@needs(Permission.ANSWER_AS_DEPARTMENT)
async def suggestions(request: web.Request) -> web.Response:
    """For the question of the case. With `part`: only the list, for the script of the page of the case."""
    return await _answer(request, "")


@routes.post("/console/cases/{number}/suggestions")
@needs(Permission.ANSWER_AS_DEPARTMENT)
async def suggestions_for(request: web.Request) -> web.Response:
    """For other words, which stand in no address."""
    return await _answer(request, (await form_of(request)).get("asked", "").strip()[:MOST_CHARACTERS])


async def _answer(request: web.Request, asked: str) -> web.Response:
    try:
        shown = await transact(request, _read, request.match_info["number"], person_of(request), asked)
    except NoSuchCase:
        return error_page(request, 404, "没有这个编号的案件，或者不在您的部门办理")
    return page(
        request,
        "suggestion_list.html" if "part" in request.query else "suggestions.html",
        shown=shown,
        case=shown.case,
        certainties=CERTAINTY_TITLES,
        most=MOST_CHARACTERS,
    )


def _read(session: Session, number: str, person: Person, asked: str) -> _Shown:
    case = visible_case(session, number, person)
    text = asked or case.question
    decision = newest_answering(session).decide(text)
    units = decision.units or [unit for unit, _ in decision.considered]
    said = [(unit, reply) for unit in units[:MOST] if (reply := _reply(session, unit, text))]
    acts = offered(case, person)
    return _Shown(
        case,
        asked,
        decision.certainty,
        [Suggestion(title_of(unit), whole(reply.text, reply.rest), source_of(unit)) for unit, reply in said],
        similar_answered(session, case, text, seen_by=person),
        REPLY if REPLY in acts else DRAFT if DRAFT in acts else "",
    )


def _reply(session: Session, unit: Unit, text: str) -> Reply | None:
    """What the assistant would say from this unit; None for what it says only itself."""
    if unit.sort == Sort.ITEM and (item := catalogue.get_item(session, unit.key)):
        return approvals.item_answer(item, unit.facet, offer=False)
    if unit.sort == Sort.JOINT and (joint := catalogue.get_joint_service(session, unit.key)):
        return joint_services.joint_service_answer(joint, catalogue.names_of(session, joint.item_codes))
    if unit.sort == Sort.PASSAGE and (found := documents.found(session, text, [int(unit.key)])):
        return policies.policy_answer(found)
    if unit.sort == Sort.ROUTE and (route := referrals.get_route(session, unit.key)):
        return route_answer(route)
    return None
