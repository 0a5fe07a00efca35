from datetime import UTC, datetime

from bot.conversations import service
from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.db import Database

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def store(database: Database, text: str, client_id: str | None = None) -> int:
    with database.transaction() as session:
        conversation = service.open_conversation(session, "c1", "portal", NOON)
        return service.store_message(session, conversation, text, NOON, client_id).id


def test_a_message_is_stored_before_it_is_answered(database: Database) -> None:
    number = store(database, "我的电话13800138000")
    with database.transaction() as session:
        message = session.get_one(Message, number)
        assert (message.text, message.masked_text) == ("我的电话13800138000", "我的电话[手机号]")
        assert message.outcome is None
        assert message.received_at == NOON


def test_a_message_sent_twice_is_stored_once(database: Database) -> None:
    assert store(database, "你好", "n1") == store(database, "你好", "n1")
    assert store(database, "你好", "n1") != store(database, "你好", "n2")


def test_the_answer_is_kept_with_how_it_came_about(database: Database) -> None:
    number = store(database, "你好")
    turn = {
        "outcome": "smalltalk",
        "intent": "greet",
        "confidence": 0.9,
        "entities": [{"entity": "item", "value": "GA-001"}],
        "action": "action_smalltalk",
    }
    with database.transaction() as session:
        service.store_answer(session, number, [{"text": "您好"}], turn, NOON)
    with database.transaction() as session:
        (message,) = service.history(session, "c1")
        assert message.outcome == Outcome.SMALLTALK.value
        assert (message.intent, message.action) == ("greet", "action_smalltalk")
        assert message.replies == [{"text": "您好"}]


def test_only_conversations_of_the_portal_can_be_resumed(database: Database) -> None:
    with database.transaction() as session:
        service.open_conversation(session, "guessable", "api", NOON)
        service.open_conversation(session, "p", "portal", NOON)
    with database.transaction() as session:
        assert service.portal_conversation(session, "guessable") is None
        assert service.portal_conversation(session, "p") is not None
        assert service.portal_conversation(session, "unknown") is None
