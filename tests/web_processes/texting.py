"""Many people who text over a carrier, real web processes that answer them, and what must be true in the end.

The engine is a stand-in that repeats each message; everything else is real.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from sqlalchemy import select

from bot.db import Database
from bot.helpline import inbox, outbox
from bot.helpline.models import Inbound, Outgoing
from bot.replies import helpline as wording
from bot.reviews.notices import signature
from bot.running.ports import free_port
from bot.running.services import Service
from bot.settings import Settings
from bot.sms_simulator.carrier import Pauses, Shown, SimulatedCarrier
from bot.sms_simulator.luck import Faults
from tests import fake_engine
from tests.databases import set_up
from tests.helpline.town import add_city

SEED = 20261125
FAULTS = Faults(lose=10, double=10, reorder=10)
PAUSES = Pauses(retry=0.1, longest_retry=2)
SECRET = "a-secret-of-the-test"
CITY, HOTLINE = "云河市", "12345"

HELP, STOP = "帮助", "退订"
FILLING = "我想问一问这件事要带什么材料、到哪里去办、要等几天"


@dataclass
class Person:
    """`is_patient`: waits for the answer before the next text. `shown`: what the bot said, `lines`: what staff did."""

    number: str
    texts: list[str]
    is_patient: bool
    ids: list[list[str]] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    lines: list[Shown] = field(default_factory=list)
    looked: asyncio.Event = field(default_factory=asyncio.Event)

    def count_answers_to(self, texts: list[str]) -> int:
        """The first answer of the bot comes with one greeting that says who answers."""
        return len(texts) + any(text not in (HELP, STOP) for text in texts)

    async def has_been_shown(self, count: int, lines: int = 0) -> None:
        while len(self.shown) < count or len(self.lines) < lines:
            self.looked.clear()
            await self.looked.wait()

    async def text_all(self, carrier: SimulatedCarrier) -> None:
        for position, text in enumerate(self.texts):
            if self.is_patient:
                await self.has_been_shown(self.count_answers_to(self.texts[:position]))
            self.ids.append(carrier.text(self.number, text))
        await self.has_been_shown(self.count_answers_to(self.texts))

    def answered(self) -> list[str]:
        """Which of the texts each answer is to, as the telephone shows them."""
        return [said_in(shown.text) for shown in self.shown if shown.text != wording.first_contact(CITY)]


def said_in(answer: str) -> str:
    if answer == wording.help_text(CITY, HOTLINE):
        return HELP
    if answer == wording.unsubscribed():
        return STOP
    return answer.removeprefix("echo ")


def people(count: int) -> list[Person]:
    chance = random.Random(SEED)
    made = []
    for index in range(count):
        texts = [f"问题{index}之{position}" for position in range(1, chance.choice((2, 3)) + 1)]
        is_patient = chance.random() < 0.5
        if chance.random() < 0.3:
            position = chance.randrange(len(texts))
            texts[position] += "，" + "；".join([FILLING] * chance.choice((3, 5)))
        if chance.random() < 0.1:
            texts[chance.randrange(len(texts))] = HELP
        # A person who does not wait would unsubscribe before the answers have come.
        if is_patient and chance.random() < 0.1:
            texts[-1] = STOP
        made.append(Person(f"138{index:08}", texts, is_patient))
    return made


class Crowd:
    """All who text. `show` is for the carrier."""

    def __init__(self, everybody: Iterable[Person]) -> None:
        self.by_number = {person.number: person for person in everybody}
        self.text_count = sum(len(person.texts) for person in self)
        self.expected = sum(person.count_answers_to(person.texts) for person in self)
        self.shown_count = 0
        self._one_more = asyncio.Event()

    def __iter__(self) -> Iterator[Person]:
        return iter(self.by_number.values())

    def show(self, shown: Shown) -> None:
        person = self.by_number[shown.number]
        if shown.text.startswith(wording.staff_line(signature(None), "")):
            person.lines.append(shown)
        else:
            person.shown.append(shown)
            self.shown_count += 1
        person.looked.set()
        self._one_more.set()

    async def has_been_shown(self, share: float) -> None:
        while self.shown_count < share * self.expected:
            self._one_more.clear()
            await self._one_more.wait()

    def assert_answered_once_and_in_order(self, carrier: SimulatedCarrier) -> None:
        assert carrier.refused == []
        acknowledged = {name: place for place, name in enumerate(carrier.acknowledged)}
        overtaken = 0
        for person in self:
            keys = {shown.key for shown in person.shown}
            assert len(keys) == len(person.shown) == person.count_answers_to(person.texts)
            answered = person.answered()
            assert sorted(answered) == sorted(person.texts)
            for (early, early_ids), (late, late_ids) in combinations(zip(person.texts, person.ids, strict=True), 2):
                if max(acknowledged[name] for name in early_ids) < min(acknowledged[name] for name in late_ids):
                    assert answered.index(early) < answered.index(late), answered
                else:  # the later one may well have been answered before all of the earlier one was here
                    overtaken += 1
        assert overtaken > 0

    def assert_database_agrees(self, database: Database) -> None:
        with database.transaction() as session:
            inbound = Counter(session.scalars(select(Inbound.state)))
            outgoing = session.scalars(select(Outgoing)).all()
        parts = sum(len(names) for person in self for names in person.ids)
        assert inbound == {
            inbox.InboundState.ANSWERED: self.text_count,
            inbox.InboundState.JOINED: parts - self.text_count,
        }
        states = defaultdict(set)
        for text in outgoing:
            states[text.state].add(text.key)
        assert set(states) <= {outbox.OutgoingState.DELIVERED, outbox.OutgoingState.DROPPED}
        keys = {shown.key for person in self for shown in (*person.shown, *person.lines)}
        assert states[outbox.OutgoingState.DELIVERED] | states[outbox.OutgoingState.DROPPED] == keys
        left = sum(STOP in person.texts for person in self)
        assert len(states[outbox.OutgoingState.DROPPED]) <= left

    def assert_not_in(self, log: str) -> None:
        for person in self:
            assert person.number not in log
        assert "问题" not in log


class Web:
    """The real web process. Processes that share `var_dir` share their sealing key; `name` is for the log file."""

    def __init__(self, var_dir: Path, engine_port: int, gateway_url: str, name: str = "web", **more: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            "VAR_DIR": str(var_dir),
            "PORT": str(self.port),
            "ENGINE_PORT": str(engine_port),
            "SMS_GATEWAY_URL": gateway_url,
            "SMS_SECRET": SECRET,
            "TEXTS_PER_SECOND": "1000",
            "TEXTS_DAILY_CEILING": "1000000",
            # The test itself writes what staff say, sealed with this.
            "IDENTITY_KEY": os.environ["IDENTITY_KEY"],
            **more,
        }
        self.settings = Settings.from_environment(environment)
        self._service = Service(
            name,
            [sys.executable, "-m", "bot.web"],
            {"PATH": os.environ["PATH"], **environment},
            f"{self.url}/healthz",
            var_dir / f"{name}.log",
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
    set_up(database)
    with database.transaction() as session:
        add_city(session)
    return database
