"""`/metrics`: counts and times for Prometheus. Labels come from fixed lists, never from what anybody typed."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot import tracing
from bot.web.clients import is_on_loopback
from bot.web.keys import SETTINGS
from bot.web.neighbours import said_by_encoder

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
        return hmac.compare_digest(given.encode(), token.encode())
    return is_on_loopback(request)


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """Our figures and the encoder's, for requests with METRICS_TOKEN or, if none is set, from this machine."""
    if not _may_see(request):
        raise web.HTTPNotFound
    figures = request.app[METRICS]
    encoder = await said_by_encoder(request.app[SETTINGS], "/metrics")
    figures.encoder_up.set(encoder is not None)
    body = generate_latest(figures.registry) + (encoder or b"")
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
