"""Published letters for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from bot.reviews.reasons import Kind, Reason
from bot.reviews.service import open_case
from bot.voices.models import PublicLetter
from bot.voices.service import begin

NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)


def publish(
    session: Session, *, title: str, question: str, answer: str, answered_on: date = date(2026, 11, 28)
) -> PublicLetter:
    """A letter that both sides agreed to publish."""
    conversation = f"form-{title}"
    case = open_case(session, conversation, "form", Reason.TAKEN_DOWN, [], NOW, question=question, kind=Kind.COMPLAINT)
    voice, _ = begin(session, case, title, question, NOW, is_public_wished=True)
    letter = PublicLetter(
        id=voice.id,
        kind=case.kind,
        title=title,
        question=question,
        answer=answer,
        asked_on=date(2026, 11, 27),
        answered_on=answered_on,
        published_at=NOW,
    )
    session.add(letter)
    session.flush()
    return letter
