"""Answers of staff reach the telephone: in the conversation, or at the number left off duty; not at night."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations import service as conversations
from bot.conversations import staff_messages
from bot.conversations.channels import MAIL, SMS
from bot.db import Database
from bot.helpline import outbox, staff_lines, subscribers
from bot.helpline.models import Consent, Outgoing, Subscriber
from bot.reviews import call_backs, handling
from bot.reviews.models import Case, Rating
from bot.reviews.reasons import ClosedAs
from tests.helpline.town import NUMBER, QUIET, SEALER, add_city, minutes, say
from tests.reviews.town import NOON, add_person, open_case

NIGHT = NOON + timedelta(hours=10)  # 22:00 in China


def texter(session: Session) -> Subscriber:
    """A citizen who texted once, at noon."""
    add_city(session)
    say(session, "居住证怎么办")
    return session.scalars(select(Subscriber)).one()


def collect(session: Session, at: datetime, channels: Collection[str] = (SMS,)) -> list[Outgoing]:
    """All lines of staff that are in the outbox after two collections."""
    for _ in range(2):
        for line in staff_lines.not_collected(session, SEALER, at, channels):
            staff_lines.collect(session, SEALER, QUIET, line, at)
    found = select(Outgoing).where(Outgoing.staff_message_id.is_not(None)).order_by(Outgoing.id)
    return list(session.scalars(found))


def write(session: Session, case: Case, text: str, at: datetime, *, is_final: bool = False) -> None:
    person = case.claimed_by or add_person(session, f"李四{case.id}")
    handling.claim(session, case, person, at)
    handling.reply(session, case, person, at, text, is_final=is_final)


def test_a_clerks_reply_goes_out_once_and_counts_as_seen_when_a_carrier_has_it(database: Database) -> None:
    with database.transaction() as session:
        subscriber = texter(session)
        write(session, open_case(session, subscriber.conversation_id), "请问您住在哪个区？", NOON)
        (text,) = collect(session, NOON)
        assert text.text == "工作人员：请问您住在哪个区？"
        (line,) = staff_messages.staff_messages(session, subscriber.conversation_id)
        assert line.delivered_at is None
        outbox.mark_sent(session, text, "c-1", NOON + minutes(1))
        assert line.delivered_at == NOON + minutes(1)


def test_at_night_only_who_is_talking_is_written_to(database: Database) -> None:
    with database.transaction() as session:
        subscriber = texter(session)
        case = open_case(session, subscriber.conversation_id)
        write(session, case, "明天来办就行。", NIGHT)
        (text,) = collect(session, NIGHT)
        assert text.due_at == NOON + timedelta(hours=20)  # 08:00
        say(session, "我还有个问题", NIGHT + minutes(5))
        write(session, case, "您说。", NIGHT + minutes(6))
        _, second = collect(session, NIGHT + minutes(6))
        assert second.due_at == NIGHT + minutes(6)


def test_who_unsubscribed_gets_it_when_they_write_again(database: Database) -> None:
    with database.transaction() as session:
        subscriber = texter(session)
        write(session, open_case(session, subscriber.conversation_id), "可以办。", NOON)
        assert len(collect(session, NOON)) == 1
        say(session, "TD", NOON + minutes(1))
        assert collect(session, NOON + minutes(2)) == []
        say(session, "你好", NOON + minutes(3))
        (text,) = collect(session, NOON + minutes(4))
        assert "可以办" in text.text


def portal_case(session: Session, contact: str) -> Case:
    conversation = conversations.open_conversation(session, conversations.new_conversation_id(), "portal", NOON)
    case = open_case(session, conversation.id)
    case.contact_sealed = SEALER.seal(contact)
    return case


def test_an_answer_goes_to_the_number_that_was_left_at_the_portal(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        case = portal_case(session, "138-0013-8000")
        write(session, case, "到居住地派出所办。", NOON + minutes(1), is_final=True)
        assert collect(session, NOON + minutes(1), ()) == []
        (text,) = collect(session, NOON + minutes(1))
        assert case.number in text.text
        assert "到居住地派出所办" in text.text
        assert SEALER.open(text.subscriber.user_sealed) == NUMBER
        # They did not text first, so they get no greeting, but they may reply and rate.
        _, (thanks, *_) = say(session, "5", NOON + minutes(9))
        assert "谢谢" in thanks
        assert session.scalars(select(Rating.stars)).all() == [5]


def test_a_question_back_goes_to_the_number_only_if_nobody_saw_it_on_the_page(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        case = portal_case(session, NUMBER)
        write(session, case, "请问您住在哪个区？", NOON)
        assert collect(session, NOON) == []
        (line,) = staff_messages.staff_messages(session, case.conversation_id)
        staff_messages.mark_delivered([line], NOON)
        assert collect(session, NOON + minutes(2)) == []
        write(session, case, "还在吗？", NOON + minutes(3))
        (text,) = collect(session, NOON + minutes(5))
        assert "还在吗" in text.text


def test_a_number_that_unsubscribed_or_is_no_mobile_gets_nothing(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        subscriber = subscribers.subscriber_of(session, SEALER, "sms", NUMBER)
        subscribers.unsubscribe(session, subscriber, NOON)
        for contact in (NUMBER, "someone@example.com", "0990-8810110"):
            write(session, portal_case(session, contact), "可以办。", NOON + minutes(1), is_final=True)
            assert collect(session, NOON + minutes(1)) == []


def test_an_answer_goes_to_the_mail_address_that_was_left_whole_and_asks_nothing_back(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        case = portal_case(session, "Wang.Fang@Example.com")
        write(session, case, "到居住地派出所办。" + "带上材料。" * 200, NOON + minutes(1), is_final=True)
        (text,) = collect(session, NOON + minutes(1), (SMS, MAIL))
        assert (text.channel, SEALER.open(text.subscriber.user_sealed)) == (MAIL, "wang.fang@example.com")
        assert text.text.count("带上材料。") == 200
        assert "回复" not in text.text


def test_a_bad_rating_by_text_asks_why_and_opens_the_case_again(database: Database) -> None:
    with database.transaction() as session:
        subscriber = texter(session)
        case = open_case(session, subscriber.conversation_id)
        write(session, case, "不能办。", NOON + minutes(1), is_final=True)
        (text,) = collect(session, NOON + minutes(1))
        assert "1 非常不满意" in text.text
        assert case.state == "answered"
        _, (why,) = say(session, "1", NOON + minutes(2))
        assert "哪里不满意" in why
        assert case.state != "answered"
        question, (thanks,) = say(session, "没说为什么不能办，我电话13900139000", NOON + minutes(3))
        assert question is None
        assert "谢谢" in thanks
        (rating,) = session.scalars(select(Rating))
        assert (rating.stars, rating.why) == (1, "没说为什么不能办，我电话[手机号]")
        # After that, messages go to the bot again.
        question, _ = say(session, "居住证怎么办", NOON + minutes(4))
        assert question is not None


def test_a_call_back_by_text_ends_with_its_answers_and_a_bad_one_opens_the_case_again(database: Database) -> None:
    with database.transaction() as session:
        subscriber = texter(session)
        case = open_case(session, subscriber.conversation_id)
        write(session, case, "可以办。", NOON + minutes(1), is_final=True)
        assert case.claimed_by is not None
        handling.close(session, case, case.claimed_by, NOON + minutes(2), ClosedAs.ANSWERED)
        call_backs.ask(session, case, case.claimed_by, NOON + minutes(3))
        *_, text = collect(session, NOON + minutes(3))
        assert "3 没有解决" in text.text
        question, (told,) = say(session, "3", NOON + minutes(4))
        assert question is None
        assert "重新办" in told
        assert case.state == "claimed"


def test_a_number_left_for_several_answers_is_one_consent(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        for number in range(2):
            write(session, portal_case(session, NUMBER), f"答复{number}", NOON, is_final=True)
        assert len(collect(session, NOON + minutes(1))) == 2
        assert session.scalars(select(Consent.deed)).all() == ["left_contact"]
