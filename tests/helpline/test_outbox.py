"""Outgoing texts: in order, once, retried when a carrier fails, and never with data that must not leave."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.conversations.channels import SMS, WECHAT
from bot.db import Database
from bot.helpline import outbox
from bot.helpline.backoff import LONGEST, pause
from bot.helpline.hours import day_began
from bot.helpline.models import Outgoing, Subscriber
from bot.helpline.outbox import OutgoingState
from bot.helpline.subscribers import subscriber_of
from bot.helpline.texts import DeliveryReport
from tests.helpline.town import NUMBER, SEALER, arrive, minutes
from tests.reviews.town import NOON


def citizen(session: Session, user: str = NUMBER, channel: str = SMS) -> Subscriber:
    return subscriber_of(session, SEALER, channel, user)


def due(session: Session, at: object = NOON) -> list[int]:
    return outbox.subscribers_to_send_to(session, {SMS}, NOON if at is NOON else at, [])  # type: ignore[arg-type]


def test_texts_to_a_citizen_keep_their_order(database: Database) -> None:
    with database.transaction() as session:
        one = citizen(session)
        first, second = outbox.put(session, one, "一", NOON), outbox.put(session, one, "二", NOON)
        assert due(session) == [one.id]
        assert outbox.next_to(session, one.id, NOON) == first
        outbox.begin_attempt(first)
        outbox.put_off(first, "no answer", NOON)
        session.flush()
        # The second waits for the first, which waits for its next attempt.
        assert due(session) == []
        assert outbox.next_to(session, one.id, NOON + LONGEST) == first
        outbox.mark_sent(session, first, "c-1", NOON)
        session.flush()
        assert outbox.next_to(session, one.id, NOON) == second


def test_an_urgent_text_goes_above_the_ceiling_and_before_what_waits_for_it(database: Database) -> None:
    with database.transaction() as session:
        one = citizen(session)
        plain, urgent = outbox.put(session, one, "一", NOON), outbox.put(session, one, "二", NOON, is_urgent=True)
        assert outbox.subscribers_to_send_to(session, {SMS}, NOON, [], full=[SMS]) == [one.id]
        assert outbox.next_to(session, one.id, NOON) == urgent
        outbox.mark_sent(session, urgent, "c-1", NOON)
        session.flush()
        assert outbox.subscribers_to_send_to(session, {SMS}, NOON, [], full=[SMS]) == []
        assert outbox.next_to(session, one.id, NOON, full=[SMS]) is None
        assert outbox.next_to(session, one.id, NOON) == plain


def test_what_waits_for_the_morning_holds_up_no_answer(database: Database) -> None:
    with database.transaction() as session:
        one = citizen(session)
        morning = outbox.put(session, one, "明早说", NOON, due_at=NOON + timedelta(hours=10))
        now = outbox.put(session, one, "现在答", NOON)
        assert outbox.next_to(session, one.id, NOON) == now
        outbox.mark_sent(session, now, "c-1", NOON)
        session.flush()
        assert due(session) == []
        assert outbox.next_to(session, one.id, NOON + timedelta(hours=10)) == morning


def test_after_many_attempts_a_text_is_dead_and_staff_can_send_it_again(database: Database) -> None:
    with database.transaction() as session:
        text = outbox.put(session, citizen(session), "答", NOON)
        key = text.key
        for _ in range(outbox.MOST_ATTEMPTS):
            outbox.begin_attempt(text)
            outbox.put_off(text, "status 503", NOON)
        session.flush()
        assert (text.state, text.trouble) == (OutgoingState.DEAD, "status 503")
        assert outbox.troubled(session) == [text]
        outbox.try_again(text, NOON)
        session.flush()
        # It is unknown whether the carrier has the text; the same key prevents a second delivery.
        assert (text.state, text.key) == (OutgoingState.WAITING, key)


def test_what_a_carrier_could_not_deliver_is_another_text_when_sent_again(database: Database) -> None:
    with database.transaction() as session:
        text = outbox.put(session, citizen(session), "答", NOON)
        key = text.key
        outbox.mark_sent(session, text, "c-1", NOON)
        assert outbox.note_report(session, SMS, DeliveryReport("c-1", False, "phone off"), NOON)
        assert (text.state, text.trouble) == (OutgoingState.UNDELIVERED, "phone off")
        outbox.try_again(text, NOON)
        assert text.key != key


def test_a_report_may_come_before_the_carriers_answer_and_comes_once(database: Database) -> None:
    with database.transaction() as session:
        text = outbox.put(session, citizen(session), "答", NOON)
        assert outbox.note_report(session, SMS, DeliveryReport(text.key, True), NOON)
        outbox.mark_sent(session, text, "c-1", NOON)
        assert text.state == OutgoingState.DELIVERED
        outbox.put_off(text, "timeout", NOON)
        assert text.state == OutgoingState.DELIVERED
        assert outbox.note_report(session, SMS, DeliveryReport("c-1", False, "late"), NOON)
        outbox.give_up(text, "status 400", NOON)
        assert text.state == OutgoingState.DELIVERED
        assert not outbox.note_report(session, SMS, DeliveryReport("unknown", True), NOON)
        assert not outbox.note_report(session, WECHAT, DeliveryReport("c-1", True), NOON)


def test_a_passive_reply_takes_the_texts_once_and_gives_them_again_to_who_asks_again(database: Database) -> None:
    with database.transaction() as session:
        one = citizen(session, "openid-1", WECHAT)
        inbound_id = arrive(session, "你好", channel=WECHAT, user="openid-1").inbound_id
        later = NOON + timedelta(seconds=5)
        for text in ("一", "二"):
            outbox.put(session, one, text, NOON, due_at=later, inbound_id=inbound_id)
        assert outbox.take_for_passive_reply(session, inbound_id, NOON) == ["一", "二"]
        assert outbox.take_for_passive_reply(session, inbound_id, later) == ["一", "二"]
        assert outbox.subscribers_to_send_to(session, {WECHAT}, later, []) == []


def test_what_the_outbox_may_be_sending_already_is_no_passive_reply(database: Database) -> None:
    with database.transaction() as session:
        one = citizen(session, "openid-1", WECHAT)
        inbound_id = arrive(session, "你好", channel=WECHAT, user="openid-1").inbound_id
        outbox.put(session, one, "一", NOON, due_at=NOON, inbound_id=inbound_id)
        assert outbox.take_for_passive_reply(session, inbound_id, NOON + minutes(1)) == []


def test_no_query_code_and_no_identity_number_leaves_the_house(database: Database) -> None:
    with database.transaction() as session:
        said = "查询码 7K2M-9QXW，身份证 11010519491231002X，电话 0990-8810110"
        text = outbox.put(session, citizen(session), said, NOON)
        assert "7K2M" not in text.text
        assert "11010519491231002X" not in text.text
        assert "0990-8810110" in text.text


def test_the_days_count_begins_at_midnight_in_china(database: Database) -> None:
    with database.transaction() as session:
        one = citizen(session)
        midnight = day_began(NOON)
        for at in (midnight - timedelta(seconds=1), midnight, NOON):
            outbox.mark_sent(session, outbox.put(session, one, "答", at), "c", at)
        outbox.put(session, one, "还没发", NOON)
        session.flush()
        assert outbox.sent_today(session, SMS, NOON) == 2
        assert outbox.waiting_count(session, NOON) == 1
        assert outbox.waiting_count(session, NOON - timedelta(seconds=1)) == 0


def test_who_unsubscribes_gets_nothing_that_waits(database: Database) -> None:
    with database.transaction() as session:
        one = citizen(session)
        sent, waiting = outbox.put(session, one, "一", NOON), outbox.put(session, one, "二", NOON)
        outbox.mark_sent(session, sent, "c-1", NOON)
        session.flush()
        outbox.drop_waiting(session, one, "退订", NOON)
        session.expire_all()
        assert [session.get_one(Outgoing, text.id).state for text in (sent, waiting)] == [
            OutgoingState.SENT,
            OutgoingState.DROPPED,
        ]
        assert due(session) == []


@given(st.integers(min_value=1, max_value=10_000))
def test_a_pause_grows_up_to_its_longest_and_is_never_nothing(attempts: int) -> None:
    assert timedelta(seconds=1) <= pause(attempts) <= LONGEST
    assert pause(1) <= timedelta(seconds=2) < pause(4)


def test_what_was_reported_before_the_carrier_answered_counts_as_sent(database: Database) -> None:
    with database.transaction() as session:
        text = outbox.put(session, citizen(session), "答", NOON)
        outbox.note_report(session, SMS, DeliveryReport(text.key, True), NOON)
        session.flush()
        assert (text.state, text.sent_at, outbox.sent_today(session, SMS, NOON)) == (OutgoingState.DELIVERED, NOON, 1)
