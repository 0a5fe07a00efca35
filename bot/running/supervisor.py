"""Starts engine, actions, web and encoder, waits for the first three, restarts what dies, stops all on Ctrl-C.

The engine listens on a port that only the relay at ENGINE_PORT knows, so that an engine with another model can
replace it without a break: `docs/decisions/0004-swap.md`.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.running.live_engine import LiveEngine, SwapRecords
from bot.running.live_model import live_model, model_path
from bot.running.log_files import rotate
from bot.running.model_making import current_model, fits
from bot.running.one_assistant import the_only_one
from bot.running.relay import EngineRelay
from bot.running.services import (
    Service,
    actions_service,
    announce,
    encoder_service,
    environment_of,
    keep_answering,
    start_beside,
    web_service,
)
from bot.settings import Settings

LOOK_AT_LOGS_EVERY_SECONDS = 30.0
# For web to answer what is under way and to send pages away, on a busy machine too.
LEAVES_WITHIN_SECONDS = 25.0


class PortBusy(RuntimeError):
    """Another program listens on a port of ours; the message says which setting to change."""


class NotPrepared(RuntimeError):
    """`python -m bot prepare` has failed and has said why."""


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


async def run(settings: Settings, records: SwapRecords) -> None:
    """Runs until SIGINT or SIGTERM. A training that the console started ends with the assistant.

    Raises:
        PortBusy, NotPrepared, NeverReady, bot.running.live_model.LiveModelBroken,
        bot.running.one_assistant.AlreadyRunning
    """
    with the_only_one(settings):
        await _run_alone(settings, records)


async def _run_alone(settings: Settings, records: SwapRecords) -> None:
    check_ports(settings)
    stopping = asyncio.Event()
    relay = EngineRelay(settings.engine_port)
    try:
        await relay.open()
    except OSError as error:
        raise PortBusy(f"port {settings.engine_port} cannot be used ({error}); set ENGINE_PORT to a free one") from None
    try:
        engine = LiveEngine(settings, relay, stopping, records, fits=partial(fits, settings))
        first = await _first_engine(settings, engine)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        await _run_until(stopping, settings, engine, first)
    finally:
        with suppress(SQLAlchemyError):
            await asyncio.to_thread(records.stop_training)
        await relay.close()


async def _first_engine(settings: Settings, engine: LiveEngine) -> Service:
    """Prepares all, and starts the engine: before the preparation if the live model will do, since the engine takes
    longer to start than all else. The preparation then seldom finds that it does not."""
    early = await asyncio.to_thread(current_model, settings)
    first = engine.begin(early) if early else None
    try:
        model = await _prepare(settings)
    except BaseException:
        if first:
            await engine.stop()
        raise
    if first and model == early:
        return first
    if first:
        await engine.stop()
    return engine.begin(model)


async def _prepare(settings: Settings) -> Path:
    """The model that is to answer. In a process of its own, since this one stays and would keep all that it loads."""
    preparing = await start_beside([sys.executable, "-m", "bot", "prepare"], environment_of(settings))
    code = await preparing.wait()
    live = live_model(settings)
    if code != 0 or live is None:
        raise NotPrepared("the assistant is not started, for the reason above")
    return model_path(settings, live.model)


async def _run_until(stopping: asyncio.Event, settings: Settings, engine: LiveEngine, first: Service) -> None:
    actions, web = actions_service(settings), web_service(settings)
    others = [actions, web]
    encoder = encoder_service(settings)
    # The encoder is optional, so start-up does not wait for it.
    helpers = [encoder] if encoder else []
    keepers = [asyncio.create_task(keep_answering(service, stopping)) for service in (*others, *helpers)]
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
        tasks = [*keepers, stop_asked, logs, *([following] if following else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # First what citizens reach: it takes no more questions and needs the others to answer those under way.
        await web.stop(LEAVES_WITHIN_SECONDS)
        await asyncio.gather(engine.stop(), *(service.stop() for service in (actions, *helpers)))
        click.echo("Stopped.")


async def _announce_all(started: Sequence[Service]) -> None:
    await asyncio.gather(*(announce(service) for service in started))


async def _keep_logs_short(folder: Path) -> None:
    while True:
        await asyncio.sleep(LOOK_AT_LOGS_EVERY_SECONDS)
        try:
            await asyncio.to_thread(rotate, folder)
        except OSError as error:
            click.echo(f"the logs grow on, since they cannot be put aside: {error}", err=True)


def _addresses(settings: Settings) -> dict[str, str]:
    """The address of each part; text channels only if they are set up."""
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
