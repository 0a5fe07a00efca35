"""Another model takes the place of the one that answers, with an engine's work done by tiny stand-ins."""

from __future__ import annotations

import asyncio
import os
import sys
import tarfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.db import Database, utcnow
from bot.running import live_engine
from bot.running.live_engine import LiveEngine
from bot.running.live_model import live_model, model_path, set_live_model
from bot.running.ports import free_port
from bot.running.relay import MAX_BODY_BYTES, EngineRelay
from bot.running.services import Service
from bot.settings import Settings
from bot.training import service as trainings
from bot.training.service import TrainingState
from bot.training.swaps import SwapsOfTrainings
from tests import fake_engine
from tests.databases import set_up
from tests.patience import WITHIN_SECONDS
from tests.reviews.town import NOON

MESSAGES = 200
TALKERS = 10


@dataclass
class Town:
    settings: Settings
    database: Database
    engine: LiveEngine
    started: list[Service]

    @property
    def url(self) -> str:
        return f"{self.settings.engine_url}/webhooks/rest/webhook"

    def heard(self) -> Counter[str]:
        """How often each message was heard by any engine, without the messages that test whether an engine answers."""
        lines = [line for path in self.settings.var_dir.glob("*.heard") for line in path.read_text().splitlines()]
        return Counter(line for line in lines if line.startswith("message"))

    def agree_to(self, model: str) -> None:
        with self.database.transaction() as session:
            training = trainings.request_training(session, self.settings, "boss", NOON)
            training.model, training.base, training.former_model = model, "base", "old"
            trainings.end(session, training, TrainingState.WAITING_FOR_CONSENT, NOON)
            trainings.agree(session, self.settings, training, "boss", NOON)

    def state(self) -> TrainingState:
        with self.database.transaction() as session:
            return TrainingState(trainings.trainings(session)[0].state)


def write_model(settings: Settings, model: str) -> None:
    """A whole archive, unless the model is the one that is cut short."""
    path = model_path(settings, model)
    with tarfile.open(path, "w:gz") as archive:
        archive.add(fake_engine.__file__, "component")
    if model == "cut short":
        os.truncate(path, path.stat().st_size // 2)


@asynccontextmanager
async def town(tmp_path: Path, models: tuple[str, ...]) -> AsyncIterator[Town]:
    """An old model answers; the supervisor watches the file that names the wanted model."""
    settings = Settings.from_environment({"VAR_DIR": str(tmp_path), "ENGINE_PORT": str(free_port())})
    database = Database(settings.database_url)
    set_up(database)
    settings.models_dir.mkdir()
    for model in models:
        write_model(settings, model)
    set_live_model(settings, "old", None, "base", "prepare", utcnow())
    started = []

    def make(model: Path) -> Service:
        name, port = model.name.removesuffix(".tar.gz"), free_port()
        command = [sys.executable, fake_engine.__file__, str(port), name, str(tmp_path / f"{name}.heard")]
        if name == "dead":
            command = [sys.executable, "-c", "raise SystemExit(3)"]
        started.append(Service("engine", command, {}, f"http://127.0.0.1:{port}/", tmp_path / "engine.log"))
        return started[-1]

    relay = EngineRelay(settings.engine_port)
    await relay.open()
    engine = LiveEngine(settings, relay, asyncio.Event(), SwapsOfTrainings(settings), make)
    first = engine.begin(settings.models_dir / "old.tar.gz")
    await first.wait_until_ready()
    following = asyncio.create_task(engine.follow())
    try:
        yield Town(settings, database, engine, started)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await engine.stop()
        await relay.close()
        database.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_engine, "LOOK_EVERY_SECONDS", 0.02)
    monkeypatch.setattr(live_engine, "ANSWER_TRIES", 1)


async def ask(session: aiohttp.ClientSession, url: str, message: str) -> str:
    async with session.post(url, json={"sender": "s", "message": message}) as response:
        assert response.status == 200, await response.text()
        (answer,) = await response.json()
        return str(answer["text"])


@pytest.mark.parametrize("keeps_connections", [True, False])
async def test_while_the_model_changes_each_message_is_answered_exactly_once(
    tmp_path: Path, keeps_connections: bool
) -> None:
    async with town(tmp_path, ("old", "new")) as here:
        numbers = iter(range(10**6))
        answers: dict[str, str] = {}

        async def talk(session: aiohttp.ClientSession) -> None:
            """Waits until enough messages were sent, and enough of them to the new model."""
            while len(answers) < MESSAGES or sum(text.startswith("new") for text in answers.values()) < MESSAGES // 4:
                message = f"message {next(numbers)}"
                answers[message] = await ask(session, here.url, message)
                if len(answers) == MESSAGES // 4:
                    await asyncio.to_thread(here.agree_to, "new")

        connector = aiohttp.TCPConnector(force_close=not keeps_connections)
        async with aiohttp.ClientSession(connector=connector) as session:
            await asyncio.gather(*(talk(session) for _ in range(TALKERS)))

        assert here.heard() == Counter(dict.fromkeys(answers, 1))
        assert all(text.split(" ", 1)[1] == message for message, text in answers.items())
        assert {text.split()[0] for text in answers.values()} == {"old", "new"}
        old, new = here.started
        assert old.process is not None
        assert await asyncio.wait_for(old.process.wait(), WITHIN_SECONDS) == 0
        assert new.is_running
    assert here.state() == TrainingState.LIVE


@pytest.mark.parametrize("model", ["mute", "dead"])
async def test_a_new_model_that_does_not_answer_leaves_the_old_one_in_its_place(tmp_path: Path, model: str) -> None:
    async with town(tmp_path, ("old", model)) as here, aiohttp.ClientSession() as session:
        here.agree_to(model)
        while here.state() == TrainingState.GOING_LIVE:
            assert (await ask(session, here.url, "message")).startswith("old")
        assert here.state() == TrainingState.FAILED
        live = live_model(here.settings)
        assert live is not None
        assert live.model == "old"
        old, new = here.started
        assert old.is_running
        assert not new.is_running
        assert await ask(session, here.url, "message") == "old message"


async def test_a_model_that_is_cut_short_is_not_even_tried(tmp_path: Path) -> None:
    async with town(tmp_path, ("old", "cut short")) as here, aiohttp.ClientSession() as session:
        here.agree_to("cut short")
        while here.state() == TrainingState.GOING_LIVE:
            assert (await ask(session, here.url, "message")).startswith("old")
        assert here.state() == TrainingState.FAILED
        live = live_model(here.settings)
        assert live is not None
        assert live.model == "old"
        assert len(here.started) == 1


async def test_an_engine_that_dies_after_taking_over_is_started_again(tmp_path: Path) -> None:
    async with town(tmp_path, ("old", "new")) as here, aiohttp.ClientSession() as session:
        here.agree_to("new")
        while here.state() == TrainingState.GOING_LIVE:
            await ask(session, here.url, "message")
        _, new = here.started
        assert new.process is not None
        died = new.process
        died.kill()
        await died.wait()
        while new.process is died or not new.is_running:
            await asyncio.sleep(0)
        await new.wait_until_ready()
        assert await ask(session, here.url, "message") == "new message"


async def test_the_relay_passes_on_all_that_was_asked_and_answered() -> None:
    async def echo(request: web.Request) -> web.Response:
        said = f"{request.method} {request.raw_path} {request.headers['X-Mark']} {await request.text()}"
        return web.Response(text=said, status=418, headers={"X-Answer": "是"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", echo)
    relay = EngineRelay(free_port())
    await relay.open()
    try:
        async with TestServer(app) as server, aiohttp.ClientSession() as session:
            relay.turn_to(str(server.make_url("/")).rstrip("/"))
            url = URL(f"http://127.0.0.1:{relay.port}/a%2Fb?text=%E6%98%AF", encoded=True)
            async with session.put(url, data="内容", headers={"X-Mark": "m"}) as response:
                assert await response.text() == "PUT /a%2Fb?text=%E6%98%AF m 内容"
                assert (response.status, response.headers["X-Answer"]) == (418, "是")
            async with session.post(url, data=b"x" * (MAX_BODY_BYTES + 1), headers={"X-Mark": "m"}) as response:
                assert response.status == 413
    finally:
        await relay.close()


async def test_without_an_engine_the_relay_says_so() -> None:
    relay = EngineRelay(free_port())
    await relay.open()
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{relay.port}/"
            async with session.get(url) as response:
                assert response.status == 503
            relay.turn_to(f"http://127.0.0.1:{free_port()}")
            async with session.get(url) as response:
                assert response.status == 502
    finally:
        await relay.close()
