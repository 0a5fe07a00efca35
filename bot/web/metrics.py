"""`/metrics`: counts and times for Prometheus. Labels come from fixed lists, never from what anybody typed."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from enum import StrEnum

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from bot import tracing
from bot.db import Database, utcnow
from bot.doctor import work
from bot.doctor.work import Standing
from bot.web.clients import is_on_loopback
from bot.web.keys import DATABASE, SETTINGS
from bot.web.neighbours import said_by_encoder

logger = logging.getLogger(__name__)

routes = web.RouteTableDef()


class Stage(StrEnum):
    """Of an answer. `ACTIONS` is of the engine's time what it waits for the action server; `ENGINE` all else of it."""

    STORE = "store"
    WAIT = "wait"
    ASK = "ask"
    ENGINE = "engine"
    ACTIONS = "actions"
    STORE_ANSWER = "store_answer"


class Metrics:
    """The figures of one application, in a registry of its own, so that two in one process do not share them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter(
            "assistant_messages_total",
            "Messages answered; ending: answered, likely, refused, handed_over, failed, or other",
            ["channel", "outcome", "ending"],
            registry=self.registry,
        )
        self.stages = Histogram(
            "assistant_stage_seconds",
            "Where the time of an answer goes, by stage",
            ["stage"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self.errors = Counter(
            "assistant_errors_total", "Errors, by the part that failed", ["part"], registry=self.registry
        )
        self.texts = Counter(
            "assistant_texts_total",
            "Texts by channel: in, out, and attempts to send that failed (not_out)",
            ["channel", "direction"],
            registry=self.registry,
        )
        self.encoder_up = Gauge("assistant_encoder_up", "Whether the encoder answers", registry=self.registry)
        self.seconds = Histogram(
            "assistant_answer_seconds",
            "From the message's arrival to its answer",
            ["channel"],
            buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
            registry=self.registry,
        )

        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(f"assistant_{name}", about, labels, registry=self.registry)

        # Of all processes together, read from the database when asked for.
        self.waiting = gauge("waiting", "What waits, by queue", "queue")
        self.waiting_seconds = gauge("waiting_seconds", "How long the oldest waits, by queue", "queue")
        self.stuck = gauge("stuck", "What waits no more and needs somebody to look at it, by kind", "kind")
        self.trainings = gauge("trainings", "Trainings, by state: refused by the gate, live …", "state")
        self.chore_seconds = gauge("chore_age_seconds", "Since the chore was last done", "chore")
        self.backup_seconds = gauge("backup_age_seconds", "Since the last verified backup", "by")

    def take(self, standing: Standing | None) -> None:
        """None: the database does not tell, and old figures would mislead."""
        for each in (self.waiting, self.waiting_seconds, self.stuck, self.trainings, self.chore_seconds):
            each.clear()
        self.backup_seconds.clear()
        if standing is None:
            return
        for queue, waiting in standing.waiting.items():
            self.waiting.labels(queue).set(waiting.number)
            self.waiting_seconds.labels(queue).set(waiting.age(standing.at).total_seconds())
        for kind, number in standing.stuck.items():
            self.stuck.labels(kind).set(number)
        for state, number in standing.trainings.items():
            self.trainings.labels(state).set(number)
        for chore, age in standing.chore_ages.items():
            self.chore_seconds.labels(chore).set(age.total_seconds())
        if standing.backup_age is not None:
            self.backup_seconds.labels("command").set(standing.backup_age.total_seconds())

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Measures the block as a stage of an answer, and traces it."""
        with tracing.span(stage), self.stages.labels(stage).time():
            yield


METRICS = web.AppKey("metrics", Metrics)


def _may_see(request: web.Request) -> bool:
    token = request.app[SETTINGS].metrics_token
    if token is not None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())
    return is_on_loopback(request)


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Our figures and the encoder's, for requests with METRICS_TOKEN or, if none is set, from this machine."""
    if not _may_see(request):
        raise web.HTTPNotFound
    figures = request.app[METRICS]
    encoder, standing = await asyncio.gather(
        said_by_encoder(request.app[SETTINGS], "/metrics"), asyncio.to_thread(_standing, request.app[DATABASE])
    )
    figures.take(standing)
    figures.encoder_up.set(encoder is not None)
    body = generate_latest(figures.registry) + (encoder or b"")
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _standing(database: Database) -> Standing | None:
    try:
        return database.run(work.standing, utcnow())
    except SQLAlchemyError:
        logger.exception("the database does not tell how the work goes")
        return None


class _ErrorCount(logging.Handler):
    """Counts what this process logs as an error, by the part that logged it."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.ERROR)
        self._metrics = metrics

    def emit(self, record: logging.LogRecord) -> None:
        part = next((part for start, part in _PARTS.items() if record.name.startswith(start)), "web")
        self._metrics.errors.labels(part).inc()


# Start of a logger's name → part. `engine` and `actions`, whose own logs are elsewhere, are counted by `bot.web.chat`.
_PARTS = {
    "bot.web.carriers": "texts",
    "bot.web.console": "console",
    "bot.web.city_orders": "city_orders",
    "bot.web.chores": "chores",
    "bot.web.chat": "chat",
}


async def count_errors(app: web.Application) -> AsyncIterator[None]:
    counting = _ErrorCount(app[METRICS])
    ours = logging.getLogger("bot")
    ours.addHandler(counting)
    yield
    ours.removeHandler(counting)
