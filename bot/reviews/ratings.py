"""Which answers a citizen may rate (好差评), and taking the rating from where they read the answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.models import StaffMessage
from bot.reviews.models import Case, Rating
from bot.reviews.reasons import Stars
from bot.reviews.service import asks_why, conversations_of, explain_rating, get_case, rate, ratings_of
from bot.reviews.states import Action, allowed_actions


class NotYourCase(LookupError):
    """The case is not about this conversation, or there is none of this number."""


def rateable(session: Session, lines: Iterable[StaffMessage]) -> dict[int, str]:
    """Of these messages of staff those that may be rated: the last answer of a case, not rated yet.

    Id of the message → number of the case.
    """
    found = {}
    for line in lines:
        case = session.get_one(Case, line.case_id)
        if (
            line.at == case.answered_at
            and Action.RATE in allowed_actions(case)
            and not _newest_of_answer(session, case)
        ):
            found[line.id] = case.number
    return found


def rate_in(session: Session, conversation_id: str, number: str, stars: Stars, why: str, now: datetime) -> Rating:
    """Rates; or, sent again with the reason after a bad rating without one, adds the reason to it.

    Raises:
        NotYourCase
        CaseActionRefused: nothing was answered yet, or the last answer has its rating.
    """
    case = _case_in(session, conversation_id, number)
    rating = _newest_of_answer(session, case)
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


def _newest_of_answer(session: Session, case: Case) -> Rating | None:
    """The rating of the last answer, if it has one."""
    ratings = ratings_of(session, case)
    is_of_last = ratings and (case.answered_at is None or ratings[-1].at >= case.answered_at)
    return ratings[-1] if is_of_last else None
