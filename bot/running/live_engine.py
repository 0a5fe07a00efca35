"""The engine that answers, and how an engine with another model replaces it: `docs/decisions/0004-swap.md`."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import click
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.running.live_model import LiveModel, LiveModelBroken, is_whole, live_model, live_model_path, model_path
from bot.running.ports import free_port
from bot.running.relay import EngineRelay
from bot.running.services import NeverReady, Service, engine_service, keep_answering
from bot.settings import Settings

# Time for a replaced engine to finish its requests. The gateway sends a message again if it got no answer.
FINISH_WITHIN_SECONDS = 30
LOOK_EVERY_SECONDS = 1.0
ANSWER_TRIES = 10

MakeEngine = Callable[[Path], Service]
Fits = Callable[[LiveModel], bool]
"""Whether this machine's program and names are those that the model was made of."""


class SwapRecords(Protocol):
    """Records whether a model that should go live did so. All methods may raise SQLAlchemyError."""

    def went_live(self, model: str) -> None: ...

    def never_answered(self, model: str, still: LiveModel) -> None:
        """The previous model, `still`, continues to answer."""

    def stop_training(self) -> None:
        """Ends the training that the console started."""


class LiveEngine:
    """The engine that answers. `follow` replaces it when `SHARED_DIR/live_model.json` names another model
    that `fits`. `make` creates the service for a model; tests pass their own.
    """

    def __init__(
        self,
        settings: Settings,
        relay: EngineRelay,
        stopping: asyncio.Event,
        records: SwapRecords,
        make: MakeEngine | None = None,
        fits: Fits = lambda _: True,
    ) -> None:
        self._settings = settings
        self._relay = relay
        self._stopping = stopping
        self._make = make or (lambda model: engine_service(settings, model, free_port()))
        self._fits = fits
        self._records = records
        self._in_effect: LiveModel | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    def begin(self, model: Path) -> Service:
        """Starts the first engine. Requests go to it from now on, whether it is ready or not."""
        self._model = _name(model)
        wanted = live_model(self._settings)
        self._in_effect = wanted if wanted is not None and wanted.model == self._model else None
        self._take(self._make(model))
        return self._service

    async def follow(self) -> None:
        """Runs until cancelled. If a new model cannot answer, the previous engine stays, and this is recorded."""
        await asyncio.to_thread(self._records.went_live, self._model)
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
                if not await asyncio.to_thread(self._fits, wanted):
                    click.echo(f"model {wanted.model} was made by another program or of other names: restart to use it")
                    return
                await self._change_to(wanted.model)
            if wanted is not None and wanted.model == self._model:
                self._in_effect = wanted
        except LiveModelBroken as error:
            click.echo(str(error), err=True)
        except SQLAlchemyError as error:
            click.echo(f"what became of the new model could not be written down: {error}", err=True)

    async def _change_to(self, model: str) -> None:
        path = model_path(self._settings, model)
        if not await asyncio.to_thread(is_whole, path):
            await self._refuse(model, f"{path} is not there or is cut short")
            return
        click.echo(f"starting the engine with model {model} beside the one that answers …")
        new = self._make(path)
        try:
            process = await new.start()
            await _unless_it_ends(process, wait_until_it_answers(new))
        except asyncio.CancelledError:
            await new.stop()
            raise
        except (NeverReady, OSError) as error:
            await new.stop()
            await self._refuse(model, f"{error}\n{new.last_words()}")
            return
        old, old_keeper = self._service, self._keeper
        self._model = model
        self._take(new)
        await _cancelled(old_keeper)
        leaving = asyncio.create_task(self._let_finish(old))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)
        click.echo(f"model {model} answers now")
        await asyncio.to_thread(self._records.went_live, model)

    async def _let_finish(self, old: Service) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._relay.wait_until_idle(_base_url(old)), FINISH_WITHIN_SECONDS)
        await old.stop()

    async def stop(self) -> None:
        """Stops the engine, and replaced engines that were still finishing."""
        await _cancelled(self._keeper)
        await asyncio.gather(self._service.stop(), *self._leaving)

    def _take(self, service: Service) -> None:
        self._service = service
        self._keeper = asyncio.create_task(keep_answering(service, self._stopping))
        self._relay.turn_to(_base_url(service))

    async def _refuse(self, model: str, why: str) -> None:
        click.echo(f"model {model} does not go live, {self._model} goes on: {why}", err=True)
        if self._in_effect is not None:
            await asyncio.to_thread(self._records.never_answered, model, self._in_effect)


async def wait_until_it_answers(engine: Service) -> None:
    """Waits until a message is really answered, which comes later than listening. Raises `NeverReady`."""
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
    """Waits for `waiting`. Raises `NeverReady` as soon as the process ends."""
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
    how = Provenance.of(message)
    return how is not None and how.outcome in (Outcome.FAILED_ENGINE, Outcome.FAILED_ACTIONS)


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
