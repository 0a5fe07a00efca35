"""The citizen's own case: asking how far it is, adding to it, withdrawing it (`bot.reviews.own_case`).

`case_form` is active while something may still be said about a case. The slot `case` (`CaseTalk`) says
which case it is, and what the form asked for: the telephone left with the case, words to add, or anything that follows
a letter.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from sqlalchemy.orm import Session

from actions.answering import ActionAnswer, answer_in_context
from actions.approvals import bare_answer
from actions.case_proof import case_meant, contact_in, has_proof, is_own, named_case, prove
from actions.letters import LETTER, TOLD, can_be_taken_down, kind_of, take_down
from actions.memory import CaseTalk, in_slot
from actions.routes import ActionRoute
from actions.turn import Answer, CityAction, Turn, database, done_once
from bot.catalogue import service as catalogue
from bot.catalogue.departments import all_departments, department_named
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.engine.wishes import (
    ADD,
    ASK_CASE,
    WITHDRAW,
    added_words,
    asks,
    is_about_waiting,
    is_plain_withdrawal,
    is_somebody_there,
    names_own_case,
    speaks_of_charge,
)
from bot.language.facets import ITEM_INTENTS
from bot.language.text import normalise
from bot.language.triggers import EMERGENCY
from bot.letters.acts import REQUEST, SHORTEST, TAKEN_DOWN
from bot.letters.announced import announced_act
from bot.referrals import service as routes
from bot.replies import cases as replies
from bot.replies import letters, smalltalk
from bot.replies.reply import Reply
from bot.reviews import own_case
from bot.reviews.models import Case
from bot.reviews.service import get_case
from bot.reviews.states import CaseState

# Values of `asks`, beside those of `actions.letters`: what the form asks for.
TELEPHONE, WORDS = "telephone", "words"
# The kind of an answer to the form, if it is none of these.
NOTHING, OTHER_BUSINESS, ASK_AGAIN = "nothing", "other business", "ask again"
# Values of `did`: what was done with the answer. `ASK_AGAIN` is one too.
ADDED, MOVED = "added", "moved"

# From this many digits an answer was meant as a telephone number, even if it is not a valid one.
_DIGITS_OF_A_NUMBER = 5
# Intents that are never the words to add. Any other message after “请说” is.
_NEVER_AN_ANSWER = frozenset({"handoff", "ask_person"})
_NO_PART_OF_A_LETTER = frozenset(
    {"greet", "thank", "goodbye", "who_are_you", "feedback_wrong", "leave_contact", "ask_disclosure_status"}
)
# Confidence from which a question about an item is not part of a letter.
_SURE = 0.5


class ValidateCaseForm(Action):  # type: ignore[misc]
    """Decides what is missing, adds the answer to the case, and rejects messages about something else."""

    def name(self) -> str:
        return "validate_case_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = Turn.of(tracker)
        if tracker.active_loop_name != "case_form":
            return await asyncio.to_thread(_begin, turn)
        if "case_answer" not in tracker.slots_to_validate():
            return []
        taken, step = await asyncio.to_thread(_take, turn)
        if taken == OTHER_BUSINESS:
            raise ActionExecutionRejection(self.name())
        return [SlotSet("case", in_slot(step)), SlotSet("case_answer", None if taken == ASK_AGAIN else taken)]


class ActionAskCaseAnswer(CityAction):
    asks_for_form = True

    def name(self) -> str:
        return "action_ask_case_answer"

    def answer(self, session: Session, turn: Turn) -> Answer:
        if turn.case and turn.case.act and turn.case.did == TOLD:
            # A letter to the mayor may be anything; what was announced as a suggestion is one.
            shows_its_act = turn.case.act == REQUEST and turn.intent in TAKEN_DOWN
            letter = turn if shows_its_act else replace(turn, intent=turn.case.act)
            # If the message is sent again, no second case is opened.
            return Answer.of_json(done_once(session, turn, TOLD, lambda: take_down(session, letter).as_json()))
        return Answer(self._say(session, turn), {"case": turn.case})

    def _say(self, session: Session, turn: Turn) -> list[Reply]:
        number, asked, did = turn.case_number or "", _asked(turn), turn.case.did if turn.case else None
        if asked == TELEPHONE:
            return [replies.ask_telephone(number, is_again=did == ASK_AGAIN)]
        if asked == WORDS:
            return [replies.say_what_to_add(get_case(session, number))]
        if asked == TOLD:
            # The first time `action_take_down` has asked for it.
            act = (turn.case and turn.case.act) or REQUEST
            return [letters.say_it(kind_of(replace(turn, intent=act)))] if did == ASK_AGAIN else []
        case = get_case(session, number)
        if did == MOVED:
            return [letters.moved(case)]
        # The letter itself has been answered by `action_take_down`.
        return [replies.words_added(case, utcnow(), _hotline(session))] if did == ADDED else []


class ActionCase(CityAction):
    """Runs once nothing is missing."""

    acts = True

    def name(self) -> str:
        return "action_case"

    def answer(self, session: Session, turn: Turn) -> Answer:
        answer = self._answer(session, turn, utcnow())
        return Answer(answer.replies, {"case_answer": None, **answer.slots})

    def _answer(self, session: Session, turn: Turn, now: datetime) -> Answer:
        if turn.intent in TAKEN_DOWN and turn.case_answer == NOTHING:
            return Answer([])  # answered instead of being taken down
        if turn.case_answer == TELEPHONE or has_proof(turn):
            return self._prove(session, turn, now)
        case = case_meant(session, turn)
        if case is not None and _asked(turn) == WORDS:
            if turn.case_answer != WORDS or case.state == CaseState.CLOSED:
                return _of(case, replies.nothing_added(case))
            return self._add(session, case, turn.text, now)
        return self._about(session, turn, case, now)

    def _about(self, session: Session, turn: Turn, case: Case | None, now: datetime) -> Answer:
        text = normalise(turn.text)
        is_about_item = is_about_waiting(text) and turn.known_item and turn.case_number is None
        if case is None or is_about_item:
            return _instead(session, turn)
        if turn.intent == WITHDRAW:
            return self._withdraw(session, turn, case, now)
        if turn.intent == ADD and case.state != CaseState.CLOSED:
            return self._add(session, case, added_words(text), now)
        own_case.press(session, case, now)
        return _of(case, replies.how_far(case, now, _hotline(session)))

    def _add(self, session: Session, case: Case, text: str, now: datetime) -> Answer:
        own_case.add_words(session, case, text, now)
        return _of(case, replies.words_added(case, now, _hotline(session)))

    def _withdraw(self, session: Session, turn: Turn, case: Case, now: datetime) -> Answer:
        is_meant = turn.is_pressed or is_plain_withdrawal(normalise(turn.text))
        if case.state == CaseState.CLOSED:
            return _of(case, replies.withdrawn_before(case)) if is_meant else _instead(session, turn)
        if is_meant or turn.case_number == case.number:
            own_case.withdraw(session, case, now)
            return _of(case, replies.withdrawn(case))
        instead = _instead(session, turn)
        return Answer([*instead.replies, replies.still_open(case)], {**instead.slots, "case": CaseTalk(case.number)})

    def _prove(self, session: Session, turn: Turn, now: datetime) -> Answer:
        proof, hotline = prove(session, turn, now), _hotline(session)
        if proof.case is None:
            return Answer([replies.telephone_does_not_fit(proof.number, proof.attempts_left, hotline)])
        own_case.press(session, proof.case, now)
        answer = _of(proof.case, replies.how_far(proof.case, now, hotline))
        return Answer(answer.replies, {**answer.slots, "proven_case": proof.number})


def _begin(turn: Turn) -> list[dict[str, Any]]:
    """The slots that say what has to be asked for, and about which case."""
    missing, number = _missing(turn)
    answered = [] if missing else [SlotSet("case_answer", NOTHING)]
    act = turn.case.act if turn.case and missing == TOLD else None
    return [SlotSet("case", in_slot(CaseTalk(number, missing, act=act))), *answered]


def _missing(turn: Turn) -> tuple[str | None, str | None]:
    if turn.intent in TAKEN_DOWN:
        return (_asked(turn), turn.case_number) if _asked(turn) in (LETTER, TOLD) else (None, None)
    with database().transaction() as session:
        named = named_case(turn)
        if named and not is_own(session, turn, named):
            return None if has_proof(turn) else TELEPHONE, named
        case = case_meant(session, turn)
        if case and turn.intent == ADD and case.state != CaseState.CLOSED and not added_words(normalise(turn.text)):
            return WORDS, case.number
        # The case discussed before is the one that “算了” is about.
        return None, turn.case_number


def _take(turn: Turn) -> tuple[str, CaseTalk]:
    """The kind of the answer to the form, and the state of the form after it."""
    step = turn.case or CaseTalk(None)
    with database().transaction() as session:
        # The rules of Rasa send a question about the case, an addition and a withdrawal to this form. If the form
        # refused one of them, Rasa would send it here again, ten times.
        if turn.intent == WITHDRAW or (turn.intent == ASK_CASE and _asked(turn) in (LETTER, TOLD)):
            return NOTHING, step
        if turn.is_pressed or turn.intent in _NEVER_AN_ANSWER or _is_emergency(session, turn):
            return OTHER_BUSINESS, step
        if _asked(turn) == WORDS:
            return WORDS, step
        if _asked(turn) == TOLD and announced_act(normalise(turn.text)):
            return ASK_AGAIN, replace(step, did=ASK_AGAIN)
        if _asked(turn) == TOLD:
            return (OTHER_BUSINESS, step) if _is_no_letter(turn) else (ASK_AGAIN, replace(step, did=TOLD))
        if _asked(turn) == LETTER:
            # If the message is sent again, its words are not added twice.
            said, waits = json.loads(
                done_once(
                    session, turn, "case_form", lambda: json.dumps(in_slot(_take_after_letter(session, turn, step)))
                )
            )
            return said, CaseTalk(**waits)
    if contact_in(turn.text):
        return TELEPHONE, step
    if turn.intent in (ASK_CASE, ADD):
        return NOTHING, step
    has_digits = sum(character.isdigit() for character in turn.text) >= _DIGITS_OF_A_NUMBER
    return (ASK_AGAIN, replace(step, did=ASK_AGAIN)) if has_digits else (OTHER_BUSINESS, step)


def _take_after_letter(session: Session, turn: Turn, step: CaseTalk) -> tuple[str, CaseTalk]:
    """Moves the case to another department, or adds the words to it. A question is not part of the letter."""
    case = get_case(session, str(step.number))
    department = _department_meant(session, turn)
    if case.state == CaseState.CLOSED or (department is None and _is_no_part_of_it(turn)):
        return OTHER_BUSINESS, step
    if department is not None:
        own_case.move(session, case, department.code, turn.text, utcnow())
        return ASK_AGAIN, replace(step, did=MOVED)
    own_case.add_words(session, case, added_words(normalise(turn.text)) if turn.intent == ADD else turn.text, utcnow())
    return ASK_AGAIN, replace(step, did=ADDED)


def _department_meant(session: Session, turn: Turn) -> Department | None:
    text = normalise(turn.text)
    return department_named(all_departments(session), text) if speaks_of_charge(text) else None


def _is_no_part_of_it(turn: Turn) -> bool:
    if turn.intent in TAKEN_DOWN or turn.intent == ADD:
        return False
    if turn.intent in _NO_PART_OF_A_LETTER:
        return True
    is_about_item = bool(turn.items) and turn.intent in ITEM_INTENTS and turn.confidence >= _SURE
    return is_about_item or asks(normalise(turn.text))


def _is_no_letter(turn: Turn) -> bool:
    """Whether the message after “请说说是什么事” is something else: small talk, or a question about an item."""
    if turn.intent in TAKEN_DOWN:
        return False
    is_question = asks(normalise(turn.text)) and (bool(turn.items) or len(turn.text) < SHORTEST)
    return turn.intent in _NO_PART_OF_A_LETTER or is_question


def _is_emergency(session: Session, turn: Turn) -> bool:
    route = routes.get_route(session, turn.route) if turn.route else None
    return route is not None and route.category == EMERGENCY


def _instead(session: Session, turn: Turn) -> Answer:
    """The answer if no case is meant: by what else the words can mean."""
    answered = bare_answer(session, turn)
    if answered:
        return answered
    if turn.intent == WITHDRAW:
        return Answer([smalltalk.smalltalk("goodbye", "")])
    if turn.route:
        return ActionRoute().answer(session, turn)
    if is_somebody_there(normalise(turn.text)):
        return Answer([smalltalk.smalltalk("greet", catalogue.get_city(session).name)])
    if turn.known_item and turn.likely_intent in ITEM_INTENTS:
        return ActionAnswer().answer(session, replace(turn, intent=turn.likely_intent))
    if turn.intent == ASK_CASE and not turn.items:
        return _without_case(session, turn)
    return ActionAnswer().answer(session, turn)


def _without_case(session: Session, turn: Turn) -> Answer:
    """The answer to a question about a case in a conversation without one: “多久给答复”, “能告诉我结果吗”.

    It may be about what was answered before, unless it names the citizen's own case.
    """
    if names_own_case(normalise(turn.text)):
        return Answer([replies.ask_number()])
    if can_be_taken_down(turn):
        return Answer([replies.not_taken_down_yet()])
    answered = answer_in_context(session, turn)
    return answered or Answer([replies.ask_number()])


def _asked(turn: Turn) -> str | None:
    """The value of `asks`, None if the form asked for nothing."""
    return turn.case.asks if turn.case else None


def _of(case: Case, reply: Reply) -> Answer:
    return Answer([reply], {"case": CaseTalk(case.number)})


def _hotline(session: Session) -> str:
    return catalogue.get_city(session).hotline
