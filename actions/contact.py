"""Off duty: asks where to send the answer, so that the citizen need not come back to look for it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection
from sqlalchemy.orm import Session

from actions.case_proof import contact_in
from actions.turn import Answer, CityAction, Turn, database
from bot.engine.wishes import WITHDRAW, is_plain_withdrawal
from bot.language.text import normalise
from bot.replies import handoff as replies
from bot.reviews import service as reviews
from bot.reviews.contacts import leave_contact
from bot.sealing import Sealer
from bot.settings import Settings

NOT_LEFT = "not left"

# From five digits, or with an @, an answer was meant as a contact, even if it is not a valid one.
_MEANT_AS_NUMBER = re.compile(r"(?:\d\D{0,2}){5}|@")


class ValidateContactForm(Action):  # type: ignore[misc]
    """Stores the contact with the case, sealed; rejects messages that hold no contact."""

    def name(self) -> str:
        return "validate_contact_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = Turn.of(tracker)
        contact = None if turn.is_pressed else contact_in(turn.text)
        if "contact_answer" not in tracker.slots_to_validate():
            # The form has only begun. The message that began it may be the contact: “我的电话是…”.
            return [await _kept(turn, contact)] if contact else []
        if turn.intent == WITHDRAW and not is_plain_withdrawal(normalise(turn.text)):
            # As the answer to the question for a number this means that the citizen leaves none.
            return [SlotSet("contact_answer", NOT_LEFT)]
        if contact:
            return [await _kept(turn, contact)]
        # A citizen who only repeats that they want to leave a number is asked for it again.
        if turn.intent != "leave_contact" and not _MEANT_AS_NUMBER.search(turn.text):
            raise ActionExecutionRejection(self.name())
        return [SlotSet("contact_answer", None)]


class ActionAskContactAnswer(CityAction):
    asks_for_form = True

    def name(self) -> str:
        return "action_ask_contact_answer"

    def answer(self, session: Session, turn: Turn) -> Answer:
        return Answer([replies.ask_contact(is_again=turn.intent != "leave_contact")])


class ActionContactKept(CityAction):
    def name(self) -> str:
        return "action_contact_kept"

    def answer(self, session: Session, turn: Turn) -> Answer:
        case = reviews.case_of_conversation(session, turn.conversation)
        if turn.contact_answer == NOT_LEFT:
            return Answer([replies.contact_not_left(case.number if case else None)], {"contact_answer": None})
        return Answer(
            [replies.contact_kept(case.number) if case and case.contact_sealed else replies.nobody_waits()],
            {"contact_answer": None},
        )


async def _kept(turn: Turn, contact: str) -> Any:
    is_kept = await asyncio.to_thread(_keep, turn.conversation, contact)
    return SlotSet("contact_answer", "kept" if is_kept else "no case")


def _keep(conversation: str, contact: str) -> bool:
    """Stores the contact with the open case; False if there is none."""
    with database().transaction() as session:
        case = reviews.case_of_conversation(session, conversation)
        if case is not None:
            leave_contact(case, contact, Sealer.of(Settings.from_environment()))
        return case is not None
