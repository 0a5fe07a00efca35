"""Where a matter belongs that is not ours to answer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.approvals import bare_answer
from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.engine.routes import EMERGENCY
from bot.replies.routes import route_answer
from bot.replies.smalltalk import out_of_scope
from bot.routes import service as routes


class ActionRoute(CityAction):
    def name(self) -> str:
        return "action_route"

    def answer(self, session: Session, turn: Turn) -> Answer:
        route = routes.get_route(session, turn.route) if turn.route else None
        if route is None:  # routes newer than the model, or a button older than the routes
            return Answer([out_of_scope(catalogue.get_city(session).hotline)])
        # “讨薪” may answer our own question; an emergency never waits.
        answered = bare_answer(session, turn) if route.category != EMERGENCY else None
        return answered or Answer([route_answer(route)])
