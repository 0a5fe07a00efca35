"""A thousand people text at once over a bad carrier, while the web process is killed: each is answered once, in order.

The engine is a stand-in that says back what it hears; all else that answers is the real thing.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot import migrations
from bot.catalogue.models import City
from bot.db import Database
from bot.helpline import inbox, outbox
from bot.helpline.models import Inbound, Outgoing
from bot.ports import free_port
from bot.replies import helpline as wording
from bot.settings import Settings
from bot.sms_simulator.carrier import Assistant, Carrier, Pauses, Shown
from bot.sms_simulator.luck import Faults, Luck
from bot.sms_simulator.server import TEXTS_PATH, make_server
from bot.supervisor import Service
from tests import fake_engine

PEOPLE = 1000
SEED = 20261125
FAULTS = Faults(lose=10, double=10, reorder=10)
PAUSES = Pauses(retry=0.1, longest_retry=2)
KILLED_AFTER = (0.3, 0.6)  # of what the telephones will show
WITHIN_SECONDS = 300
SECRET = "a-secret-of-the-test"
CITY, HOTLINE = "云河市", "12345"

HELP, STOP = "帮助", "退订"
FILLING = "我想问一问这件事要带什么材料、到哪里去办、要等几天"


@dataclass
class Person:
    """`is_patient`: waits for the answer before the next text."""

    number: str
    texts: list[str]
    is_patient: bool
    ids: list[list[str]] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    looked: asyncio.Event = field(default_factory=asyncio.Event)

    def count_answers_to(self, texts: list[str]) -> int:
        """With the first answer of the bot comes, once, who it is that answers."""
        return len(texts) + any(text not in (HELP, STOP) for text in texts)

    async def has_been_shown(self, count: int) -> None:
        while len(self.shown) < count:
            self.looked.clear()
            await self.looked.wait()

    def answered(self) -> list[str]:
        """Which of the texts each answer is to, as the telephone shows them."""
        return [said_in(shown.text) for shown in self.shown if shown.text != wording.first_contact(CITY)]


def said_in(answer: str) -> str:
    if answer == wording.help_text(CITY, HOTLINE):
        return HELP
    if answer == wording.unsubscribed():
        return STOP
    return answer.removeprefix("echo ")


def people() -> list[Person]:
    chance = random.Random(SEED)  # noqa: S311
    made = []
    for index in range(PEOPLE):
        texts = [f"问题{index}之{position}" for position in range(1, chance.choice((2, 3)) + 1)]
        is_patient = chance.random() < 0.5
        if chance.random() < 0.3:
            position = chance.randrange(len(texts))
            texts[position] += "，" + "；".join([FILLING] * chance.choice((3, 5)))
        if chance.random() < 0.1:
            texts[chance.randrange(len(texts))] = HELP
        # Who does not wait would unsubscribe from the answers that are still to come.
        if is_patient and chance.random() < 0.1:
            texts[-1] = STOP
        made.append(Person(f"138{index:08}", texts, is_patient))
    return made


class Web:
    """The real web process, on a database of its own."""

    def __init__(self, var_dir: Path, engine_port: int, gateway_url: str) -> None:
        self.port = free_port()
        self.settings = Settings.from_environment({"VAR_DIR": str(var_dir)})
        settings = {
            "VAR_DIR": str(var_dir),
            "PORT": str(self.port),
            "ENGINE_PORT": str(engine_port),
            "SMS_GATEWAY_URL": gateway_url,
            "SMS_SECRET": SECRET,
            "TEXTS_PER_SECOND": "1000",
            "TEXTS_DAILY_CEILING": "1000000",
        }
        self._service = Service(
            "web",
            [sys.executable, "-m", "bot.web"],
            {"PATH": os.environ["PATH"], **settings},
            f"http://127.0.0.1:{self.port}/healthz",
            var_dir / "web.log",
        )

    @property
    def log(self) -> str:
        return self._service.log_path.read_text()

    async def start(self) -> None:
        await self._service.start()
        await self._service.wait_until_ready()

    async def kill(self) -> None:
        assert self._service.process is not None
        assert self._service.is_running
        self._service.process.kill()
        await self._service.process.wait()

    async def stop(self) -> None:
        await self._service.stop()


@asynccontextmanager
async def echoing_engine(folder: Path) -> AsyncIterator[int]:
    port = free_port()
    command = [sys.executable, fake_engine.__file__, str(port), "echo", str(folder / "heard")]
    service = Service("engine", command, {}, f"http://127.0.0.1:{port}/", folder / "engine.log")
    await service.start()
    try:
        await service.wait_until_ready()
        yield port
    finally:
        await service.stop()


def make_database(settings: Settings) -> Database:
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    with database.transaction() as session:
        session.add(City(name=CITY, is_sample=True, hotline=HOTLINE, hotline_hours="全天", portal_url=""))
    return database


async def test_each_text_is_answered_once_and_in_order_however_bad_the_carrier(
    tmp_path: Path, record_property: pytest.RecordProperty
) -> None:
    everybody = {person.number: person for person in people()}
    expected = sum(person.count_answers_to(person.texts) for person in everybody.values())
    shown_count = 0
    one_more = asyncio.Event()

    def show(shown: Shown) -> None:
        nonlocal shown_count
        person = everybody[shown.number]
        person.shown.append(shown)
        person.looked.set()
        shown_count += 1
        one_more.set()

    async def kill_and_start_again(web: Web) -> None:
        for share in KILLED_AFTER:
            while shown_count < share * expected:
                one_more.clear()
                await one_more.wait()
            await web.kill()
            await web.start()

    async def talk(carrier: Carrier, person: Person) -> None:
        for position, text in enumerate(person.texts):
            if person.is_patient:
                await person.has_been_shown(person.count_answers_to(person.texts[:position]))
            person.ids.append(carrier.text(person.number, text))
        await person.has_been_shown(person.count_answers_to(person.texts))

    gateway_port = free_port()
    async with echoing_engine(tmp_path) as engine_port, aiohttp.ClientSession() as session:
        web = Web(tmp_path, engine_port, f"http://127.0.0.1:{gateway_port}{TEXTS_PATH}")
        database = make_database(web.settings)
        assistant = Assistant(f"http://127.0.0.1:{web.port}", SECRET)
        carrier = Carrier(session, assistant, Luck(FAULTS, SEED), show, PAUSES)
        async with TestServer(make_server(carrier), host="127.0.0.1", port=gateway_port):
            await web.start()
            started = time.monotonic()
            try:
                async with asyncio.timeout(WITHIN_SECONDS):
                    await asyncio.gather(
                        kill_and_start_again(web), *(talk(carrier, person) for person in everybody.values())
                    )
                    seconds = time.monotonic() - started
                    await carrier.settle()
            except TimeoutError:
                pytest.fail(f"{shown_count} of {expected} answers shown; refused: {carrier.refused[:5]}")
            finally:
                await web.stop()
                await carrier.stop()

    text_count = sum(len(person.texts) for person in everybody.values())
    figures = f"{text_count} texts, {expected} answers in {seconds:.0f} s: {text_count / seconds:.0f} texts a second"
    record_property("figures", figures)
    print(figures)
    assert carrier.refused == []
    acknowledged = {name: place for place, name in enumerate(carrier.acknowledged)}
    overtaken = 0
    for person in everybody.values():
        assert len({shown.key for shown in person.shown}) == len(person.shown) == person.count_answers_to(person.texts)
        answered = person.answered()
        assert sorted(answered) == sorted(person.texts)
        for (early, early_ids), (late, late_ids) in combinations(zip(person.texts, person.ids, strict=True), 2):
            if max(acknowledged[name] for name in early_ids) < min(acknowledged[name] for name in late_ids):
                assert answered.index(early) < answered.index(late), answered
            else:  # the later one may well have been answered before all of the earlier one was here
                overtaken += 1
    assert overtaken > 0
    assert_database_agrees(database, everybody)
    for person in everybody.values():
        assert person.number not in web.log
    assert "问题" not in web.log


def assert_database_agrees(database: Database, everybody: dict[str, Person]) -> None:
    with database.transaction() as session:
        inbound = Counter(session.scalars(select(Inbound.state)))
        outgoing = session.scalars(select(Outgoing)).all()
    database.close()
    parts = sum(len(names) for person in everybody.values() for names in person.ids)
    texts = sum(len(person.texts) for person in everybody.values())
    assert inbound == {inbox.State.ANSWERED: texts, inbox.State.JOINED: parts - texts}
    states = defaultdict(set)
    for text in outgoing:
        states[text.state].add(text.key)
    assert set(states) <= {outbox.State.DELIVERED, outbox.State.DROPPED}
    keys = {shown.key for person in everybody.values() for shown in person.shown}
    assert states[outbox.State.DELIVERED] | states[outbox.State.DROPPED] == keys
    left = sum(STOP in person.texts for person in everybody.values())
    assert len(states[outbox.State.DROPPED]) <= left
