"""Answers greetings, thanks, goodbyes, “who are you”, and a citizen who says that the answer was wrong."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.approvals import bare_answer
from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.replies import smalltalk


class ActionSmalltalk(CityAction):
    def name(self) -> str:
        return "action_smalltalk"

    def answer(self, session: Session, turn: Turn) -> Answer:
        return bare_answer(session, turn) or Answer(
            [smalltalk.smalltalk(turn.intent, catalogue.get_city(session).name)]
        )


class ActionSorry(CityAction):
    def name(self) -> str:
        return "action_sorry"

    def answer(self, session: Session, turn: Turn) -> Answer:
        return Answer([smalltalk.sorry_for_wrong_answer()])
