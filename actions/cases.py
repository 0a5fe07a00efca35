"""A case of the citizen's own: how far it is, more to it, no more of it (`bot.reviews.own_case`)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from sqlalchemy.orm import Session

from actions.approvals import ActionAnswerItem, bare_answer
from actions.policies import ActionFallback
from actions.routes import ActionRoute
from actions.turn import Answer, CityAction, Turn, database
from bot.catalogue import service as catalogue
from bot.conversations.channels import SMS
from bot.db import utcnow
from bot.disclosures import service as look_ups
from bot.disclosures.answers import Field, NotAnAnswer, read
from bot.engine.facets import ITEM_INTENTS
from bot.engine.routes import EMERGENCY
from bot.engine.wishes import (
    ADD,
    ASK_CASE,
    WITHDRAW,
    added_words,
    is_about_waiting,
    is_plain_withdrawal,
    is_somebody_there,
)
from bot.helpline.subscribers import find_subscriber
from bot.replies import cases as replies
from bot.replies import smalltalk
from bot.replies.reply import Reply
from bot.reviews import own_case
from bot.reviews.models import Case
from bot.reviews.numbers import find_case_number
from bot.reviews.service import get_case
from bot.reviews.states import State
from bot.routes import service as routes
from bot.sealing import Sealer
from bot.settings import Settings
from bot.text import normalise

WORDS, TELEPHONE, NOTHING = "words", "telephone", "nothing"
OTHER_BUSINESS, NO_TELEPHONE = "other business", "no telephone"
# With so many digits it was meant for a number, even if it is none.
_DIGITS_OF_A_NUMBER = 5
_NO_WORDS_TO_ADD = frozenset({"handoff", "ask_person", "greet", "thank", "goodbye", "feedback_wrong", "leave_contact"})


class ValidateCaseForm(Action):  # type: ignore[misc]
    """Decides what is missing, and lets go of what is neither a telephone nor words to add."""

    def name(self) -> str:
        return "validate_case_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = Turn.of(tracker)
        if tracker.active_loop_name != "case_form":
            missing, number = await asyncio.to_thread(_missing, turn)
            answered = [SlotSet("case_answer", NOTHING)] if missing == NOTHING else []
            return [SlotSet("case", {"number": number, "asks": missing}), *answered]
        if "case_answer" not in tracker.slots_to_validate():
            return []
        taken = await asyncio.to_thread(_taken, turn)
        if taken == OTHER_BUSINESS:
            raise ActionExecutionRejection(self.name())
        return [SlotSet("case_answer", None if taken == NO_TELEPHONE else taken)]


class ActionAskCaseAnswer(CityAction):
    asks_for_form = True

    def name(self) -> str:
        return "action_ask_case_answer"

    def answer(self, session: Session, turn: Turn) -> Answer:
        number = turn.case_number or ""
        if _asks(turn) == WORDS:
            return Answer([replies.say_what_to_add(get_case(session, number))], {"case": turn.case})
        is_again = find_case_number(normalise(turn.text)) is None and turn.intent not in ("ask_case", ADD, WITHDRAW)
        return Answer([replies.ask_telephone(number, is_again)], {"case": turn.case})


class ActionCase(CityAction):
    """Comes once nothing is missing."""

    def name(self) -> str:
        return "action_case"

    def answer(self, session: Session, turn: Turn) -> Answer:
        now, ends = utcnow(), {"case_answer": None}
        if turn.case_answer == TELEPHONE or _proof_in(turn):
            return _with_slots(_prove(session, turn, now), ends)
        case = _case_meant(session, turn)
        if _asks(turn) == WORDS and case is not None:
            added = turn.case_answer == WORDS and case.state != State.CLOSED
            return _with_slots(_add(session, case, turn.text, now) if added else _nothing_added(case), ends)
        return _with_slots(self._about(session, turn, case, now), ends)

    def _about(self, session: Session, turn: Turn, case: Case | None, now: datetime) -> Answer:
        text = normalise(turn.text)
        if case is None or (is_about_waiting(text) and turn.known_item and turn.case_number is None):
            return _instead(session, turn)
        if turn.intent == WITHDRAW:
            return self._withdraw(session, turn, case, now)
        if turn.intent == ADD and case.state != State.CLOSED:
            return _add(session, case, added_words(text), now)
        own_case.press(session, case, now)
        return _of(case, replies.how_far(case, now, catalogue.get_city(session).hotline))

    def _withdraw(self, session: Session, turn: Turn, case: Case, now: datetime) -> Answer:
        is_meant = turn.text.startswith("/") or is_plain_withdrawal(normalise(turn.text))
        if case.state == State.CLOSED:
            return _of(case, replies.withdrawn_before(case)) if is_meant else _instead(session, turn)
        if is_meant or turn.case_number == case.number:
            own_case.withdraw(session, case, now)
            return _of(case, replies.withdrawn(case))
        instead = _instead(session, turn)
        return Answer([*instead.replies, replies.still_open(case)], {**instead.slots, "case": {"number": case.number}})


def _asks(turn: Turn) -> str | None:
    """What the form asked for."""
    return (turn.case or {}).get("asks")


def _taken(turn: Turn) -> str:
    """What the answer to the form is."""
    with database().transaction() as session:
        route = routes.get_route(session, turn.route) if turn.route else None
    if turn.text.startswith("/") or turn.intent in _NO_WORDS_TO_ADD or (route and route.category == EMERGENCY):
        return OTHER_BUSINESS
    if turn.intent == WITHDRAW:
        return NOTHING
    if _asks(turn) == WORDS:
        return WORDS
    if contact_in(turn.text):
        return TELEPHONE
    has_digits = sum(character.isdigit() for character in turn.text) >= _DIGITS_OF_A_NUMBER
    return NO_TELEPHONE if has_digits else OTHER_BUSINESS


def contact_in(text: str) -> str | None:
    """The telephone or mail address in `text`, written as those are that were left with cases."""
    try:
        return read(Field.CONTACT, text, {})
    except NotAnAnswer:
        return None


def _missing(turn: Turn) -> tuple[str, str | None]:
    """What has to be asked for, and of which case."""
    text = normalise(turn.text)
    with database().transaction() as session:
        named = find_case_number(text)
        if named and not _is_own(session, turn, named):
            return (NOTHING if _proof_in(turn) else TELEPHONE), named
        case = _case_meant(session, turn)
        if case and turn.intent == ADD and case.state != State.CLOSED and not added_words(text):
            return WORDS, case.number
        # What was spoken of before tells what “算了” is about.
        return NOTHING, turn.case_number


def _is_own(session: Session, turn: Turn, number: str) -> bool:
    if number == turn.proven_case:
        return True
    try:
        return own_case.is_of_conversation(session, get_case(session, number), turn.conversation)
    except LookupError:
        return False


def _case_meant(session: Session, turn: Turn) -> Case | None:
    named = find_case_number(normalise(turn.text))
    if named and _is_own(session, turn, named):
        return get_case(session, named)
    own = own_case.told_case(session, turn.conversation)
    if own is not None or turn.proven_case is None:
        return own
    return get_case(session, turn.proven_case)


def _proof_in(turn: Turn) -> bool:
    """Number and telephone in one message: “AJ-000012，13800138000，到哪了”."""
    return find_case_number(normalise(turn.text)) is not None and contact_in(turn.text) is not None


def _prove(session: Session, turn: Turn, now: datetime) -> Answer:
    number = find_case_number(normalise(turn.text)) or turn.case_number or ""
    hotline = catalogue.get_city(session).hotline
    if _is_own(session, turn, number):
        case = get_case(session, number)
        return _of(case, replies.how_far(case, now, hotline))
    if not look_ups.attempts_left(session, turn.client, now, number):
        return Answer([replies.telephone_does_not_fit(number, 0, hotline)])
    fits = _fits(session, number, contact_in(turn.text) or "")
    look_ups.record_attempt(session, number, turn.client, now, failed=not fits)
    if not fits:
        left = look_ups.attempts_left(session, turn.client, now, number)
        return Answer([replies.telephone_does_not_fit(number, left, hotline)])
    case = get_case(session, number)
    own_case.press(session, case, now)
    return _with_slots(_of(case, replies.how_far(case, now, hotline)), {"proven_case": number})


def _fits(session: Session, number: str, contact: str) -> bool:
    """The telephone left with the case, or that from which it came as a text."""
    sealer = Sealer.of(Settings.from_environment())
    if own_case.is_proven_by(session, sealer, number, contact):
        return True
    subscriber = find_subscriber(session, sealer, SMS, contact)
    return subscriber is not None and _is_about(session, number, subscriber.conversation_id)


def _is_about(session: Session, number: str, conversation_id: str) -> bool:
    try:
        return own_case.is_of_conversation(session, get_case(session, number), conversation_id)
    except LookupError:
        return False


def _add(session: Session, case: Case, text: str, now: datetime) -> Answer:
    own_case.add_words(session, case, text, now)
    return _of(case, replies.words_added(case, now, catalogue.get_city(session).hotline))


def _nothing_added(case: Case) -> Answer:
    return _of(case, replies.nothing_added(case))


def _instead(session: Session, turn: Turn) -> Answer:
    """No case is meant: what the words say otherwise."""
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
        return ActionAnswerItem().answer(session, replace(turn, intent=turn.likely_intent))
    if turn.intent == ASK_CASE and not turn.items:
        return Answer([replies.ask_number()])
    return ActionFallback().answer(session, turn)


def _of(case: Case, reply: Reply) -> Answer:
    return Answer([reply], {"case": {"number": case.number}})


def _with_slots(answer: Answer, slots: dict[str, Any]) -> Answer:
    return Answer(answer.replies, {**answer.slots, **slots})
