"""Incoming texts are stored once, joined from their parts, and handled in order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.helpline import inbox, leases, subscribers
from bot.helpline.inbox import InboundState
from bot.helpline.models import Inbound, Subscriber
from bot.helpline.texts import Kind, TextPart
from tests.helpline.town import NUMBER, SEALER, arrive, inbound, minutes, text_of
from tests.reviews.town import NOON


def test_the_same_text_again_is_the_one_already_kept(database: Database) -> None:
    with database.transaction() as session:
        first = arrive(session, "办身份证", gateway_id="g-1")
        again = arrive(session, "办身份证", gateway_id="g-1")
        assert again == first
        assert session.scalar(select(func.count()).select_from(Inbound)) == 1


def test_one_number_written_in_several_ways_is_one_citizen_and_stands_nowhere_to_be_read(database: Database) -> None:
    with database.transaction() as session:
        for user in (NUMBER, f"+86{NUMBER}", f"86{NUMBER}", "138 0013 8000"):
            arrive(session, "你好", user=user)
        (subscriber,) = session.scalars(select(Subscriber))
        kept = f"{subscriber.user_digest} {subscriber.user_sealed} {subscriber.conversation_id}"
        assert NUMBER not in kept
        assert subscribers.masked_user(SEALER, subscriber) == "138****8000"


def test_what_is_kept_cannot_be_read_without_the_key(database: Database) -> None:
    with database.transaction() as session:
        kept = arrive(session, "XXGK-2026-000001 7K2M9QXW")
        assert "7K2M9QXW" not in (inbound(session, kept).text_sealed or "")
        assert text_of(session, kept) == "XXGK-2026-000001 7K2M9QXW"


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_parts_become_one_text_in_whichever_order_they_come(database: Database, order: tuple[int, ...]) -> None:
    said = {1: "我想问一下", 2: "补办身份证", 3: "要带什么"}
    with database.transaction() as session:
        for number in order:
            kept = arrive(session, said[number], part=TextPart(7, 3, number))
        waiting = session.scalars(select(Inbound).where(Inbound.state == InboundState.WAITING)).all()
        assert [SEALER.open(one.text_sealed or "") for one in waiting] == ["我想问一下补办身份证要带什么"]
        others = session.scalars(select(Inbound).where(Inbound.state == InboundState.JOINED)).all()
        assert [one.text_sealed for one in others] == [None, None]
        assert inbound(session, kept).subscriber_id == waiting[0].subscriber_id


def test_a_part_that_comes_twice_is_one_part(database: Database) -> None:
    with database.transaction() as session:
        arrive(session, "甲", part=TextPart(7, 2, 1), gateway_id="a")
        arrive(session, "甲", part=TextPart(7, 2, 1), gateway_id="b")
        assert inbox.subscribers_to_answer(session, NOON, []) == []
        arrive(session, "乙", part=TextPart(7, 2, 2), gateway_id="c")
        (waiting,) = session.scalars(select(Inbound).where(Inbound.state == InboundState.WAITING))
        assert SEALER.open(waiting.text_sealed or "") == "甲乙"


def test_texts_of_two_citizens_with_the_same_reference_are_not_mixed(database: Database) -> None:
    with database.transaction() as session:
        arrive(session, "甲", part=TextPart(7, 2, 1))
        arrive(session, "乙", part=TextPart(7, 2, 2), user="13900139000")
        assert inbox.subscribers_to_answer(session, NOON, []) == []


def test_a_text_of_which_a_part_is_lost_waits_no_more(database: Database) -> None:
    with database.transaction() as session:
        first = arrive(session, "头", part=TextPart(7, 3, 1))
        arrive(session, "尾", NOON + minutes(1), part=TextPart(7, 3, 3))
        assert not inbox.join_late(session, SEALER, NOON + minutes(1))
        assert inbox.join_late(session, SEALER, NOON + inbox.PARTS_WITHIN)
        assert text_of(session, first) == "头……尾"
        assert (inbound(session, first).state, inbound(session, first).kind) == (InboundState.WAITING, Kind.TORN)
        assert not inbox.join_late(session, SEALER, NOON + timedelta(days=1))


def test_a_citizens_texts_are_taken_up_as_they_were_sent(database: Database) -> None:
    with database.transaction() as session:
        late = arrive(session, "后说的", sent_at=NOON)
        early = arrive(session, "先说的", sent_at=NOON - minutes(1))
        other = arrive(session, "别人说的", user="13900139000")
        mine = inbound(session, early).subscriber_id
        assert inbox.subscribers_to_answer(session, NOON, []) == [mine, inbound(session, other).subscriber_id]
        oldest = inbox.oldest_waiting(session, mine)
        assert oldest is not None
        assert oldest.id == early.inbound_id
        inbox.mark_answered(oldest, NOON)
        session.flush()
        following = inbox.oldest_waiting(session, mine)
        assert following is not None
        assert following.id == late.inbound_id


def test_while_one_process_answers_a_citizen_no_other_does(database: Database) -> None:
    with database.transaction() as session:
        subscriber_id = inbound(session, arrive(session, "你好")).subscriber_id
    with database.transaction() as session:
        until = leases.take(session, Subscriber.answering_until, subscriber_id, NOON)
        assert until is not None
    with database.transaction() as session:
        assert not leases.take(session, Subscriber.answering_until, subscriber_id, NOON)
        assert leases.take(session, Subscriber.sending_until, subscriber_id, NOON)
        assert inbox.subscribers_to_answer(session, NOON, []) == []
        after = NOON + leases.LASTS + timedelta(seconds=1)
        assert inbox.subscribers_to_answer(session, after, []) == [subscriber_id]
        assert leases.take(session, Subscriber.answering_until, subscriber_id, after)
        # The earlier holder learns that another process does the work now.
        assert not leases.give_back(session, Subscriber.answering_until, subscriber_id, until)
    with database.transaction() as session:
        leases.free_all(session)
        assert leases.take(session, Subscriber.answering_until, subscriber_id, NOON)


def test_who_died_before_the_clock_was_set_back_holds_nobody_up(database: Database) -> None:
    with database.transaction() as session:
        subscriber_id = inbound(session, arrive(session, "你好")).subscriber_id
        assert leases.take(session, Subscriber.answering_until, subscriber_id, NOON + timedelta(hours=1))
    with database.transaction() as session:
        assert inbox.subscribers_to_answer(session, NOON, []) == [subscriber_id]
        assert leases.take(session, Subscriber.answering_until, subscriber_id, NOON)


def test_over_the_rate_a_text_is_counted_and_the_first_is_told(database: Database) -> None:
    with database.transaction() as session:
        kept = [arrive(session, str(number), most_per_hour=2) for number in range(5)]
        states = [inbound(session, one).state for one in kept]
        assert states == [InboundState.WAITING, InboundState.WAITING, *[InboundState.TOO_OFTEN] * 3]
        assert [one.is_first_too_often for one in kept] == [False, False, True, False, False]
        assert text_of(session, kept[2]) is None
        later = arrive(session, "明天再问", NOON + timedelta(days=1), most_per_hour=2)
        assert inbound(session, later).state == InboundState.WAITING


def test_a_blocked_number_is_not_read(database: Database) -> None:
    with database.transaction() as session:
        subscribers.block(inbound(session, arrive(session, "骚扰")).subscriber, "骚扰", NOON)
        kept = arrive(session, "再骚扰")
        assert (inbound(session, kept).state, text_of(session, kept)) == (InboundState.BLOCKED, None)


def test_what_cannot_be_answered_is_tried_again_and_in_the_end_left_for_staff(database: Database) -> None:
    with database.transaction() as session:
        kept = arrive(session, "你好")
        one = inbound(session, kept)
        for _ in range(inbox.MOST_ATTEMPTS - 1):
            inbox.put_off(one, NOON)
            assert one.state == InboundState.WAITING
            assert one.due_at > NOON
        session.flush()
        assert inbox.subscribers_to_answer(session, NOON, []) == []
        inbox.put_off(one, NOON)
        session.flush()
        assert inbox.failed(session) == [one]
        assert text_of(session, kept) == "你好"
        inbox.try_again(one, NOON)
        session.flush()
        assert inbox.subscribers_to_answer(session, NOON, []) == [one.subscriber_id]
