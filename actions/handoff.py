"""Hands the conversation to a person."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.db import utcnow
from bot.replies import handoff
from bot.reviews import service as reviews


class ActionHandoff(CityAction):
    def name(self) -> str:
        return "action_handoff"

    def answer(self, session: Session, turn: Turn) -> Answer:
        now = utcnow()
        case = reviews.open_case(session, turn.conversation, turn.channel, "asked_for_person", turn.transcript, now)
        hotline = catalogue.get_city(session).hotline
        return Answer([handoff.handed_over(case.number, reviews.is_on_duty(now), reviews.DUTY_HOURS, hotline)])
