"""The processes that make up the assistant: how each is started, known to be ready, kept running and stopped."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import aiohttp
import click
import yaml

from bot.answering.encoder.weights import weights_path
from bot.places import ROOT
from bot.running import process_records
from bot.running.environments import ENGINE, ONE_THREAD
from bot.running.model_making import engine_environment
from bot.running.ports import free_port
from bot.running.process_records import ProcessRecord
from bot.settings import Settings

READY_WITHIN_SECONDS = 180
STOP_WITHIN_SECONDS = 15
LONGEST_PAUSE_SECONDS = 30
SETTLED_AFTER_SECONDS = 60
LOOK_FOR_HANGING_SECONDS = 5.0
HANGS_AFTER_FAILURES = 4
# Generous, since to end a process that is only slow makes a busy machine slower.
ALIVE_WITHIN_SECONDS = 5.0
# An engine that dies in the middle of a message leaves the conversation locked in Redis for so long.
LONGEST_TURN_SECONDS = 20
LOCK_STORE = "bot.engine.lock_store.PatientLockStore"
# Loaded before any fork, and only where the call exists.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


class NeverReady(RuntimeError):
    """A process did not answer in time; the message says where its log is."""


@dataclass
class Service:
    """One of the processes. `ready_url` answers 200 once it can work."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    ready_url: str
    log_path: Path
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def start(self) -> asyncio.subprocess.Process:
        with self._open_log() as log:
            # A session of its own, so that Ctrl-C reaches the supervisor alone, which then ends all in order.
            self.process = await start_beside(
                self.command, self.environment, stdout=log, stderr=log, start_new_session=True
            )
        return self.process

    def _open_log(self) -> IO[bytes]:
        """A disk that cannot be written is no reason not to run."""
        try:
            self.log_path.parent.mkdir(parents=True, exist_ok=True)
            return self.log_path.open("ab")
        except OSError as error:
            click.echo(f"{self.name} runs without a log: {error}", err=True)
            return Path(os.devnull).open("ab")

    async def wait_until_ready(self) -> float:
        """Waits, and returns the seconds that it took. Raises `NeverReady`."""
        started = time.monotonic()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while time.monotonic() - started < READY_WITHIN_SECONDS:
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(self.ready_url) as response:
                        if response.status == 200:
                            return time.monotonic() - started
                await asyncio.sleep(0.3)
        raise NeverReady(f"{self.name} was not ready within {READY_WITHIN_SECONDS} s; its log is {self.log_path}")

    async def stop(self, within_seconds: float = STOP_WITHIN_SECONDS) -> None:
        if self.process is None or not self.is_running:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), within_seconds)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    def last_words(self, lines: int = 5) -> str:
        text = self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


async def start_beside(
    command: Sequence[str], environment: Mapping[str, str], **how: Any
) -> asyncio.subprocess.Process:
    """A process that ends with this one; `how` as for `asyncio.create_subprocess_exec`."""
    return await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, preexec_fn=_end_with_the_supervisor if _LIBC else None, **how
    )


def _end_with_the_supervisor() -> None:
    """In the new process, before its program: the kernel ends it if the supervisor is killed (prctl(2)). Left alone it
    would keep its port, and the assistant could not be started again."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def engine_service(settings: Settings, model: Path, port: int) -> Service:
    """An engine on a port of the loopback, with the settings' action server."""
    return Service(
        "engine",
        [
            str(ENGINE.python), "-m", "bot.engine.launcher",
            "--model", str(model), "--interface", "127.0.0.1", "--port", str(port),
            "--endpoints", str(_write_endpoints(settings)), "--credentials", str(ROOT / "credentials.yml"),
        ],
        {**environment_of(settings), **engine_environment(settings), "TICKET_LOCK_LIFETIME": str(LONGEST_TURN_SECONDS)},
        f"http://127.0.0.1:{port}/",
        settings.logs_dir / "engine.log",
    )  # fmt: skip


def actions_service(settings: Settings) -> Service:
    return Service(
        "actions",
        [sys.executable, "-m", "bot.rasa_sdk_server", "--actions", "actions", "--port", str(settings.actions_port)],
        environment_of(settings),
        f"http://127.0.0.1:{settings.actions_port}/health",
        settings.logs_dir / "actions.log",
    )


def web_service(settings: Settings) -> Service:
    return Service(
        "web",
        [sys.executable, "-m", "bot.web"],
        environment_of(settings),
        f"{settings.web_url}/healthz",
        settings.logs_dir / "web.log",
    )


def encoder_service(settings: Settings) -> Service | None:
    """None if the encoder is switched off or has no weights."""
    if weights_path(settings) is None:
        return None
    port = free_port()
    return Service(
        "encoder",
        [sys.executable, "-m", "bot.answering.encoder", "--port", str(port)],
        environment_of(settings),
        f"http://127.0.0.1:{port}/healthz",
        settings.logs_dir / "encoder.log",
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """Environment variables for our own processes."""
    return {
        **os.environ,
        **ONE_THREAD,
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url or "",
        "PORT": str(settings.port),
        "ENGINE_PORT": str(settings.engine_port),
        "ACTIONS_PORT": str(settings.actions_port),
    }


def _write_endpoints(settings: Settings) -> Path:
    """Writes a copy of the root's endpoints.yml with our action port, and with Redis as lock store if it is set."""
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{settings.actions_port}/webhook"
    if settings.redis_url:
        endpoints["lock_store"] = lock_store(settings.redis_url)
    path = settings.var_dir / "endpoints.yml"
    path.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    return path


def lock_store(redis_url: str) -> dict[str, object]:
    """Rasa's settings of our lock store in Redis, whose `url` is only the host."""
    parts = urlsplit(redis_url)
    given = {
        "url": parts.hostname,
        "port": parts.port,
        "db": int(parts.path.strip("/") or 0),
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_ssl": parts.scheme == "rediss",
    }
    return {"type": LOCK_STORE, **{name: value for name, value in given.items() if value is not None}}


async def keep_running(service: Service, stopping: asyncio.Event) -> None:
    pause = 1.0
    is_restart = False
    began, restarts, why = _now(), 0, ""
    while not stopping.is_set():
        started = time.monotonic()
        # An engine that replaces another is running already.
        process = service.process if service.process and service.is_running else await service.start()
        record = ProcessRecord(process.pid, began, _now(), restarts, why)
        # A full disk is no reason not to run.
        with suppress(OSError):
            process_records.write(service.log_path, record)
        announcing = asyncio.create_task(announce(service)) if is_restart else None
        code = await process.wait()
        if announcing:
            announcing.cancel()
        # Its child processes may still run and hold its port.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        is_restart = True
        restarts += 1
        if stopping.is_set():
            return
        if time.monotonic() - started > SETTLED_AFTER_SECONDS:
            pause = 1.0
        why = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
        click.echo(f"{service.name} stopped ({why}); starting it again in {pause:.0f} s. Its last words:", err=True)
        click.echo(service.last_words(), err=True)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


async def keep_answering(
    service: Service, stopping: asyncio.Event, look_every_seconds: float = LOOK_FOR_HANGING_SECONDS
) -> None:
    """`keep_running`, and ends the process when it hangs, so that it is started again."""
    watching = asyncio.create_task(end_when_it_hangs(service, look_every_seconds))
    try:
        await keep_running(service, stopping)
    finally:
        watching.cancel()


async def announce(service: Service) -> None:
    seconds = await service.wait_until_ready()
    click.echo(f"  {service.name} ready after {seconds:.0f} s")


async def end_when_it_hangs(service: Service, look_every_seconds: float = LOOK_FOR_HANGING_SECONDS) -> None:
    """Runs until cancelled. Kills a service that was ready and then fails to answer several times in a row; its
    `keep_running` starts it again. A service that is still starting is left alone."""
    while True:
        with suppress(NeverReady):
            await service.wait_until_ready()
            process = service.process
            if process and await _hangs(service, process, look_every_seconds):
                click.echo(f"{service.name} does not answer any more, and is ended", err=True)
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


async def _hangs(service: Service, process: asyncio.subprocess.Process, look_every_seconds: float) -> bool:
    """Returns when it is known: true if the process hangs, false if it has ended by itself."""
    failures = 0
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ALIVE_WITHIN_SECONDS)) as session:
        while failures < HANGS_AFTER_FAILURES:
            # A look every so many seconds. One without an answer takes as long, so the next one follows it at once.
            next_look = time.monotonic() + look_every_seconds
            failures += 1
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(service.ready_url) as response:
                    failures = 0 if response.status == 200 else failures
            await asyncio.sleep(max(0.0, next_look - time.monotonic()))
            if process.returncode is not None:
                return False
    return True
