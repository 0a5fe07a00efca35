"""What staff can see and do about SMS and other text channels."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.conversations.channels import SMS
from bot.db import Database
from bot.helpline import ceiling, desk, outbox, staff_lines
from bot.helpline.inbox import MOST_ATTEMPTS, put_off
from bot.helpline.models import Outgoing, Subscriber
from bot.helpline.outbox import OutgoingState
from bot.language.triggers import EMERGENCY
from bot.referrals.models import Route
from bot.reviews import handling
from bot.reviews.reasons import Priority
from bot.settings import HelplineSettings, Settings
from bot.staff.models import AuditEntry
from tests.helpline.town import NUMBER, QUIET, SEALER, add_city, arrive, inbound, minutes, say
from tests.reviews.town import NOON, add_person, open_case

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


def test_a_supervisor_raises_todays_ceiling_and_at_midnight_it_is_as_usual(database: Database) -> None:
    with database.transaction() as session:
        for texts, why, problem in (
            (None, "停水", "10 到 100"),
            (9, "停水", "10 到 100"),
            (101, "停水", "10 到 100"),
            (50, " ", "理由"),
        ):
            with pytest.raises(desk.DeskRefused, match=problem):
                desk.raise_ceiling(session, 10, texts, why, who="zhuguan", now=NOON)
        for texts in (60, 50):  # a slip is mended
            assert desk.raise_ceiling(session, 10, texts, "停水通知", who="zhuguan", now=NOON) == texts
        assert ceiling.of_today(session, 10, NOON) == 50
        assert ceiling.of_today(session, 10, NOON + timedelta(days=1)) == 10
        said = session.scalars(select(AuditEntry.why).order_by(AuditEntry.id)).all()
        assert said == ["10 → 60：停水通知", "60 → 50：停水通知"]


def test_the_answer_to_an_emergency_and_to_an_urgent_case_goes_above_the_ceiling(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        session.add(
            Route(
                code="119",
                name="火警",
                category=EMERGENCY,
                triggers=["着火"],
                exceptions=[],
                answer="先拨 119。再离开。",
                in_charge="消防",
                phone="119",
                legal_basis="",
                url="",
            )
        )
        say(session, "你好")
        say(session, "着火了", bot=[{"text": "先拨 119。再离开。"}])
        case = open_case(session, session.scalars(select(Subscriber)).one().conversation_id)
        case.priority = Priority.URGENT
        person = add_person(session, "李四")
        handling.claim(session, case, person, NOON)
        handling.reply(session, case, person, NOON, "马上到。", is_final=False)
        for line in staff_lines.not_collected(session, SEALER, NOON, [SMS]):
            staff_lines.collect(session, SEALER, QUIET, line, NOON)
        urgent = session.scalars(select(Outgoing.text).where(Outgoing.is_urgent).order_by(Outgoing.id)).all()
        assert [text.split("。")[0] for text in urgent] == ["先拨 119", "工作人员：马上到"]


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
        # A number or an address that never wrote can be blocked too.
        assert desk.block(session, SEALER, "stranger@example.com", "骚扰", who="zhuguan", now=NOON) == "str****.com"
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
