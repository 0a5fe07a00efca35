"""Tells the status of a disclosure request to citizens who have its receipt and query code."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from actions.answering import rule_asked_for
from actions.turn import Answer, CityAction, Turn
from bot.catalogue.remedies import remedy_offices
from bot.db import utcnow
from bot.disclosures import errands
from bot.disclosures import service as disclosures
from bot.disclosures.errands import ErrandRefused
from bot.disclosures.models import Request
from bot.notices.answer_files import answer_notices
from bot.replies import disclosures as replies
from bot.replies import errands as errand_replies
from bot.replies.reply import Reply
from bot.workdays import today_in_china


class ActionAskReceipt(CityAction):
    """Asks for the receipt; before that it answers a question about the rules, in case that is all that is wanted."""

    asks_for_form = True

    def name(self) -> str:
        return "action_ask_receipt"

    def answer(self, session: Session, turn: Turn) -> Answer:
        left = disclosures.attempts_left(session, turn.client, utcnow())
        told = None if turn.errand or turn.is_pressed else rule_asked_for(session, turn)
        if told:
            return Answer([*told.replies, replies.ask_receipt(left, replies.OWN_REQUEST)], told.slots)
        return Answer([replies.ask_receipt(left, errand_replies.lead(turn.errand))])


class ActionAskQueryCode(CityAction):
    asks_for_form = True

    def name(self) -> str:
        return "action_ask_query_code"

    def answer(self, session: Session, turn: Turn) -> Answer:
        left = disclosures.attempts_left(session, turn.client, utcnow(), turn.receipt)
        return Answer([replies.ask_query_code(turn.receipt, left, errand_replies.lead(turn.errand))])


class ActionDisclosureStatus(CityAction):
    """Runs once the form has both: tells the status, or begins the errand that the look-up was for.

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
            return self._of(session, turn, found.request, now)
        if found.paused_until is not None:
            return Answer([replies.look_ups_paused(found.paused_until)], {"query_code": None})
        return Answer([replies.wrong_query_code(found.attempts_left)], {"query_code": None})

    def _of(self, session: Session, turn: Turn, request: Request, now: datetime) -> Answer:
        looked_up = {"query_code": None, "receipt": None}
        refusal = []
        if turn.errand:
            try:
                errands.begin(session, turn.conversation, request, turn.errand, now)
            except ErrandRefused as refused:
                refusal = [errand_replies.refused(request, turn.errand, refused.state)]
            else:
                return Answer([], looked_up, then="errand_form")
        return Answer([*refusal, status_of(session, request, now)], looked_up)


def status_of(session: Session, request: Request, now: datetime) -> Reply:
    today = today_in_china(now)
    offices = remedy_offices(session, request.department)
    has_papers = any(notice.what.outcome for notice in answer_notices(session, request))
    return replies.disclosure_status(request, disclosures.assess(request, today), today, offices, has_papers=has_papers)
