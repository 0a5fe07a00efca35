"""“不用教”: unanswered questions that need no teaching, known by digests, so that no words of citizens are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.db import added
from bot.language.text import bare
from bot.lessons.models import QuestionSetAside
from bot.staff.models import Person


def set_aside(session: Session, texts: Iterable[str], person: Person, now: datetime) -> None:
    """Texts that are the same apart from punctuation and way of writing are set aside with them."""
    for digest in sorted({digest_of(text) for text in texts}):
        added(session, QuestionSetAside(text_digest=digest, by_id=person.id, at=now))


def take_up(session: Session, texts: Iterable[str]) -> None:
    digests = {digest_of(text) for text in texts}
    session.execute(delete(QuestionSetAside).where(QuestionSetAside.text_digest.in_(digests)))


def digests_set_aside(session: Session) -> frozenset[str]:
    return frozenset(session.scalars(select(QuestionSetAside.text_digest)))


def digest_of(text: str) -> str:
    return hashlib.sha256(bare(text).encode()).hexdigest()
