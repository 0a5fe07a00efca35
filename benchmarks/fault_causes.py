"""Faults of a running assistant, each caused, and ended, by a function."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.citizens import QUESTIONS, Asked, Citizen
from benchmarks.machines import Server
from benchmarks.named_carrier import NamedCarrier
from benchmarks.own_names import mount
from benchmarks.processes import children, command_of, descendants
from benchmarks.tcp_relay import TcpRelay
from bot.db import utcnow
from bot.evaluation.running import RunningAssistant
from bot.places import ROOT
from bot.running.live_model import live_model, model_path, set_live_model
from bot.settings import Settings

LOCKED_SECONDS, FULL_SECONDS, READ_ONLY_SECONDS = 3.0, 5.0, 10.0
STOPPED_SECONDS, HANGS_SECONDS, SLOW_SECONDS, SILENT_SECONDS = 10.0, 30.0, 20.0, 10.0
# Of each piece that passes between assistant and server, there and back.
SLOW_BY_SECONDS = 0.05
VANISHED = 20
NAMELESS_SECONDS, TEXTS = 30.0, 20


@dataclass(frozen=True)
class Reached:
    """A server, and the relay over which the assistant reaches it."""

    server: Server
    relay: TcpRelay


@dataclass
class City:
    """A running assistant with its citizens, who reach it over a relay. It may run on files alone, and without SMS."""

    assistant: RunningAssistant
    citizens: list[Citizen]
    relay: TcpRelay
    database_url: str
    servers: Mapping[str, Reached]
    texts: NamedCarrier | None = None

    @property
    def asked(self) -> list[Asked]:
        return [each for citizen in self.citizens for each in citizen.asked.values()]

    def processes(self, name: str) -> list[int]:
        """The process of that name and all that it started."""
        (found,) = [pid for pid in children(self.assistant.process.pid) if name in command_of(pid)]
        return [found, *descendants(found)]

    async def answers_again(self) -> None:
        """Until a new question of each citizen is answered."""
        new = [await citizen.ask(QUESTIONS[0]) for citizen in self.citizens]
        while any(each.answered_at is None for each in new):
            await asyncio.sleep(0.05)

    async def all_answered(self) -> None:
        while any(each.answered_at is None for each in self.asked):
            await asyncio.sleep(0.05)


Fault = Callable[[City], Awaitable[None]]


def killed(pattern: str) -> Fault:
    async def cause(city: City) -> None:
        os.kill(city.processes(pattern)[0], signal.SIGKILL)

    return cause


def hanging(pattern: str) -> Fault:
    """Stopped, and never continued: the supervisor has to end it. The fault ends when that is done."""

    async def cause(city: City) -> None:
        stopped = city.processes(pattern)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        while any(Path(f"/proc/{pid}").exists() for pid in stopped):
            await asyncio.sleep(0.1)

    return cause


async def locked_database(city: City) -> None:
    with closing(sqlite3.connect(city.assistant.var_dir / "assistant.db", isolation_level=None)) as held:
        held.execute("BEGIN EXCLUSIVE")
        await asyncio.sleep(LOCKED_SECONDS)
        held.execute("ROLLBACK")


async def full_disk(city: City) -> None:
    """No process can make a file longer (RLIMIT_FSIZE), which in Python is an error, as of a full disk."""
    every = descendants(city.assistant.process.pid)
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in every}
    for pid, (_, most) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, most))
    await asyncio.sleep(FULL_SECONDS)
    for pid, limits in before.items():
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


async def read_only_disk(city: City) -> None:
    """What opens a file of the assistant's folder from now on can only read it. Web has to open all anew."""
    folder = str(city.assistant.var_dir)
    await asyncio.to_thread(mount, "--bind", folder, folder)
    await asyncio.to_thread(mount, "-o", "remount,bind,ro", folder)
    os.kill(city.processes("bot.web")[0], signal.SIGKILL)
    await asyncio.sleep(READ_ONLY_SECONDS)
    await asyncio.to_thread(mount, "-o", "remount,bind,rw", folder)
    # Lazily: processes that have begun meanwhile hold files open.
    await asyncio.to_thread(subprocess.run, ["umount", "--lazy", folder], check=True)


async def second_supervisor(city: City) -> None:
    """It has to end by itself, and the first one goes on."""
    environment = {**os.environ, "VAR_DIR": str(city.assistant.var_dir), "PORT": "1", "ENGINE_PORT": "2"}
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=environment, stderr=subprocess.PIPE
    )
    _, said = await second.communicate()
    assert second.returncode == 1, said  # noqa: S101
    assert b"already" in said, said  # noqa: S101


async def model_cut_short(city: City) -> None:
    """Another model is to go live whose file lacks its second half. It ends when the supervisor has refused it."""
    settings = Settings.from_environment({"VAR_DIR": str(city.assistant.var_dir)})
    live = live_model(settings)
    assert live is not None  # noqa: S101 # an assistant runs
    whole = model_path(settings, live.model).read_bytes()
    broken = model_path(settings, "cut-short")
    broken.write_bytes(whole[: len(whole) // 2])
    set_live_model(settings, "cut-short", live.lessons, live.base, "trial", utcnow())
    await asyncio.to_thread(city.assistant.wait_for, "model cut-short does not go live")
    broken.unlink()


async def cut_from_citizens(city: City) -> None:
    """All lines of citizens fall silent: neither side is told that they are dead."""
    city.relay.fall_silent()
    await asyncio.sleep(SILENT_SECONDS)
    city.relay.speak()


async def vanished_citizens(city: City) -> None:
    """Others open the page and vanish, as a telephone does in a tunnel. It ends when no line to them is held open."""
    relay = TcpRelay(int(city.assistant.portal.rpartition(":")[2]))
    await relay.open()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(relay.close)
        gone = [Citizen(f"http://127.0.0.1:{relay.port}", f"203.0.114.{number}") for number in range(VANISHED)]
        living = [asyncio.create_task(each.live()) for each in gone]
        while any(each.conversation is None for each in gone):
            await asyncio.sleep(0.05)
        relay.fall_silent()
        for each in living:
            each.cancel()
        while relay.held:
            await asyncio.sleep(0.1)


async def names_gone(city: City) -> None:
    """No name can be looked up while texts are to be sent. It ends when, with names again, all have arrived."""
    texts = city.texts
    assert texts is not None  # noqa: S101 # this city has SMS
    texts.names.forget()
    for number in range(TEXTS):
        texts.carrier.text(f"139{number:08}", "你好")
    await asyncio.sleep(NAMELESS_SECONDS)
    assert not texts.shown  # noqa: S101 # the fault is one
    texts.names.know()
    while len({each.number for each in texts.shown}) < TEXTS:
        await asyncio.sleep(0.1)


def restarted(name: str, after_seconds: float = 0.0) -> Fault:
    """The server is stopped, and started again after so many seconds."""

    async def cause(city: City) -> None:
        server = city.servers[name].server
        await asyncio.to_thread(server.stop)
        await asyncio.sleep(after_seconds)
        await asyncio.to_thread(server.start)

    return cause


def paused(name: str) -> Fault:
    """The server takes connections and answers nothing, for a while."""

    async def cause(city: City) -> None:
        processes = city.servers[name].server.processes()
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(HANGS_SECONDS)
        for pid in reversed(processes):
            os.kill(pid, signal.SIGCONT)

    return cause


def slow(name: str) -> Fault:
    async def cause(city: City) -> None:
        relay = city.servers[name].relay
        relay.delay = SLOW_BY_SECONDS
        await asyncio.sleep(SLOW_SECONDS)
        relay.delay = 0.0

    return cause


def lost(name: str) -> Fault:
    """The server is out of reach for a while. Connections of before stay dead, and neither side is told."""

    async def cause(city: City) -> None:
        relay = city.servers[name].relay
        relay.fall_silent()
        await asyncio.sleep(SILENT_SECONDS)
        relay.speak()

    return cause


ON_FILES: dict[str, Fault] = {
    "engine killed": killed("bot.engine.launcher"),
    "actions killed": killed("rasa_sdk_server"),
    "web killed": killed("bot.web"),
    "encoder killed": killed("bot.answering.encoder"),
    "actions hang": hanging("rasa_sdk_server"),
    "encoder hangs": hanging("bot.answering.encoder"),
    "engine hangs": hanging("bot.engine.launcher"),
    "web hangs": hanging("bot.web"),
    "database locked": locked_database,
    "disk full": full_disk,
    "second supervisor": second_supervisor,
    "model cut short": model_cut_short,
    "citizens cut off": cut_from_citizens,
    "citizens vanish": vanished_citizens,
    "names gone": names_gone,
    "disk read-only": read_only_disk,
}
"""Of an assistant that needs nothing but its files."""
FOR_ROOT = ("names gone", "disk read-only")

ON_SERVERS: dict[str, Fault] = {
    f"{name} {what}": cause
    for name in ("postgresql", "redis")
    for what, cause in {
        "restarted": restarted(name),
        "stopped": restarted(name, STOPPED_SECONDS),
        "hangs": paused(name),
        "slow": slow(name),
        "lost": lost(name),
    }.items()
}
"""Of an assistant on PostgreSQL and Redis."""
