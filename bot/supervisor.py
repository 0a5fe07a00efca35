"""Starts engine, actions, web and encoder, waits for the first three, restarts what dies, stops all on Ctrl-C.

The engine listens on a port that only the relay at ENGINE_PORT knows, so that one of another model can take its place
without a break: `docs/decisions/0004-swap.md`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import aiohttp
import click
import yaml
from sqlalchemy.exc import SQLAlchemyError

from bot.answering.encoder.weights import weights_path
from bot.conversations.outcomes import Outcome
from bot.db import Database, utcnow
from bot.environments import ENGINE, ONE_THREAD, ROOT
from bot.log_files import rotate
from bot.ports import free_port
from bot.preparation import engine_environment, prepare
from bot.relay import EngineRelay
from bot.settings import Settings
from bot.training import service as trainings
from bot.training.live import LiveModel, LiveModelBroken, live_model, live_model_path, model_path

READY_WITHIN_SECONDS = 180
STOP_WITHIN_SECONDS = 15
# What an engine that is replaced gets for the requests under way; the gateway asks again what it got no answer to.
FINISH_WITHIN_SECONDS = 30
LOOK_EVERY_SECONDS = 1.0
LOOK_AT_LOGS_EVERY_SECONDS = 30.0
ANSWER_TRIES = 10
LONGEST_PAUSE_SECONDS = 30
SETTLED_AFTER_SECONDS = 60
LOOK_FOR_HANGING_SECONDS = 5.0
HANGS_AFTER_FAILURES = 4


class PortBusy(RuntimeError):
    """Another program listens on a port of ours; the message says which setting to change."""


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
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        log: IO[bytes]
        with self.log_path.open("ab") as log:
            # A session of its own, so that Ctrl-C reaches the supervisor alone, which then ends all in order.
            self.process = await asyncio.create_subprocess_exec(
                *self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        return self.process

    async def wait_until_ready(self) -> float:
        """Seconds that it took. Raises `NeverReady`."""
        started = time.monotonic()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while time.monotonic() - started < READY_WITHIN_SECONDS:
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(self.ready_url) as response:
                        if response.status == 200:
                            return time.monotonic() - started
                await asyncio.sleep(0.3)
        raise NeverReady(f"{self.name} was not ready within {READY_WITHIN_SECONDS} s; its log is {self.log_path}")

    async def stop(self) -> None:
        if self.process is None or not self.is_running:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), STOP_WITHIN_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()

    def last_words(self, lines: int = 5) -> str:
        text = self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


MakeEngine = Callable[[Path], Service]


def engine_service(settings: Settings, model: Path, port: int) -> Service:
    """An engine on a port of the loopback, with the settings' action server."""
    return Service(
        "engine",
        [
            str(ENGINE.python), "-m", "bot.engine.launcher",
            "--model", str(model), "--interface", "127.0.0.1", "--port", str(port),
            "--endpoints", str(_write_endpoints(settings)), "--credentials", str(ROOT / "credentials.yml"),
        ],
        {**_environment(settings), **engine_environment(settings)},
        f"http://127.0.0.1:{port}/",
        settings.logs_dir / "engine.log",
    )  # fmt: skip


def actions_service(settings: Settings) -> Service:
    return Service(
        "actions",
        [sys.executable, "-m", "bot.rasa_sdk_server", "--actions", "actions", "--port", str(settings.actions_port)],
        {**_environment(settings), "SANIC_HOST": "127.0.0.1"},
        f"http://127.0.0.1:{settings.actions_port}/health",
        settings.logs_dir / "actions.log",
    )


def web_service(settings: Settings) -> Service:
    return Service(
        "web",
        [sys.executable, "-m", "bot.web"],
        _environment(settings),
        f"{settings.web_url}/healthz",
        settings.logs_dir / "web.log",
    )


def encoder_service(settings: Settings) -> Service | None:
    """None where it is off or has no weights."""
    if weights_path(settings) is None:
        return None
    port = free_port()
    return Service(
        "encoder",
        [sys.executable, "-m", "bot.answering.encoder", "--port", str(port)],
        _environment(settings),
        f"http://127.0.0.1:{port}/healthz",
        settings.logs_dir / "encoder.log",
    )


def _environment(settings: Settings) -> dict[str, str]:
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
    """The root's endpoints.yml with our action port, and Redis as lock store where there is one."""
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{settings.actions_port}/webhook"
    if settings.redis_url:
        endpoints["lock_store"] = lock_store(settings.redis_url)
    path = settings.var_dir / "endpoints.yml"
    path.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    return path


def lock_store(redis_url: str) -> dict[str, object]:
    """Rasa's settings of a lock store: what it calls the URL is only the host."""
    parts = urlsplit(redis_url)
    given = {
        "url": parts.hostname,
        "port": parts.port,
        "db": int(parts.path.strip("/") or 0),
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_ssl": parts.scheme == "rediss",
    }
    return {"type": "redis", **{name: value for name, value in given.items() if value is not None}}


def check_ports(settings: Settings) -> None:
    """Raises `PortBusy`."""
    wanted = {"PORT": settings.port, "ENGINE_PORT": settings.engine_port, "ACTIONS_PORT": settings.actions_port}
    if len(set(wanted.values())) < len(wanted):
        raise PortBusy("PORT, ENGINE_PORT and ACTIONS_PORT must be three different ports")
    for name, port in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise PortBusy(f"port {port} is taken by another program; set {name} to a free one") from None


async def run(settings: Settings) -> None:
    """Runs until SIGINT or SIGTERM.

    Raises:
        PortBusy, NeverReady, bot.preparation.TrainingFailed
    """
    check_ports(settings)
    model = await asyncio.to_thread(prepare, settings)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)

    relay = EngineRelay(settings.engine_port)
    try:
        await relay.open()
    except OSError as error:
        raise PortBusy(f"port {settings.engine_port} cannot be used ({error}); set ENGINE_PORT to a free one") from None
    try:
        await _run_until(stopping, settings, relay, model)
    finally:
        await relay.close()


async def _run_until(stopping: asyncio.Event, settings: Settings, relay: EngineRelay, model: Path) -> None:
    engine = LiveEngine(settings, relay, stopping)
    others = [actions_service(settings), web_service(settings)]
    encoder = encoder_service(settings)
    # Nobody waits for it: without it all is answered too.
    helpers = [encoder] if encoder else []
    keepers = [asyncio.create_task(_keep_running(service, stopping)) for service in (*others, *helpers)]
    watchers = [asyncio.create_task(end_when_it_hangs(service)) for service in helpers]
    first = engine.begin(model)
    stop_asked = asyncio.create_task(stopping.wait())
    logs = asyncio.create_task(_keep_logs_short(settings.logs_dir))
    following: asyncio.Task[None] | None = None
    try:
        ready = asyncio.create_task(_announce_all([first, *others]))
        await asyncio.wait((ready, stop_asked), return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
            click.echo("\nThe assistant is up:")
            for name, where in _addresses(settings).items():
                click.echo(f"  {name:<10} {where}")
            click.echo("Ctrl-C stops it.")
            following = asyncio.create_task(engine.follow())
            await stop_asked
        else:
            ready.cancel()
    finally:
        stopping.set()
        tasks = [*keepers, *watchers, stop_asked, logs, *([following] if following else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(engine.stop(), *(service.stop() for service in (*others, *helpers)))
        click.echo("Stopped.")


class LiveEngine:
    """The engine that answers. `follow` puts another in its place when `VAR_DIR/live_model.json` names another model.

    `make` gives the service for a model; tests give their own.
    """

    def __init__(
        self, settings: Settings, relay: EngineRelay, stopping: asyncio.Event, make: MakeEngine | None = None
    ) -> None:
        self._settings = settings
        self._relay = relay
        self._stopping = stopping
        self._make = make or (lambda model: engine_service(settings, model, free_port()))
        self._database = Database(settings.database_url)
        self._in_effect: LiveModel | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    def begin(self, model: Path) -> Service:
        """The first one: requests go to it from now on, whether it is ready or not."""
        self._model = _name(model)
        wanted = live_model(self._settings)
        self._in_effect = wanted if wanted is not None and wanted.model == self._model else None
        self._take(self._make(model))
        return self._service

    async def follow(self) -> None:
        """Until cancelled. A model that cannot answer leaves the one before in its place, and that is written down."""
        await asyncio.to_thread(self._record_live, self._model)
        seen: tuple[int, int] | None = None
        while True:
            written = _stamp(live_model_path(self._settings))
            if written != seen:
                seen = written
                await self._obey()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _obey(self) -> None:
        try:
            wanted = live_model(self._settings)
            if wanted is not None and wanted.model != self._model:
                await self._change_to(wanted.model)
            if wanted is not None and wanted.model == self._model:
                self._in_effect = wanted
        except LiveModelBroken as error:
            click.echo(str(error), err=True)
        except SQLAlchemyError as error:
            click.echo(f"what became of the new model could not be written down: {error}", err=True)

    async def _change_to(self, model: str) -> None:
        click.echo(f"starting the engine with model {model} beside the one that answers …")
        new = self._make(model_path(self._settings, model))
        try:
            process = await new.start()
            await _unless_it_ends(process, wait_until_it_answers(new))
        except asyncio.CancelledError:
            await new.stop()
            raise
        except (NeverReady, OSError) as error:
            await new.stop()
            click.echo(f"model {model} does not go live, {self._model} goes on: {error}\n{new.last_words()}", err=True)
            await asyncio.to_thread(self._record_failure, model)
            return
        old, old_keeper = self._service, self._keeper
        self._model = model
        self._take(new)
        await _cancelled(old_keeper)
        leaving = asyncio.create_task(self._let_finish(old))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
        click.echo(f"model {model} answers now")
        await asyncio.to_thread(self._record_live, model)

    async def _let_finish(self, old: Service) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._relay.wait_until_idle(_base_url(old)), FINISH_WITHIN_SECONDS)
        await old.stop()

    async def stop(self) -> None:
        """Ends it, and those that were still finishing."""
        await _cancelled(self._keeper)
        await asyncio.gather(self._service.stop(), *self._leaving)
        self._database.close()

    def _take(self, service: Service) -> None:
        self._service = service
        self._keeper = asyncio.create_task(_keep_running(service, self._stopping))
        self._relay.turn_to(_base_url(service))

    def _record_live(self, model: str) -> None:
        with self._database.transaction() as session:
            trainings.went_live(session, model, utcnow())

    def _record_failure(self, model: str) -> None:
        if self._in_effect is not None:
            with self._database.transaction() as session:
                trainings.never_answered(session, self._settings, model, self._in_effect, utcnow())


async def wait_until_it_answers(engine: Service) -> None:
    """Until a message is really understood and answered, which takes longer than to listen. Raises `NeverReady`."""
    await engine.wait_until_ready()
    body = {"sender": f"readiness-{uuid.uuid4()}", "message": "你好", "metadata": {}}
    why = "no answer"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        for _ in range(ANSWER_TRIES):
            try:
                async with session.post(f"{_base_url(engine)}/webhooks/rest/webhook", json=body) as response:
                    messages = await response.json()
                    if response.status == 200 and messages and not any(_is_failure(one) for one in messages):
                        return
                    why = f"status {response.status}, {messages}"
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                why = type(error).__name__
            await asyncio.sleep(0.3)
    raise NeverReady(f"{engine.name} listens but does not answer ({why}); its log is {engine.log_path}")


async def _unless_it_ends(process: asyncio.subprocess.Process, waiting: Coroutine[None, None, None]) -> None:
    """Raises `NeverReady` as soon as the process is gone."""
    ended, answered = asyncio.create_task(process.wait()), asyncio.create_task(waiting)
    try:
        await asyncio.wait((ended, answered), return_when=asyncio.FIRST_COMPLETED)
        if not answered.done():
            raise NeverReady(f"the engine ended with status {ended.result()}")
        answered.result()
    finally:
        ended.cancel()
        await _cancelled(answered)


def _is_failure(message: dict[str, Any]) -> bool:
    return (message.get("turn") or {}).get("outcome") in (Outcome.FAILED_ENGINE, Outcome.FAILED_ACTIONS)


def _base_url(service: Service) -> str:
    return service.ready_url.rstrip("/")


def _name(model: Path) -> str:
    return model.name.removesuffix(".tar.gz")


def _stamp(path: Path) -> tuple[int, int] | None:
    """Changes whenever the file is replaced."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _announce_all(started: Sequence[Service]) -> None:
    await asyncio.gather(*(_announce(service) for service in started))


async def _announce(service: Service) -> None:
    seconds = await service.wait_until_ready()
    click.echo(f"  {service.name} ready after {seconds:.0f} s")


async def _keep_running(service: Service, stopping: asyncio.Event) -> None:
    pause = 1.0
    is_restart = False
    while not stopping.is_set():
        started = time.monotonic()
        # One that replaces another is running already.
        process = service.process if service.process and service.is_running else await service.start()
        announcing = asyncio.create_task(_announce(service)) if is_restart else None
        code = await process.wait()
        if announcing:
            announcing.cancel()
        # What it had started itself may live on and hold its port.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        is_restart = True
        if stopping.is_set():
            return
        if time.monotonic() - started > SETTLED_AFTER_SECONDS:
            pause = 1.0
        why = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
        click.echo(f"{service.name} stopped ({why}); starting it again in {pause:.0f} s. Its last words:", err=True)
        click.echo(service.last_words(), err=True)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def end_when_it_hangs(service: Service, look_every_seconds: float = LOOK_FOR_HANGING_SECONDS) -> None:
    """Until cancelled. One that was ready and then does not answer several times in a row is ended; its keeper starts
    it again. Who is still starting is left alone."""
    while True:
        with suppress(NeverReady):
            await service.wait_until_ready()
            await _until_it_hangs(service, look_every_seconds)
            if service.process and service.is_running:
                click.echo(f"{service.name} does not answer any more, and is ended", err=True)
                with suppress(ProcessLookupError):
                    os.killpg(service.process.pid, signal.SIGKILL)
                await service.process.wait()


async def _until_it_hangs(service: Service, look_every_seconds: float) -> None:
    failures = 0
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        while failures < HANGS_AFTER_FAILURES:
            await asyncio.sleep(look_every_seconds)
            failures += 1
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(service.ready_url) as response:
                    failures = 0 if response.status == 200 else failures


async def _keep_logs_short(folder: Path) -> None:
    while True:
        await asyncio.sleep(LOOK_AT_LOGS_EVERY_SECONDS)
        try:
            await asyncio.to_thread(rotate, folder)
        except OSError as error:
            click.echo(f"the logs grow on, since they cannot be put aside: {error}", err=True)


def _addresses(settings: Settings) -> dict[str, str]:
    """Where each part is found, the channels of texts only if they are set up."""
    here = settings.web_url
    texts = {
        "SMS": f"{here}/helpline/sms/inbound" if settings.sms else "",
        "SMPP": f"{settings.smpp.host}:{settings.smpp.port}" if settings.smpp else "",
        "WeChat": f"{here}/helpline/wechat" if settings.wechat else "",
    }
    return {
        "chat page": f"{here}/",
        "console": f"{here}/console",
        "API": f"{here}/api/chat",
        **{name: where for name, where in texts.items() if where},
        "engine": f"{settings.engine_url}/webhooks/rest/webhook (this machine only)",
        "logs": str(settings.logs_dir),
    }
