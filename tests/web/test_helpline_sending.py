"""What happens to a text while a carrier has it in hand: its lease, its citizen, staff, a report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversations.channels import SMS
from bot.conversations.models import StaffMessage
from bot.db import Database, utcnow
from bot.helpline import desk, leases, outbox, staff_lines
from bot.helpline.models import Outgoing, Subscriber
from bot.helpline.outbox import OutgoingState
from bot.helpline.texts import DeliveryReport, Leaving
from bot.reviews import handling
from bot.sealing import Sealer
from bot.settings import Settings
from bot.web.carriers.sending import Sending
from bot.web.metrics import Metrics
from bot.web.rates import rate_limiter
from tests.helpline.town import QUIET, SEALER, add_city, say
from tests.patience import WITHIN_SECONDS
from tests.reviews.town import add_person, open_case

SETTINGS = Settings.from_environment({})
SETTINGS_OF_ONE = Settings.from_environment({"TEXTS_DAILY_CEILING": "1"})

Meanwhile = Callable[[Leaving], Awaitable[None]]


class Carrier:
    """Accepts each text, after running the event that happens meanwhile."""

    def __init__(self, meanwhile: Meanwhile) -> None:
        self.keys: list[str] = []
        self._meanwhile = meanwhile

    async def send(self, leaving: Leaving) -> str:
        self.keys.append(leaving.key)
        await self._meanwhile(leaving)
        return f"c-{len(self.keys)}"


def sending(database: Database, carrier: Carrier, settings: Settings = SETTINGS) -> Sending:
    return Sending(database, SEALER, settings.helpline, rate_limiter(SETTINGS), Metrics(), {SMS: carrier})


async def nothing(_: Leaving) -> None: ...


@pytest.fixture
async def citizen(database: Database) -> int:
    """A citizen who has texted; all answers are sent."""
    with database.transaction() as session:
        add_city(session)
        say(session, "居住证怎么办", utcnow())
        for text in session.scalars(select(Outgoing)).all():
            outbox.mark_sent(session, text, f"before-{text.id}", utcnow())
        return session.scalars(select(Subscriber.id)).one()


def put(database: Database, citizen: int) -> int:
    with database.transaction() as session:
        return outbox.put(session, session.get_one(Subscriber, citizen), "答", utcnow()).id


def write(database: Database, citizen: int) -> None:
    """A clerk answers the citizen; the text is put into the outbox."""
    with database.transaction() as session:
        case = open_case(session, session.get_one(Subscriber, citizen).conversation_id, utcnow())
        person = add_person(session, "李四")
        handling.claim(session, case, person, utcnow())
        handling.reply(session, case, person, utcnow(), "可以办。", is_final=True)
        collect(session)


def collect(session: Session) -> int:
    """Returns how many lines there were to collect."""
    lines = staff_lines.not_collected(session, SEALER, utcnow(), [SMS])
    for line in lines:
        staff_lines.collect(session, SEALER, QUIET, line, utcnow())
    return len(lines)


def lease_of(database: Database, citizen: int) -> datetime | None:
    with database.transaction() as session:
        return session.get_one(Subscriber, citizen).sending_until


async def changes(database: Database, citizen: int) -> datetime:
    """Waits until the lease changes, and returns the new one."""
    before = lease_of(database, citizen)
    async with asyncio.timeout(WITHIN_SECONDS):
        while (after := lease_of(database, citizen)) == before:
            await asyncio.sleep(0.01)
    assert after is not None
    return after


async def test_a_line_that_a_carrier_takes_while_its_citizen_unsubscribes_goes_out_once(
    database: Database, citizen: int
) -> None:
    async def unsubscribe(_: Leaving) -> None:
        with database.transaction() as session:
            say(session, "退订", utcnow())

    write(database, citizen)
    await sending(database, Carrier(unsubscribe)).send_next_to(citizen)
    with database.transaction() as session:
        assert session.scalars(select(StaffMessage)).one().delivered_at is not None
        say(session, "你好", utcnow())
        assert collect(session) == 0


async def test_a_line_that_a_carrier_may_have_had_from_a_process_that_died_goes_out_by_no_other_key(
    database: Database, citizen: int
) -> None:
    is_there = asyncio.Event()

    async def never_answer(_: Leaving) -> None:
        is_there.set()
        await asyncio.Event().wait()

    write(database, citizen)
    dying = asyncio.create_task(sending(database, Carrier(never_answer)).send_next_to(citizen))
    async with asyncio.timeout(WITHIN_SECONDS):
        await is_there.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    with database.transaction() as session:
        say(session, "退订", utcnow())
        say(session, "你好", utcnow())
        assert collect(session) == 0


async def test_a_text_that_staff_send_again_before_the_carrier_has_answered_goes_out_by_its_new_key(
    database: Database, citizen: int
) -> None:
    async def report_and_send_again(leaving: Leaving) -> None:
        with database.transaction() as session:
            assert outbox.note_report(session, SMS, DeliveryReport(leaving.key, False, "phone off"), utcnow())
        with database.transaction() as session:
            desk.send_again(session, SEALER, outgoing_id, who="zhuguan", now=utcnow())

    outgoing_id = put(database, citizen)
    first, second = Carrier(report_and_send_again), Carrier(nothing)
    await sending(database, first).send_next_to(citizen)
    await sending(database, second).send_next_to(citizen)
    with database.transaction() as session:
        text = session.get_one(Outgoing, outgoing_id)
        assert (text.state, [text.key]) == (OutgoingState.SENT, second.keys)
    assert first.keys != second.keys


async def test_nobody_else_sends_to_a_citizen_however_long_the_carrier_takes(
    database: Database, citizen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEWED_EVERY", timedelta(milliseconds=10))

    async def take_long(_: Leaving) -> None:
        first = await changes(database, citizen)
        assert await changes(database, citizen) > first
        with database.transaction() as session:
            assert leases.take(session, Subscriber.sending_until, citizen, first) is None

    put(database, citizen)
    carrier = Carrier(take_long)
    await sending(database, carrier).send_next_to(citizen)
    assert len(carrier.keys) == 1
    assert lease_of(database, citizen) is None


async def test_a_lease_that_another_process_has_taken_is_left_to_it(
    database: Database, citizen: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(leases, "RENEWED_EVERY", timedelta(milliseconds=10))
    theirs = utcnow() + timedelta(minutes=1)

    async def stall(_: Leaving) -> None:
        with database.transaction() as session:
            session.execute(update(Subscriber).values(sending_until=theirs))
        async with asyncio.timeout(WITHIN_SECONDS):
            while "another process has it" not in caplog.text:
                await asyncio.sleep(0.01)

    outgoing_id = put(database, citizen)
    await sending(database, Carrier(stall)).send_next_to(citizen)
    assert lease_of(database, citizen) == theirs
    with database.transaction() as session:
        assert session.get_one(Outgoing, outgoing_id).state == OutgoingState.SENT


async def test_above_the_ceiling_only_what_is_urgent_goes_out(database: Database, citizen: int) -> None:
    carrier = Carrier(nothing)
    out = sending(database, carrier, SETTINGS_OF_ONE)
    put(database, citizen)
    assert out.find([]) == []
    with database.transaction() as session:
        urgent = outbox.put(session, session.get_one(Subscriber, citizen), "先拨 119。", utcnow(), is_urgent=True).key
    assert out.find([]) == [citizen]
    await out.send_next_to(citizen)
    await out.send_next_to(citizen)
    assert carrier.keys == [urgent]
    with database.transaction() as session:
        desk.raise_ceiling(session, 1, 10, "停水通知", who="zhuguan", now=utcnow())
    assert out.find([]) == [citizen]


async def test_a_number_that_was_sealed_with_another_key_is_left_for_staff(database: Database, citizen: int) -> None:
    text, other = put(database, citizen), Sealer(Fernet.generate_key())
    carrier = Carrier(nothing)
    with_other_key = Sending(database, other, SETTINGS.helpline, rate_limiter(SETTINGS), Metrics(), {SMS: carrier})
    await with_other_key.send_next_to(citizen)
    assert with_other_key.find([]) == []
    assert carrier.keys == []
    with database.transaction() as session:
        seen = desk.overview(session, other, SETTINGS.helpline, utcnow())
        assert [one.id for one in seen.troubled] == [text]
        assert seen.users == {citizen: "解不开的号码"}
