"""Lessons whose message is deleted: kept if its retention time is over, deleted with it if the citizen wishes so."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from bot.lessons.models import Lesson


def part_from_messages(session: Session, message_ids: Sequence[int]) -> None:
    """Keeps the lessons, since their texts are masked, but removes their link to the message."""
    session.execute(update(Lesson).where(Lesson.message_id.in_(message_ids)).values(message_id=None))


def forget_lessons_of(session: Session, message_ids: Sequence[int]) -> int:
    """Deletes the lessons, and returns their number. Models trained from now on do not learn them."""
    gone = session.execute(delete(Lesson).where(Lesson.message_id.in_(message_ids)).returning(Lesson.id))
    return len(gone.all())
