"""Questions that published documents answer, and what to say when nothing was understood or found."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from actions.approvals import answer_item, bare_answer, facets_of, offer_choices
from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.documents import service as documents
from bot.replies import filing, policies

# Whoever asks how to apply for information may begin at once.
_IS_ABOUT_FILING = re.compile(r"(?:申请|依).{0,8}公开|公开.{0,6}申请|信公")


class ActionAnswerPolicy(CityAction):
    def name(self) -> str:
        return "action_answer_policy"

    def answer(self, session: Session, turn: Turn) -> Answer:
        answered = bare_answer(session, turn)
        if answered:
            return answered
        found = documents.search(session, turn.text)
        if found:
            offered = (filing.START,) if _IS_ABOUT_FILING.search(turn.text) else ()
            return Answer([policies.policy_answer(found, offered)])
        if len(turn.items) == 1:
            return answer_item(session, turn.items[0], facets_of(turn), turn)
        if turn.items:
            return offer_choices(session, turn.items, facets_of(turn))
        return nothing_found(session, turn)


class ActionFallback(ActionAnswerPolicy):
    """Nothing was understood. What the documents answer is answered all the same."""

    def name(self) -> str:
        return "action_fallback"


def nothing_found(session: Session, turn: Turn) -> Answer:
    nearest = documents.nearest_titles(session, turn.text)
    return Answer([policies.nothing_found(nearest, catalogue.get_city(session).hotline)])
