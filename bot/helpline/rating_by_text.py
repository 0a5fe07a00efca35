"""好差评 by text: the answer to a case ends with the grades; after the two worst the citizen is asked why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.helpline import screens
from bot.helpline.models import Subscriber
from bot.replies import rating as wording
from bot.replies.plain_text import Screen, TextChoice
from bot.reviews.ratings import rate_in
from bot.reviews.reasons import STARS_TITLES, Stars
from bot.reviews.service import asks_why, get_case
from bot.reviews.states import CaseActionRefused

_RATE, _EXPLAIN = "rate:", "explain:"


def choices(case_number: str) -> tuple[TextChoice, ...]:
    """The number to reply with is the number of stars."""
    return tuple(TextChoice(STARS_TITLES[stars], f"{_RATE}{case_number}:{stars.value}") for stars in sorted(Stars))


def answer_to(session: Session, subscriber: Subscriber, says: str, now: datetime) -> str | None:
    """The answer to the citizen; None if the choice is no rating. `says`: what the choice stands for."""
    if not says.startswith(_RATE):
        return None
    number, stars = says.removeprefix(_RATE).split(":")
    try:
        rating = rate_in(session, get_case(session, number).conversation_id, number, Stars(int(stars)), "", now)
    except CaseActionRefused:
        return wording.not_now()
    if not asks_why(rating):
        return wording.thanks()
    return screens.show(subscriber, Screen((wording.asks_why(),), (TextChoice("", f"{_EXPLAIN}{number}:{stars}"),)))


def answer_to_why(session: Session, subscriber: Subscriber, text: str, now: datetime) -> str | None:
    """Stores `text` as the reason if the citizen was just asked why, and returns the answer; else None."""
    if screens.choice_count(subscriber) != 1 or not screens.choice(subscriber, 0).startswith(_EXPLAIN):
        return None
    number, stars = screens.choice(subscriber, 0).removeprefix(_EXPLAIN).split(":")
    screens.show(subscriber, Screen((wording.thanks_for_why(),), ()))
    try:
        rate_in(session, get_case(session, number).conversation_id, number, Stars(int(stars)), text, now)
    except CaseActionRefused:  # answered anew meanwhile, or explained already
        return None
    return wording.thanks_for_why()
