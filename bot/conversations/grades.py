"""好差评 of the assistant's own answers: one grade an answer, from 1 (非常不满意) to 5 stars."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome

FEWEST, MOST = 1, 5
# These ask for a better answer.
BAD = (1, 2)
# What tells a citizen something about a matter. Greetings, choices and steps of a form are not graded.
_ANSWERS = frozenset(
    {
        Outcome.ANSWERED_BY_RECORD,
        Outcome.ANSWERED_BY_PASSAGE,
        Outcome.ROUTED,
        Outcome.NOT_IN_CATALOGUE,
        Outcome.NOTHING_FOUND,
        Outcome.OUT_OF_SCOPE,
    }
)


class GradeRefused(LookupError):
    """There is no such answer in the conversation, or it has its grade."""


def may_be_graded(message: Message) -> bool:
    return message.outcome in _ANSWERS


def grade(session: Session, conversation_id: str, number: str, stars: int) -> None:
    """Keeps the grade of the answer to the message with the page's own `number`.

    Raises:
        GradeRefused
        ValueError: `stars` is no grade.
    """
    if not FEWEST <= stars <= MOST:
        raise ValueError(f"a grade is from {FEWEST} to {MOST}, not {stars}")
    message = session.scalars(
        select(Message).where(Message.conversation_id == conversation_id, Message.client_id == number)
    ).one_or_none()
    if message is None or not may_be_graded(message) or message.stars is not None:
        raise GradeRefused(number)
    message.stars = stars
