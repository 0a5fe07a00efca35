"""How one text is handled: commands to the channel, numbers, the bot's answer, a person instead of the bot."""

from __future__ import annotations

from sqlalchemy import select

from bot.conversations import holding
from bot.conversations.channels import SMS, WECHAT
from bot.conversations.models import Conversation, Message
from bot.db import Database
from bot.helpline import answers, outbox
from bot.helpline.models import Consent, Outgoing, Subscriber
from bot.helpline.texts import Kind
from tests.helpline.town import NUMBER, SEALER, add_city, arrive, inbound, minutes, say
from tests.reviews.town import NOON

MENU = [
    {
        "text": "办身份证要带户口簿。",
        "buttons": [
            {"title": "多少钱", "id": "id of the fee"},
            {"title": "去哪办", "id": "id of the place"},
            {"title": "转人工", "id": "id of the person"},
        ],
    }
]
LONG = [{"text": "\n".join(f"{number}. 第{number}份材料，原件和复印件各一份" for number in range(1, 21))}]


def test_a_question_goes_to_the_bot_and_its_answer_back(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        question, (answer, greeting) = say(session, "补办身份证要带什么")
        assert question is not None
        assert (question.text, question.channel) == ("补办身份证要带什么", SMS)
        assert answer == "答：补办身份证要带什么"
        assert "云河市" in greeting
        assert "TD" in greeting
        assert NUMBER not in f"{question.conversation_id} {question.client}"
        # A citizen is greeted once only.
        assert len(say(session, "多少钱")[1]) == 1


def test_a_text_that_was_answered_is_not_kept_twice(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        say(session, "补办身份证要带什么")
        (message,) = session.scalars(select(Message))
        assert message.text == "补办身份证要带什么"


def test_taken_up_again_after_a_crash_it_is_the_same_question(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        say(session, "身份证", bot=MENU)
        kept = arrive(session, "1")
        first = answers.take_up(session, SEALER, inbound(session, kept), NOON)
        assert answers.take_up(session, SEALER, inbound(session, kept), NOON) == first
        assert first is not None
        assert first.button == "id of the fee"


def test_a_number_is_the_choice_that_was_offered_last(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        say(session, "身份证", bot=MENU)
        question, _ = say(session, "2")
        assert question is not None
        assert question.button == "id of the place"
        question, _ = say(session, "2")  # the last answer offered nothing
        assert question is not None
        assert (question.text, question.button) == ("2", None)


def test_zero_is_a_person_wherever_the_bot_is(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        question, _ = say(session, "0")
        assert question is not None
        assert question.text == "转人工"


def test_more_is_what_did_not_fit_and_then_the_bots_own_rest(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        _, texts = say(session, "要带什么", bot=LONG)
        pages = [texts[0]]
        while True:
            question, texts = say(session, "更多")
            if question is not None:
                break
            pages += texts
        assert len(pages) > 1
        assert all("更多" in page for page in pages[:-1])
        assert all(len(page) <= 201 for page in pages)
        assert all(f"第{number}份材料" in "".join(pages) for number in range(1, 21))
        assert question.text == "更多"


def test_back_shows_what_was_before_and_its_numbers_count_again(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        _, (nothing, *_) = say(session, "返回")
        assert nothing
        _, (menu, *_) = say(session, "身份证", bot=MENU)
        say(session, "1", bot=[{"text": "20 元。"}])
        question, texts = say(session, "返回")
        assert (question, texts) == (None, [menu])
        question, _ = say(session, "2")
        assert question is not None
        assert question.button == "id of the place"


def test_in_a_form_help_and_back_are_the_forms_own(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        say(session, "申请信息公开")
        session.scalars(select(Conversation)).one().awaits = "name"
        for said, heard in (("帮助", "帮助"), ("返回", "上一步"), ("0", "转人工")):
            question, _ = say(session, said)
            assert question is not None
            assert question.text == heard


def test_help_needs_no_bot_and_stands_in_the_conversation(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        question, (text,) = say(session, "帮助")
        assert question is None
        assert "0" in text
        (message,) = session.scalars(select(Message))
        assert (message.text, message.outcome, message.replies) == ("帮助", "command", [{"text": text}])


def test_who_unsubscribes_is_told_once_and_comes_back_by_writing(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        say(session, "你好")
        _, texts = say(session, "TD", NOON + minutes(1))
        subscriber = session.scalars(select(Subscriber)).one()
        assert "退订" in texts[0]
        assert subscriber.unsubscribed_at == NOON + minutes(1)
        waiting = outbox.next_to(session, subscriber.id, NOON + minutes(1))
        assert waiting is not None
        assert waiting.text == texts[0]  # texts that waited before it are no longer sent
        say(session, "还有一个问题", NOON + minutes(2))
        assert subscriber.unsubscribed_at is None
        deeds = session.scalars(select(Consent.deed).order_by(Consent.id)).all()
        assert deeds == ["wrote", "unsubscribed", "wrote"]


def test_while_a_person_answers_they_read_what_was_typed(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        question, _ = say(session, "身份证", bot=MENU)
        assert question is not None
        holding.hold(session, question.conversation_id, 1)
        for said in ("1", "0", "我想问问"):
            question, texts = say(session, said, bot=[])
            assert question is not None
            assert (question.text, texts) == (said, [])


def test_what_is_no_message_to_the_bot_is_answered_by_the_reason(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        kept = arrive(session, "长" * 600)
        answers.refuse(session, inbound(session, kept), SEALER, "一次最多 500 个字", NOON)
        (message,) = session.scalars(select(Message))
        assert len(message.text) == 600
        assert session.scalars(select(Outgoing.text)).all() == ["一次最多 500 个字"]


def test_on_wechat_following_greets_and_leaving_unsubscribes(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        _, (greeting,) = say(session, "[关注]", channel=WECHAT, user="openid-1", kind=Kind.FOLLOWED)
        assert "云河市" in greeting
        _, (answer,) = say(session, "身份证", channel=WECHAT, user="openid-1")
        assert answer == "答：身份证"
        _, (sorry,) = say(session, "[图片]", channel=WECHAT, user="openid-1", kind=Kind.NOT_TEXT)
        assert "文字" in sorry
        _, nothing = say(session, "[取消关注]", channel=WECHAT, user="openid-1", kind=Kind.LEFT)
        assert nothing == []
        assert session.scalars(select(Subscriber)).one().unsubscribed_at == NOON


def test_of_a_text_that_came_in_part_the_rest_is_asked_for_and_nothing_is_guessed(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        question, (text,) = say(session, "我想问……要带什么", kind=Kind.TORN)
        assert question is None
        assert "只收到一部分" in text
        assert session.scalars(select(Message.text)).all() == ["我想问……要带什么"]
