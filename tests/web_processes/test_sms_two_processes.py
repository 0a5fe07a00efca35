"""Two web processes, one database: texts come to both, one is killed, and each text is answered once, in order.

What staff write meanwhile reaches each telephone once, though both collect it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select, text

from bot.conversations.channels import SMS
from bot.db import Database, utcnow
from bot.helpline import inbox, outbox
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.helpline.subscribers import subscriber_of
from bot.reviews import handling
from bot.running.ports import free_port
from bot.sealing import Sealer
from bot.settings import Settings
from bot.sms_simulator.carrier import Assistant, SimulatedCarrier
from bot.sms_simulator.luck import Luck
from bot.sms_simulator.server import TEXTS_PATH, make_server
from bot.staff.models import Person as Clerk
from bot.web.carriers.helpline import ANSWERED_AT_ONCE
from bot.web.live import QUEUE, Live
from tests.patience import WITHIN_SECONDS
from tests.reviews.town import add_person, open_case
from tests.web_processes.texting import (
    FAULTS,
    PAUSES,
    SECRET,
    SEED,
    STOP,
    Crowd,
    Person,
    Web,
    echoing_engine,
    make_database,
    people,
)

PEOPLE = 110
# Those who text at once, so that both processes are busy when one is killed; those who text once both run again.
IN_THE_RUSH, LATE = slice(30, 90), slice(90, None)
ANSWERED_BY_A_CLERK = 10
LOOK_EVERY_SECONDS = 0.05

Held = tuple[str, int, datetime | None]
"""A lease: its name, the id of its owner, and when it ends."""


async def until(holds: Callable[[], bool]) -> None:
    """For checks that only the database can answer."""
    while not await asyncio.to_thread(holds):
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def leases_in(database: Database) -> set[Held]:
    leases = (Subscriber.answering_until, Subscriber.sending_until)
    with database.transaction() as session:
        return {
            (lease.key, subscriber_id, ends)
            for lease in leases
            for subscriber_id, ends in session.execute(select(Subscriber.id, lease).where(lease.is_not(None)))
        }


def both_answer(database: Database) -> bool:
    with database.transaction() as session:
        is_answered = select(func.count()).where(Subscriber.answering_until > utcnow())
        return (session.scalar(is_answered) or 0) > ANSWERED_AT_ONCE


def with_work(database: Database) -> set[int]:
    with database.transaction() as session:
        inbound = session.scalars(select(Inbound.subscriber_id).where(Inbound.state == inbox.InboundState.WAITING))
        outgoing = session.scalars(select(Outgoing.subscriber_id).where(Outgoing.state == outbox.OutgoingState.WAITING))
        return {*inbound, *outgoing}


async def leases_that_run_out(database: Database) -> int:
    """Returns how many leases held now run out; waits until each is given back, renewed, taken by another or over.

    Nobody takes a lease that ran out if its citizen waits for nothing: a report may end a text in the dead
    process's stead.
    """
    held, ran_out = await asyncio.to_thread(leases_in, database), 0

    def are_all_gone() -> bool:
        nonlocal held, ran_out
        there, waiting = held & leases_in(database), with_work(database)
        now = utcnow()
        still = {lease for lease in there if lease[1] in waiting or (lease[2] is not None and lease[2] >= now)}
        ran_out += sum(ends is not None and ends < now for _, _, ends in held - still)
        held = still
        return not held

    await until(are_all_gone)
    return ran_out


def answer_cases(database: Database, settings: Settings, citizens: Iterable[Person]) -> None:
    """A clerk answers each case finally; each citizen is in a conversation by text."""
    sealer = Sealer.of(settings)
    for citizen in citizens:
        with database.transaction() as session:
            clerk = session.scalars(select(Clerk)).first() or add_person(session, "李四")
            subscriber = subscriber_of(session, sealer, SMS, citizen.number)
            case = open_case(session, subscriber.conversation_id, utcnow())
            handling.claim(session, case, clerk, utcnow())
            handling.reply(session, case, clerk, utcnow(), line_to(citizen), is_final=True)


def line_to(citizen: Person) -> str:
    return f"{citizen.number[-4:]}号，可以办。"


def deadlock_count(database: Database) -> int:
    with database.engine.connect() as connection:
        counted = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(connection.scalar(counted) or 0)


async def test_two_processes_answer_each_text_once_and_in_order_though_one_is_killed(
    tmp_path: Path, postgresql_url: str, redis_url: str
) -> None:
    everybody = people(PEOPLE)
    crowd = Crowd(everybody)
    # Citizens who unsubscribe get no lines of staff, because those lines would wait for ever.
    citizens = [person for person in everybody if STOP not in person.texts][: 2 * ANSWERED_BY_A_CLERK]
    rush, is_whole_again = asyncio.Event(), asyncio.Event()
    live = Live(redis_url)
    gateway_port = free_port()

    async def text_once(may_begin: asyncio.Event, person: Person) -> None:
        await may_begin.wait()
        await person.text_all(carrier)

    async def text_all() -> None:
        waits = {person.number: rush for person in everybody[IN_THE_RUSH]}
        waits |= {person.number: is_whole_again for person in everybody[LATE]}
        at_once = asyncio.Event()
        at_once.set()
        await asyncio.gather(*(text_once(waits.get(person.number, at_once), person) for person in crowd))

    async def staff_answer(webs: Web, answered: list[Person]) -> None:
        """Waits until each citizen has texted; then all processes collect at the same instant."""
        for person in answered:
            await person.has_been_shown(1)
        await asyncio.to_thread(answer_cases, database, webs.settings, answered)
        await live.changed(QUEUE)

    async def lose_one(dying: Web, staying: Web) -> int:
        await staff_answer(staying, citizens[:ANSWERED_BY_A_CLERK])
        rush.set()
        await until(lambda: both_answer(database))
        await dying.kill()
        ran_out = await leases_that_run_out(database)
        await dying.start()
        is_whole_again.set()
        await staff_answer(staying, citizens[ANSWERED_BY_A_CLERK:])
        return ran_out

    async with echoing_engine(tmp_path) as engine_port, aiohttp.ClientSession() as session:
        shared = {"DATABASE_URL": postgresql_url, "REDIS_URL": redis_url}
        gateway_url = f"http://127.0.0.1:{gateway_port}{TEXTS_PATH}"
        webs = [Web(tmp_path, engine_port, gateway_url, name, **shared) for name in ("web-1", "web-2")]
        first, second = webs
        database = make_database(first.settings)
        deadlocks = deadlock_count(database)
        assistant = Assistant(first.url, SECRET, (second.url,))
        carrier = SimulatedCarrier(session, assistant, Luck(FAULTS, SEED), crowd.show, PAUSES)
        async with TestServer(make_server(carrier), host="127.0.0.1", port=gateway_port):
            await asyncio.gather(*(web.start() for web in webs))
            try:
                async with asyncio.timeout(3 * WITHIN_SECONDS):
                    ran_out, _ = await asyncio.gather(lose_one(first, second), text_all())
                    for citizen in citizens:
                        await citizen.has_been_shown(0, lines=1)
                    await carrier.settle()
            except TimeoutError:
                pytest.fail(f"{crowd.shown_count} of {crowd.expected} answers shown; refused: {carrier.refused[:5]}")
            finally:
                await asyncio.gather(*(web.stop() for web in webs))
                await carrier.stop()
                await live.stop()

    assert ran_out > 0
    crowd.assert_answered_once_and_in_order(carrier)
    for person in crowd:
        lines = [shown.text.splitlines()[0] for shown in person.lines]
        assert [line.endswith(line_to(person)) for line in lines] == [True] * (person in citizens)
    crowd.assert_database_agrees(database)
    assert deadlock_count(database) == deadlocks
    database.close()
    for web in webs:
        assert "Traceback" not in web.log
        crowd.assert_not_in(web.log)
