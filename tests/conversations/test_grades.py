"""好差评 of the assistant's answers: one grade each, in one's own conversation, of answers only."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bot.conversations.grades import GradeRefused, grade, may_be_graded
from bot.conversations.models import Conversation, Message
from bot.conversations.outcomes import Outcome
from bot.db import Database, utcnow
from tests.databases import set_up


def message(session: Session, outcome: Outcome | None, number: str) -> Message:
    now = utcnow()
    if session.get(Conversation, "c1") is None:
        session.add(Conversation(id="c1", channel="portal", started_at=now, last_message_at=now))
        session.flush()
    made = Message(
        conversation_id="c1", client_id=number, received_at=now, text="问", masked_text="问", outcome=outcome
    )
    session.add(made)
    session.flush()
    return made


def test_an_answer_is_graded_once_and_only_in_its_conversation() -> None:
    database = Database("sqlite://")
    set_up(database)
    with database.transaction() as session:
        answered = message(session, Outcome.ANSWERED_BY_RECORD, "1")
        message(session, Outcome.SMALLTALK, "2")
        assert may_be_graded(answered)
        for conversation, number in (("c2", "1"), ("c1", "2"), ("c1", "9")):
            with pytest.raises(GradeRefused):
                grade(session, conversation, number, 5)
        for stars in (0, 6):
            with pytest.raises(ValueError, match="grade"):
                grade(session, "c1", "1", stars)
        grade(session, "c1", "1", 2)
        with pytest.raises(GradeRefused):
            grade(session, "c1", "1", 5)
        assert answered.stars == 2
    database.close()
