"""Hands the conversation to a person."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.memory import CaseTalk
from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.conversations.channels import TEXT_CHANNELS
from bot.db import utcnow
from bot.replies import handoff
from bot.reviews import promises
from bot.reviews import service as reviews
from bot.reviews.reasons import Reason


class ActionHandoff(CityAction):
    acts = True

    def name(self) -> str:
        return "action_handoff"

    def answer(self, session: Session, turn: Turn) -> Answer:
        now = utcnow()
        case = reviews.open_case(
            session,
            turn.conversation,
            turn.channel,
            Reason.ASKED_FOR_PERSON,
            turn.transcript,
            now,
            question=_question(turn),
        )
        hotline = catalogue.get_city(session).hotline
        is_on_duty, duty_hours = reviews.is_on_duty(now), promises.in_force().duty_hours
        is_by_text = turn.channel in TEXT_CHANNELS
        reply = handoff.handed_over(case.number, is_on_duty, duty_hours, hotline, is_by_text=is_by_text)
        return Answer([reply], {"case": CaseTalk(case.number)})


class ActionOfferPerson(CityAction):
    """Tells how to reach a person. A question about it opens no case; the citizen can reply “转人工”."""

    def name(self) -> str:
        return "action_offer_person"

    def answer(self, session: Session, turn: Turn) -> Answer:
        hotline = catalogue.get_city(session).hotline
        return Answer(
            [handoff.offered(reviews.is_on_duty(utcnow()), promises.in_force().duty_hours, hotline)],
        )


def _question(turn: Turn) -> str:
    """The question for the person: the message before the request for a person."""
    return turn.typed_before[-1] if turn.typed_before else turn.text
