"""Two web processes behind HAProxy on one PostgreSQL behind PgBouncer, by the files of `deploy/`: one is killed amid
questions, the other is stopped amid questions, and citizens notice neither.

Engine and actions are stand-ins; whole assistants are tried by `python -m benchmarks.two_machines`.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from itertools import count
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from benchmarks import machines
from benchmarks.citizens import QUESTIONS, Citizen, against_once
from benchmarks.machines import NAME, PASSWORD, browser_at
from benchmarks.two_machines import Program
from bot.running.ports import free_port
from tests.patience import WITHIN_SECONDS
from tests.web_processes.texting import Web, echoing_engine, make_database

CITIZENS, QUESTIONS_EACH = 12, 6


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own, which only its owner may enter: the database's user has to."""
    with tempfile.TemporaryDirectory(prefix="two-machines-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


async def ready_actions(port: int) -> TestServer:
    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.router.add_get("/health", health)
    server = TestServer(app, host="127.0.0.1", port=port)
    await server.start_server()
    return server


async def ask_all(citizens: list[Citizen]) -> None:
    """One question after the other from each, whether or not they were answered."""
    for number in range(QUESTIONS_EACH):
        for citizen in citizens:
            while citizen.conversation is None:
                await asyncio.sleep(0.05)
            await citizen.ask(QUESTIONS[number % len(QUESTIONS)])
        await asyncio.sleep(0.2)


async def until_answered(citizens: list[Citizen], share: float = 1.0) -> None:
    wanted = share * CITIZENS * QUESTIONS_EACH
    while sum(each.answered_at is not None for citizen in citizens for each in citizen.asked.values()) < wanted:
        await asyncio.sleep(0.05)


async def until_served_by(url: str, name: str) -> None:
    """Until the proxy sends a new client to that machine."""
    for number in count(CITIZENS + 1):
        async with browser_at(number)() as session, session.post(f"{url}/api/chat", json={"text": "在吗"}) as answer:
            served_by = answer.cookies.get("SERVED_BY")
            if served_by is not None and served_by.value == name:
                return


async def test_citizens_notice_neither_a_killed_machine_nor_one_that_is_stopped(
    tmp_path: Path, folder: Path, redis_url: str
) -> None:
    with ExitStack() as servers:
        try:
            postgresql = servers.enter_context(machines.postgresql(folder / "postgresql")).port
            pooler = servers.enter_context(machines.pgbouncer(folder / "pgbouncer", postgresql, "transaction"))
            machines.program("haproxy", "haproxy")
        except machines.NotInstalled as missing:
            pytest.skip(str(missing))
        login = f"postgresql://{NAME}:{PASSWORD}@127.0.0.1"
        direct_url = f"{login}:{postgresql}/{NAME}"
        async with AsyncExitStack() as stack:
            engine_port = await stack.enter_async_context(echoing_engine(tmp_path))
            actions = await ready_actions(free_port())
            stack.push_async_callback(actions.close)
            shared = {
                "DATABASE_URL": f"{login}:{pooler}/{NAME}?prepared=off",
                "REDIS_URL": redis_url,
                "ACTIONS_PORT": str(actions.port),
                "PROXY_COUNT": "1",
            }
            one, two = (Web(tmp_path, engine_port, "http://127.0.0.1:9", name, **shared) for name in ("one", "two"))
            make_database(one.settings).close()
            for each in (one, two):
                await each.start()
                stack.push_async_callback(each.stop)
            port = servers.enter_context(machines.proxy("haproxy", folder / "proxy", one.port, two.port))
            url = f"https://127.0.0.1:{port}"

            citizens = [Citizen(url, "", browser_at(number)) for number in range(CITIZENS)]
            program = Program(url, browser_at(CITIZENS))
            living = [asyncio.create_task(each.live()) for each in citizens]
            async with asyncio.timeout(WITHIN_SECONDS):
                asking = asyncio.create_task(ask_all(citizens))
                await until_answered(citizens, 0.3)
                await one.kill()
                await asking
                await until_answered(citizens)
                await one.start()
                # Not faster than one client may: what is refused for that is not what is looked for.
                living.append(asyncio.create_task(program.live(0.2)))
                await until_served_by(url, "one")
                await two.stop()
                so_far = program.told["answered"]
                while program.told["answered"] < so_far + 5:
                    await asyncio.sleep(0.05)
            for task in living:
                task.cancel()
            await asyncio.gather(*living, return_exceptions=True)

            assert await asyncio.to_thread(against_once, direct_url, citizens) == []
            assert program.told == Counter(answered=program.told["answered"])
            assert "Traceback" not in one.log + two.log
