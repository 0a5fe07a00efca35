"""Tells citizens where to go with a matter that the assistant does not handle."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.answering import answer_question
from actions.approvals import bare_answer
from actions.letters import take_down_of_route
from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.language.triggers import EMERGENCY
from bot.referrals import service as routes
from bot.replies.routes import route_answer
from bot.replies.smalltalk import out_of_scope


class ActionRoute(CityAction):
    def name(self) -> str:
        return "action_route"

    def answer(self, session: Session, turn: Turn) -> Answer:
        route = routes.get_route(session, turn.route) if turn.route else None
        if route is None:  # routes newer than the model, or a button older than the routes
            return Answer([out_of_scope(catalogue.get_city(session).hotline)])
        if route.category == EMERGENCY:  # is answered at once
            return Answer([route_answer(route)])
        # “讨薪” may answer our own question. “冤枉钱” in a question about something else does not prove the route.
        answered = bare_answer(session, turn) or take_down_of_route(session, turn, route)
        return answered or answer_question(session, turn, route)
