"""The encoder's process: makes vectors of questions at once, and of passages when it has time. It logs no text.

It listens on the loopback, and writes its port and a token to a file that only its user can read. All calls but
`/healthz` and `/metrics` need the token. `/questions` and `/wanted` take a JSON list of texts; `/questions` returns
the vectors one after another, as float32 numbers.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
import signal
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from pathlib import Path

import numpy as np
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot import request_ids
from bot.answering.encoder.client import HOST, MOST_QUESTIONS, Address
from bot.answering.encoder.readable import digest_of
from bot.answering.encoder.sentence_model import Kind, SentenceModel
from bot.answering.encoder.store import VectorStore
from bot.answering.encoder.weights import Floats
from bot.log_lines import fields, milliseconds_since

log = logging.getLogger(__name__)

MOST_WAITING = 16
MOST_WANTED = 100_000
LARGEST_BODY_BYTES = 2 << 20
# A single text takes half a second at most. A call that has lasted this long will not end by itself.
STUCK_AFTER_SECONDS = 30.0
_PUBLIC = ("/healthz", "/metrics")


class EncoderFigures:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.questions = Counter(
            "assistant_encoder_questions_total", "Texts of citizens encoded", registry=self.registry
        )
        self.messages = Counter(
            "assistant_encoder_messages_total", "Messages that words left in doubt", registry=self.registry
        )
        self.passages = Counter("assistant_encoder_passages_total", "Passages encoded", registry=self.registry)
        self.refused = Counter(
            "assistant_encoder_refused_total", "Requests refused since too many waited", registry=self.registry
        )
        self.seconds = Counter(
            "assistant_encoder_busy_seconds_total", "Seconds at work on questions", registry=self.registry
        )
        self.wanted = Gauge("assistant_encoder_wanted", "Passages that wait for a vector", registry=self.registry)


class Turns:
    """Lets one text at a time use the model, and knows since when."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._since: float | None = None

    def do(self, work: Callable[[], Floats]) -> Floats:
        with self._lock:
            self._since = self._clock()
            try:
                return work()
            finally:
                self._since = None

    @property
    def is_stuck(self) -> bool:
        since = self._since
        return since is not None and self._clock() - since > STUCK_AFTER_SECONDS


class Making(threading.Thread):
    """Makes vectors of wanted passages. Rests as long as it works, so that questions and other processes come first."""

    def __init__(self, vectors: VectorStore, encode: Callable[[str], Floats], figures: EncoderFigures) -> None:
        super().__init__(name="making", daemon=True)
        self._vectors, self._encode, self._figures = vectors, encode, figures
        self._wanted: dict[bytes, str] = {}
        self._changed = threading.Condition()
        self._is_over = threading.Event()

    def want(self, texts: Sequence[str]) -> int:
        """Queues texts, returns how many wait now. Texts beyond the limit are dropped; callers ask for them again."""
        missing = self._vectors.missing(texts)
        with self._changed:
            for text in missing[: MOST_WANTED - len(self._wanted)]:
                self._wanted[digest_of(text)] = text
            self._figures.wanted.set(len(self._wanted))
            self._changed.notify()
            return len(self._wanted)

    def run(self) -> None:
        while not self._is_over.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._is_over.is_set())
                texts = list(self._wanted.values())
            try:
                for _ in self._vectors.make(texts, self._unhurried):
                    if self._is_over.is_set():
                        return
            except OSError:
                log.exception("vectors could not be kept")
            with self._changed:
                for text in texts:
                    self._wanted.pop(digest_of(text), None)
                self._figures.wanted.set(len(self._wanted))

    def stop(self) -> None:
        self._is_over.set()
        with self._changed:
            self._changed.notify()

    def _unhurried(self, text: str) -> Floats:
        started = time.monotonic()
        vector = self._encode(text)
        self._figures.passages.inc()
        self._is_over.wait(time.monotonic() - started)
        return vector


class EncoderApp:
    """The web application around the model."""

    def __init__(self, model: SentenceModel, vectors: VectorStore, token: str) -> None:
        self.figures = EncoderFigures()
        self._model, self._token = model, token
        self._turns = Turns()
        self._making = Making(vectors, self._passage_vector, self.figures)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="questions")
        self._waiting = 0

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._known_callers_only], client_max_size=LARGEST_BODY_BYTES)
        app.add_routes(
            [
                web.get("/healthz", self.healthz),
                web.get("/metrics", self.metrics),
                web.post("/questions", self.questions),
                web.post("/wanted", self.wanted),
            ]
        )
        app.cleanup_ctx.append(self._at_work)
        return app

    async def healthz(self, _: web.Request) -> web.Response:
        status = HTTPStatus.SERVICE_UNAVAILABLE if self._turns.is_stuck else HTTPStatus.OK
        return web.json_response({"status": "stuck" if self._turns.is_stuck else "ok"}, status=status)

    async def metrics(self, _: web.Request) -> web.Response:
        body = generate_latest(self.figures.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def questions(self, request: web.Request) -> web.Response:
        texts = await _texts(request)
        if len(texts) > MOST_QUESTIONS:
            raise web.HTTPBadRequest(text=f"at most {MOST_QUESTIONS} texts")
        if self._waiting >= MOST_WAITING:
            self.figures.refused.inc()
            raise web.HTTPServiceUnavailable(text="too many wait")
        self._waiting += 1
        began = time.monotonic()
        try:
            # The server cancels this when the caller hangs up; work that has not begun by then is never begun.
            body = await asyncio.get_running_loop().run_in_executor(self._thread, self._question_vectors, texts)
        finally:
            self._waiting -= 1
        log.info("questions encoded", extra=fields(texts=len(texts), milliseconds=milliseconds_since(began)))
        return web.Response(body=body, content_type="application/octet-stream")

    async def wanted(self, request: web.Request) -> web.Response:
        waiting = await asyncio.to_thread(self._making.want, await _texts(request))
        return web.json_response({"waiting": waiting})

    def _question_vectors(self, texts: Sequence[str]) -> bytes:
        started = time.monotonic()
        vectors = [self._turns.do(partial(self._model.vector, Kind.QUESTION, text)) for text in texts]
        self.figures.messages.inc()
        self.figures.questions.inc(len(texts))
        self.figures.seconds.inc(time.monotonic() - started)
        return np.concatenate(vectors).astype("<f4").tobytes() if vectors else b""

    def _passage_vector(self, text: str) -> Floats:
        return self._turns.do(partial(self._model.vector, Kind.PASSAGE, text))

    async def _at_work(self, _: web.Application) -> AsyncIterator[None]:
        self._making.start()
        yield
        self._making.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)

    @web.middleware
    async def _known_callers_only(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if request.path not in _PUBLIC and not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            raise web.HTTPUnauthorized
        with request_ids.carrying(request_ids.given(request.headers.get(request_ids.HEADER))):
            return await handler(request)


async def _texts(request: web.Request) -> list[str]:
    """The body, a JSON list of texts; raises `HTTPBadRequest`."""
    try:
        found = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text="not JSON") from None
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise web.HTTPBadRequest(text="not a list of texts")
    return found


async def serve(model: SentenceModel, vectors: VectorStore, address: Path, port: int) -> None:
    """Serves until SIGTERM or SIGINT, then removes the file `address`. Port 0 means any free port."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    token = secrets.token_urlsafe()
    runner = web.AppRunner(EncoderApp(model, vectors, token).app(), access_log=None, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        told = Address(runner.addresses[0][1], token)
        told.write(address)
        await stopping.wait()
        told.remove(address)
    finally:
        await runner.cleanup()
