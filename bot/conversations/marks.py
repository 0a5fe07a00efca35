"""“有用 / 没用”: what reviewers say of the bot's answers, beside the grades that citizens give."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import AnswerMark, Message
from bot.conversations.outcomes import Outcome
from bot.db import locked


class Mark(StrEnum):
    """Useful, or why not."""

    USEFUL = "useful"
    WRONG = "wrong"
    BESIDE = "beside"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"


MARK_TITLES: dict[str, str] = {
    Mark.USEFUL: "有用",
    Mark.WRONG: "答错了",
    Mark.BESIDE: "没答到点上",
    Mark.OUTDATED: "过时",
    Mark.UNCLEAR: "说得不清",
}


class MarkRefused(ValueError):
    """The message has no answer of the bot."""


def may_be_marked(message: Message) -> bool:
    return bool(message.replies) and message.outcome not in (None, Outcome.WITH_PERSON)


def mark_answer(session: Session, message_id: int, mark: Mark, by_id: int, now: datetime) -> None:
    """Marks the answer to a message. A mark that it has already is replaced.

    Raises:
        MarkRefused: also if there is no such message.
    """
    message = locked(session, Message, message_id)
    if message is None or not may_be_marked(message):
        raise MarkRefused
    found = session.scalars(select(AnswerMark).where(AnswerMark.message_id == message_id)).one_or_none()
    if found is None:
        found = AnswerMark(message_id=message_id)
        session.add(found)
    found.mark, found.matter, found.by_id, found.at = mark, message.matter, by_id, now
    session.flush()


def marks_in(session: Session, conversation_id: str) -> dict[int, AnswerMark]:
    """Id of the message → its mark."""
    rows = session.scalars(
        select(AnswerMark)
        .join(Message, Message.id == AnswerMark.message_id)
        .where(Message.conversation_id == conversation_id)
    )
    return {row.message_id: row for row in rows if row.message_id is not None}
