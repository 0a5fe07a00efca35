"""The hot questions are counted from items and facets; no citizen's words are among them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.conversations.models import Conversation, Message
from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.figures.hot import LEAST_CONVERSATIONS, WITHIN, Hot, hot_questions
from tests.clock import NOW
from tests.databases import set_up


def ask(
    session: Session,
    conversation: str,
    code: str,
    *,
    intent: str = "ask_materials",
    outcome: Outcome = Outcome.ANSWERED_BY_RECORD,
    at: datetime = NOW,
) -> None:
    if session.get(Conversation, conversation) is None:
        session.add(Conversation(id=conversation, channel="portal", started_at=at, last_message_at=at))
        session.flush()
    session.add(
        Message(
            conversation_id=conversation,
            received_at=at,
            text="我叫张三",
            masked_text="我叫[姓名]",
            outcome=outcome,
            intent=intent,
            entities=[{"entity": "item", "value": code}],
        )
    )


def test_questions_are_counted_by_conversations_and_rare_ones_are_left_out() -> None:
    database = Database("sqlite://")
    set_up(database)
    with database.transaction() as session:
        for number in range(LEAST_CONVERSATIONS + 1):
            ask(session, f"c{number}", "GA-003")
            ask(session, f"c{number}", "GA-003")
        for number in range(LEAST_CONVERSATIONS):
            ask(session, f"c{number}", "GA-006", intent="greet")
        for _ in range(9):
            ask(session, "c1", "GA-004")
        for number in range(9):
            ask(session, f"c{number}", "GA-005", at=NOW - WITHIN - timedelta(minutes=1))
            ask(session, f"c{number}", "GA-008", outcome=Outcome.CHOICES_OFFERED)
        assert hot_questions(session, NOW) == [
            Hot("GA-003", "materials", LEAST_CONVERSATIONS + 1),
            Hot("GA-006", "overview", LEAST_CONVERSATIONS),
        ]
    database.close()
