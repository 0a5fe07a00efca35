"""What staff can see and do about SMS and other text channels."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.helpline import desk, outbox
from bot.helpline.inbox import MOST_ATTEMPTS, put_off
from bot.helpline.models import Subscriber
from bot.helpline.outbox import OutgoingState
from bot.settings import HelplineSettings, Settings
from bot.staff.models import AuditEntry
from tests.helpline.town import NUMBER, SEALER, add_city, arrive, inbound, minutes, say
from tests.reviews.town import NOON, open_case

SETTINGS = Settings.from_environment({"TEXTS_DAILY_CEILING": "10"}).helpline


def alarms(database: Database, at: object = NOON, settings: HelplineSettings = SETTINGS) -> str:
    with database.transaction() as session:
        return "\n".join(desk.alarms(session, settings, NOON if at is NOON else at))  # type: ignore[arg-type]


def test_nothing_wrong_raises_no_alarm(database: Database) -> None:
    assert alarms(database) == ""


def test_the_daily_ceiling_is_announced_before_it_is_reached_and_when_it_is(database: Database) -> None:
    for sent, words in ((7, ""), (8, "快到上限 10 条"), (10, "到了上限 10 条")):
        with database.transaction() as session:
            add_city(session) if sent == 7 else None
            subscriber = (
                session.scalars(select(Subscriber)).one_or_none()
                or inbound(session, arrive(session, "你好")).subscriber
            )
            for _ in range(sent - outbox.sent_today(session, "sms", NOON)):
                outbox.mark_sent(session, outbox.put(session, subscriber, "答", NOON), "c", NOON)
        assert words in alarms(database)
        assert (words == "") == (alarms(database) == "")


def test_a_carrier_that_does_not_answer_is_noticed(database: Database) -> None:
    with database.transaction() as session:
        outbox.put(session, inbound(session, arrive(session, "你好")).subscriber, "答", NOON)
    assert alarms(database, NOON + minutes(9)) == ""
    assert "通道可能不通" in alarms(database, NOON + minutes(11))


def test_what_reached_nobody_can_be_sent_again_or_dropped(database: Database) -> None:
    with database.transaction() as session:
        text = outbox.put(session, inbound(session, arrive(session, "你好")).subscriber, "他的手机13900139000", NOON)
        outbox.give_up(text, "status 400", NOON)
        session.flush()
        seen = desk.overview(session, SEALER, SETTINGS, NOON)
        assert list(seen.troubled) == [text]
        assert seen.users[text.subscriber_id] == "138****8000"
        assert desk.text_for_lists(text) == "他的手机[手机号]"
        assert "没有送到" in seen.alarms[0]
        desk.send_again(session, SEALER, text.id, who="zhuguan", now=NOON)
        assert text.state == OutgoingState.WAITING
        with pytest.raises(desk.DeskRefused):
            desk.drop(session, SEALER, text.id, who="zhuguan", now=NOON)
        outbox.give_up(text, "status 400", NOON)
        desk.drop(session, SEALER, text.id, who="zhuguan", now=NOON)
        assert text.state == OutgoingState.DROPPED
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(one.action, one.subject) for one in entries] == [
            ("send_text_again", "138****8000"),
            ("drop_text", "138****8000"),
        ]


def test_after_an_outage_all_is_sent_again_but_for_what_nobody_has_seen(database: Database) -> None:
    with database.transaction() as session:
        citizen = inbound(session, arrive(session, "你好")).subscriber
        texts = [outbox.put(session, citizen, str(number), NOON) for number in range(3)]
        for text in texts:
            outbox.give_up(text, "status 400", NOON)
        session.flush()
        assert desk.send_all_again(session, SEALER, texts[1].id, who="zhuguan", now=NOON) == "2"
        assert [text.state for text in texts] == [OutgoingState.WAITING, OutgoingState.WAITING, OutgoingState.DEAD]
        with pytest.raises(desk.DeskRefused):
            desk.send_all_again(session, SEALER, texts[1].id, who="zhuguan", now=NOON)


def test_a_text_that_could_not_be_answered_can_be_tried_again(database: Database) -> None:
    with database.transaction() as session:
        one = inbound(session, arrive(session, "你好"))
        for _ in range(MOST_ATTEMPTS):
            put_off(one, NOON)
        session.flush()
        assert list(desk.overview(session, SEALER, SETTINGS, NOON).failed) == [one]
        desk.answer_again(session, SEALER, one.id, who="zhuguan", now=NOON)
        assert one.state == "waiting"


def test_a_number_is_blocked_by_itself_or_by_a_case_of_its_citizen(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        say(session, "骂人的话")
        case = open_case(session, session.scalars(select(Subscriber)).one().conversation_id)
        assert desk.block(session, SEALER, case.number.lower(), "骚扰", who="zhuguan", now=NOON) == "138****8000"
        with pytest.raises(desk.DeskRefused, match="已经屏蔽"):
            desk.block(session, SEALER, NUMBER, "骚扰", who="zhuguan", now=NOON)
        (subscriber,) = desk.overview(session, SEALER, SETTINGS, NOON).blocked
        desk.unblock(session, SEALER, subscriber.id, who="zhuguan", now=NOON)
        with pytest.raises(desk.DeskRefused, match="没有屏蔽"):
            desk.unblock(session, SEALER, subscriber.id, who="zhuguan", now=NOON)
        # A number that never wrote can be blocked too.
        assert desk.block(session, SEALER, "13900139000", "骚扰", who="zhuguan", now=NOON) == "139****9000"


@pytest.mark.parametrize(
    ("named", "why", "problem"),
    [
        ("12345", "骚扰", "手机号"),
        ("AJ-000009", "骚扰", "手机号"),
        (NUMBER, " ", "理由"),
        (NUMBER, "长" * 201, "理由"),
        ("AJ-000001", "骚扰", "不是从短信"),
    ],
)
def test_blocking_says_what_is_missing(database: Database, named: str, why: str, problem: str) -> None:
    with database.transaction() as session:
        open_case(session, "from-the-portal")
        with pytest.raises(desk.DeskRefused, match=problem):
            desk.block(session, SEALER, named, why, who="zhuguan", now=NOON)
