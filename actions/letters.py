"""Takes down complaints, suggestions, praise and requests for a person, and shows below what the rules say."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlalchemy.orm import Session

from actions.answering import LOOKED_AT, answered_in_public, offer_of
from actions.approvals import bare_answer
from actions.departments import department_in_charge
from actions.memory import CaseTalk
from actions.turn import Answer, CityAction, Turn
from bot.answering.service import Decision, answering
from bot.catalogue import service as catalogue
from bot.catalogue.departments import all_departments, department_named
from bot.conversations.channels import TEXT_CHANNELS
from bot.conversations.outcomes import Outcome
from bot.db import utcnow
from bot.language.text import normalise
from bot.language.triggers import EMERGENCY
from bot.letters.acts import COMPLAIN, PRAISE, REQUEST, SHORTEST, SUGGEST
from bot.letters.announced import announced_act, is_about_what_was_told, nobody_acts, wishes_to_complain
from bot.referrals import service as routes
from bot.referrals.models import Route
from bot.replies import letters as replies
from bot.replies import offers
from bot.replies.reply import Reply
from bot.replies.routes import route_answer
from bot.reviews import own_case
from bot.reviews.reasons import Kind
from bot.voices.service import begin
from bot.voices.terms import MOST_TITLE

KIND_OF_ACT = {
    COMPLAIN: Kind.COMPLAINT,
    SUGGEST: Kind.SUGGESTION,
    PRAISE: Kind.PRAISE,
    REQUEST: Kind.REQUEST,
}
# Values of `CaseTalk.asks`: anything that follows a letter, and the letter itself that was announced.
LETTER, TOLD = "letter", "told"
_TO_MAYOR = re.compile(r"\s*(?:尊敬|敬爱|亲爱)?的?\w{0,4}市长[:：,，您你好\s]")
# Outcomes of an answer that only says who may know.
_UNANSWERED = (Outcome.NOTHING_FOUND, Outcome.NOT_IN_CATALOGUE)
# Letters below which a likely unit is shown; praise and suggestions need none.
RULED = (COMPLAIN, REQUEST)
# A unit is shown below the letter if it answers with at least this probability. Of the 95 labelled letters that may be
# taken down 11 get one; one of the 11 is about something else.
RULES_FROM = 0.6


class ActionTakeDown(CityAction):
    """Takes a letter down. A later turn may add to it, name another department or withdraw it (`actions/cases.py`)."""

    acts = True

    def name(self) -> str:
        return "action_take_down"

    def answer(self, session: Session, turn: Turn) -> Answer:
        answered = bare_answer(session, turn)
        if answered:
            return answered
        if not announced_act(normalise(turn.text)):
            return take_down(session, turn)
        if told := _told_before(turn):
            is_question = turn.outcome_before in _UNANSWERED
            taken = take_down(session, told, Kind.INQUIRY if is_question else None)
            return replace(taken, replies=taken.replies[:1])  # the route has just been told
        waits = CaseTalk(None, TOLD, act=turn.intent)
        return Answer([replies.say_it(kind_of(turn))], {"case": waits})


def take_down(session: Session, turn: Turn, kind: Kind | None = None) -> Answer:
    """`turn.intent`: one of `KIND_OF_ACT`, which tells the kind unless that is given."""
    decision = answering(session).decide(turn.text)
    route = _route_meant(session, turn, decision)
    now = utcnow()
    case, is_new = own_case.take_down(
        session,
        turn.conversation,
        turn.channel,
        kind or kind_of(turn),
        turn.text,
        turn.transcript,
        department_in_charge(session, turn.text, route),
        now,
    )
    hotline, is_by_text = catalogue.get_city(session).hotline, turn.channel in TEXT_CHANNELS
    # On a telephone others may read the code, and the answer is sent there anyway.
    code = "" if is_by_text or not is_new else begin(session, case, turn.text[:MOST_TITLE], turn.text, now)[1]
    taken = replies.taken_down(case, hotline, code, is_by_text=is_by_text) if is_new else replies.added_to(case)
    beside = rules_on(session, turn, route, decision)
    letters = answered_in_public(session, turn.text) if turn.intent != PRAISE else []
    return Answer([taken, *beside, *letters], {"case": CaseTalk(case.number, LETTER)})


def kind_of(turn: Turn) -> Kind:
    """By its act, but not what begins with “尊敬的市长：” or was announced by “给市长写信” or “点题公开”."""
    announced = "".join(text for text in (*turn.typed_before[-1:], turn.text) if announced_act(normalise(text)))
    if "点题" in announced:
        return Kind.TOPIC
    return Kind.MAYOR if "市长" in announced or _TO_MAYOR.match(turn.text) else KIND_OF_ACT[turn.intent]


def _told_before(turn: Turn) -> Turn | None:
    """What was told before “记下来” or “打了没人管”, if the answer to it was a route, that a matter is not in the
    catalogue, or that nothing was found."""
    text, before = normalise(turn.text), turn.typed_before
    if not can_be_taken_down(turn) or not before or not is_about_what_was_told(text):
        return None
    # Few words tell little by themselves; what they are about was said before.
    told = [*(before[-1:] if len(before[-1]) >= SHORTEST else before[-2:]), *([turn.text] if nobody_acts(text) else [])]
    return replace(turn, text="；".join(told), route=_route_shown(turn))


def can_be_taken_down(turn: Turn) -> bool:
    """Whether the last answer only said who is in charge, so that what was told before it may become a case."""
    return _route_shown(turn) is not None or turn.outcome_before in _UNANSWERED


def take_down_of_route(session: Session, turn: Turn, route: Route) -> Answer | None:
    """Takes down a complaint for which the route was just shown, since to show it again helps nobody; else None."""
    is_again = f"route:{route.code}" in turn.shown and wishes_to_complain(normalise(turn.text))
    if not is_again or route.category == EMERGENCY:
        return None
    told = "；".join([*turn.typed_before[-1:], turn.text])
    taken = take_down(session, replace(turn, text=told, intent=COMPLAIN, route=route.code))
    return replace(taken, replies=taken.replies[:1])


def _route_shown(turn: Turn) -> str | None:
    return next((name.removeprefix("route:") for name in turn.shown if name.startswith("route:")), None)


def rules_on(session: Session, turn: Turn, route: Route | None, decision: Decision) -> list[Reply]:
    """Information on the matter, shown below the letter that was taken down: its route, else the one unit that
    is likely about it."""
    if route:
        return [route_answer(route)]
    if turn.intent not in RULED or decision.first < RULES_FROM:
        return []
    found = offer_of(session, turn, decision.considered[0][0])
    return [offers.beside(reply) for reply in found[:1]]


def _route_meant(session: Session, turn: Turn, decision: Decision) -> Route | None:
    """The route whose words are in the letter, unless they are incidental: neither does the search rank it among the
    first, nor is the department of the letter's topic in charge of it."""
    route = routes.get_route(session, turn.route) if turn.route else None
    if route is None or any(unit.name == f"route:{route.code}" for unit, _ in decision.considered[:LOOKED_AT]):
        return route
    in_charge = department_named(all_departments(session), route.in_charge)
    is_of_topic = in_charge is not None and in_charge.code == department_in_charge(session, turn.text, None)
    return route if is_of_topic else None
