"""Lessons whose message goes: kept without it when only its time is up, gone with it when the citizen wishes so."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from bot.lessons.models import Lesson


def part_from_messages(session: Session, message_ids: Sequence[int]) -> None:
    """A lesson is masked, and stays what the bot is taught."""
    session.execute(update(Lesson).where(Lesson.message_id.in_(message_ids)).values(message_id=None))


def forget_lessons_of(session: Session, message_ids: Sequence[int]) -> int:
    """How many there were. From the next training on the bot has not learnt them."""
    gone = session.execute(delete(Lesson).where(Lesson.message_id.in_(message_ids)).returning(Lesson.id))
    return len(gone.all())
