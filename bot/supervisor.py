"""Starts engine, actions and web, waits until each is ready, restarts what dies, stops all on Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import aiohttp
import click
import yaml

from bot.environments import ENGINE, ROOT
from bot.preparation import engine_environment, prepare
from bot.settings import Settings

READY_WITHIN_SECONDS = 180
STOP_WITHIN_SECONDS = 15
LONGEST_PAUSE_SECONDS = 30
SETTLED_AFTER_SECONDS = 60


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
        if self.process is None or self.process.returncode is not None:
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


def services(settings: Settings, model: Path) -> list[Service]:
    ours = {
        **os.environ,
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": settings.database_url,
        "PORT": str(settings.port),
        "ENGINE_PORT": str(settings.engine_port),
        "ACTIONS_PORT": str(settings.actions_port),
    }

    def log(name: str) -> Path:
        return settings.logs_dir / f"{name}.log"

    return [
        Service(
            "engine",
            [
                str(ENGINE.python), "-m", "bot.engine.launcher",
                "--model", str(model), "--interface", "127.0.0.1", "--port", str(settings.engine_port),
                "--endpoints", str(_write_endpoints(settings)), "--credentials", str(ROOT / "credentials.yml"),
            ],
            {**ours, **engine_environment(settings)},
            f"{settings.engine_url}/",
            log("engine"),
        ),
        Service(
            "actions",
            [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(settings.actions_port)],
            {**ours, "SANIC_HOST": "127.0.0.1"},
            f"http://127.0.0.1:{settings.actions_port}/health",
            log("actions"),
        ),
        Service(
            "web",
            [sys.executable, "-m", "bot.web"],
            ours,
            f"http://127.0.0.1:{settings.port}/healthz",
            log("web"),
        ),
    ]  # fmt: skip


def _write_endpoints(settings: Settings) -> Path:
    """The root's endpoints.yml with our action port, and Redis as lock store where there is one."""
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{settings.actions_port}/webhook"
    if settings.redis_url:
        endpoints["lock_store"] = {"type": "redis", "url": settings.redis_url}
    path = settings.var_dir / "endpoints.yml"
    path.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    return path


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

    started = services(settings, model)
    keepers = [asyncio.create_task(_keep_running(service, stopping)) for service in started]
    stop_asked = asyncio.create_task(stopping.wait())
    try:
        ready = asyncio.create_task(_announce_all(started))
        await asyncio.wait((ready, stop_asked), return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ready.result()
            click.echo(f"\nThe assistant is up:\n  chat page  http://127.0.0.1:{settings.port}/")
            click.echo(f"  API        http://127.0.0.1:{settings.port}/api/chat")
            click.echo(f"  engine     {settings.engine_url}/webhooks/rest/webhook (this machine only)")
            click.echo(f"  logs       {settings.logs_dir}\nCtrl-C stops it.")
            await stop_asked
        else:
            ready.cancel()
    finally:
        stopping.set()
        for task in (*keepers, stop_asked):
            task.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        await asyncio.gather(*(service.stop() for service in started))
        click.echo("Stopped.")


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
        process = await service.start()
        announcing = asyncio.create_task(_announce(service)) if is_restart else None
        code = await process.wait()
        if announcing:
            announcing.cancel()
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
