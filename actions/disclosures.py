"""Tells the status of a disclosure request to citizens who have its receipt and query code."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.turn import Answer, CityAction, Turn
from bot.catalogue.remedies import remedy_offices
from bot.db import utcnow
from bot.disclosures import service as disclosures
from bot.replies import disclosures as replies
from bot.workdays import today_in_china


class ActionAskReceipt(CityAction):
    asks_for_form = True

    def name(self) -> str:
        return "action_ask_receipt"

    def answer(self, session: Session, turn: Turn) -> Answer:
        return Answer([replies.ask_receipt(disclosures.attempts_left(session, turn.client, utcnow()))])


class ActionAskQueryCode(CityAction):
    asks_for_form = True

    def name(self) -> str:
        return "action_ask_query_code"

    def answer(self, session: Session, turn: Turn) -> Answer:
        left = disclosures.attempts_left(session, turn.client, utcnow(), turn.receipt)
        return Answer([replies.ask_query_code(turn.receipt, left)])


class ActionDisclosureStatus(CityAction):
    """Runs once the form has both.

    A code is used for one look-up. The receipt is kept after a wrong code, so that only the code is asked again.
    """

    acts = True

    def name(self) -> str:
        return "action_disclosure_status"

    def answer(self, session: Session, turn: Turn) -> Answer:
        now = utcnow()
        if turn.query_code is None:  # sealed with a key that is gone: asked again, not counted as a try
            left = disclosures.attempts_left(session, turn.client, now, turn.receipt)
            return Answer([replies.ask_query_code(turn.receipt, left)], {"query_code": None})
        found = disclosures.look_up(session, turn.receipt or "", turn.query_code, turn.client, now)
        if found.request is not None:
            today = today_in_china(now)
            assessment = disclosures.assess(found.request, today)
            offices = remedy_offices(session, found.request.department)
            status = replies.disclosure_status(found.request, assessment, today, offices)
            return Answer([status], {"query_code": None, "receipt": None})
        if found.paused_until is not None:
            return Answer([replies.look_ups_paused(found.paused_until)], {"query_code": None})
        return Answer([replies.wrong_query_code(found.attempts_left)], {"query_code": None})
