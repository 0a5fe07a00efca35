"""回访 by text: what asks whether it is solved ends with the three answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.models import StaffMessage
from bot.helpline.models import Subscriber
from bot.replies import rating as wording
from bot.replies.plain_text import TextChoice
from bot.reviews.call_backs import CALL_BACK_TITLES, CallBackAnswer, NotAskedHere, answer_in
from bot.reviews.states import CaseActionRefused

_ANSWER = "call-back:"


def choices(line: StaffMessage) -> tuple[TextChoice, ...]:
    return tuple(TextChoice(title, f"{_ANSWER}{line.id}:{value}") for value, title in CALL_BACK_TITLES.items())


def answer_to(session: Session, subscriber: Subscriber, says: str, now: datetime) -> str | None:
    """The answer to the citizen; None if the choice is no answer to a call-back. `says`: what the choice stands for."""
    if not says.startswith(_ANSWER):
        return None
    line_id, answer = says.removeprefix(_ANSWER).split(":")
    line = session.get(StaffMessage, int(line_id))
    try:
        # The number of the subscriber was left with the case, so the line may stand in another conversation.
        conversation_id = line.conversation_id if line else subscriber.conversation_id
        is_reopened = answer_in(session, conversation_id, int(line_id), CallBackAnswer(answer), now)
    except (NotAskedHere, CaseActionRefused):
        return wording.called_back_before()
    return wording.called_back(is_reopened=is_reopened)
