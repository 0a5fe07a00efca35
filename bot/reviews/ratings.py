"""Decides which answers a citizen may rate (好差评), and stores ratings given in the conversation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.models import StaffMessage
from bot.reviews.models import Case, Rating
from bot.reviews.reasons import Stars
from bot.reviews.service import asks_why, conversations_of, explain_rating, get_case, rate, rating_of_answer
from bot.reviews.states import Action, allowed_actions


class NotYourCase(LookupError):
    """The case does not belong to this conversation, or does not exist."""


def rateable(session: Session, lines: Iterable[StaffMessage]) -> dict[int, str]:
    """The messages among `lines` that may be rated: the last answer of a case, if it is not rated yet.

    Returns message id → case number.
    """
    found = {}
    for line in lines:
        case = session.get_one(Case, line.case_id)
        if line.at == case.answered_at and Action.RATE in allowed_actions(case) and not rating_of_answer(session, case):
            found[line.id] = case.number
    return found


def rate_in(session: Session, conversation_id: str, number: str, stars: Stars, why: str, now: datetime) -> Rating:
    """Stores a rating. If the last answer has a bad rating without a reason, adds the reason `why` to it instead.

    Raises:
        NotYourCase: the case does not belong to this conversation.
        CaseActionRefused: nothing was answered yet, or the last answer is already rated.
    """
    case = _case_in(session, conversation_id, number)
    rating = rating_of_answer(session, case)
    if rating is not None and why and asks_why(rating):
        explain_rating(session, rating, why)
        return rating
    return rate(session, case, stars, why, now)


def _case_in(session: Session, conversation_id: str, number: str) -> Case:
    try:
        case = get_case(session, number)
    except LookupError:
        raise NotYourCase(number) from None
    if conversation_id not in conversations_of(session, case):
        raise NotYourCase(number)
    return case
