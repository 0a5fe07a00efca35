from datetime import UTC, datetime

from bot.conversations import service
from bot.conversations.holding import hold, release
from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
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
    how = Provenance(Outcome.SMALLTALK, "greet", 0.9, (("item", "GA-001"),), "action_smalltalk")
    with database.transaction() as session:
        service.store_answer(session, number, [{"text": "您好"}], how, NOON)
    with database.transaction() as session:
        (message,) = service.history(session, "c1")
        assert message.outcome == Outcome.SMALLTALK.value
        assert (message.intent, message.action) == ("greet", "action_smalltalk")
        assert message.replies == [{"text": "您好"}]


def ask_for_name(database: Database) -> None:
    number = store(database, "我要申请信息公开")
    with database.transaction() as session:
        service.store_answer(
            session,
            number,
            [{"text": "您的姓名？"}],
            Provenance(Outcome.FILING, action="action_ask_filing_answer", awaits="name"),
            NOON,
        )


def kept(database: Database, text: str) -> str:
    number = store(database, text)
    with database.transaction() as session:
        return session.get_one(Message, number).text


def test_the_answer_to_a_personal_question_is_not_kept_as_typed(database: Database) -> None:
    ask_for_name(database)
    assert kept(database, "王小明") == "[姓名]"


def test_a_question_put_in_its_place_is_kept(database: Database) -> None:
    ask_for_name(database)
    assert kept(database, "为什么要写姓名？") == "为什么要写姓名？"


def test_an_identity_number_is_kept_nowhere(database: Database) -> None:
    assert kept(database, "我是11010519491231002X") == "我是[身份证号]"


def test_what_is_said_to_a_person_is_no_answer_to_the_form_which_still_waits(database: Database) -> None:
    ask_for_name(database)
    with database.transaction() as session:
        hold(session, "c1", 1)
    number = store(database, "好的谢谢")
    with database.transaction() as session:
        assert session.get_one(Message, number).text == "好的谢谢"
        service.store_answer(session, number, [], Provenance(Outcome.WITH_PERSON), NOON)
        release(session, "c1")
    assert kept(database, "王小明") == "[姓名]"


def test_the_query_code_of_a_request_just_filed_is_shown_but_not_kept(database: Database) -> None:
    number = store(database, "确认提交")
    replies = [{"text": "回执号：XXGK-2026-000124\n查询码：FJHN-A2BC"}]
    with database.transaction() as session:
        service.store_answer(session, number, replies, Provenance(Outcome.FILED), NOON)
        assert session.get_one(Message, number).replies == [{"text": "回执号：XXGK-2026-000124\n查询码：[查询码]"}]
    assert "FJHN-A2BC" in replies[0]["text"]
