"""Answers greetings, thanks, goodbyes, “who are you”, and a citizen who says that the answer was wrong."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.approvals import bare_answer
from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.language.delegation import asks_to_act
from bot.language.text import normalise
from bot.replies import approvals, smalltalk


class ActionSmalltalk(CityAction):
    def name(self) -> str:
        return "action_smalltalk"

    def answer(self, session: Session, turn: Turn) -> Answer:
        # “你能帮我预约吗” does not ask who answers.
        topic = "cannot_act" if asks_to_act(normalise(turn.text)) else turn.intent
        return bare_answer(session, turn) or Answer([smalltalk.smalltalk(topic, catalogue.get_city(session).name)])


class ActionSorry(CityAction):
    def name(self) -> str:
        return "action_sorry"

    def answer(self, session: Session, turn: Turn) -> Answer:
        # “不是”, after “下面哪条说的是您的情况？”, chooses none of them and finds no fault with an answer.
        if turn.offered or turn.candidates:
            return Answer([approvals.no_choice_left()], {"candidates": None})
        return Answer([smalltalk.sorry_for_wrong_answer()])
