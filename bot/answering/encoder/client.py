"""Asks the encoder's process for vectors. None means that there is no vector, for whatever reason.

encoder = EncoderClient.of(settings)
vector = encoder.question_vector("失业金能领多久")  # (384,), or None
"""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from bot import request_ids, tracing
from bot.answering.encoder.readable import digest_of, readable
from bot.answering.encoder.weights import WIDTH, Floats
from bot.one_computes import waiting
from bot.settings import Settings

HOST = "127.0.0.1"
# Added to the time limit for each character; a text took 0.9 ms a character on a busy core.
_SECONDS_A_CHARACTER = 0.0015
HAND_OVER_WITHIN_SECONDS = 2.0
MOST_QUESTIONS = 16
_REMEMBERED = 512
_FAILURES_BORNE = 3
_PAUSES = (2.0, 4.0, 8.0, 16.0, 30.0)  # seconds
_HANDED_OVER_TOGETHER = 256


@dataclass(frozen=True)
class Address:
    """Where the encoder listens, and the token that callers need. The encoder writes it, readable for its user only."""

    port: int
    token: str
    pid: int = field(default_factory=os.getpid)

    @classmethod
    def read(cls, path: Path) -> Address:
        """
        Raises:
            OSError, ValueError: there is no address, or its process has ended, and another may use the port.
        """
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not all(type(found.get(name)) is int for name in ("port", "pid")):
            raise ValueError(f"{path} holds no address")
        os.kill(found["pid"], 0)
        return cls(found["port"], str(found.get("token")), found["pid"])

    def write(self, path: Path) -> None:
        """Writes the file in one step, so that nobody reads half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.", delete=False) as unfinished:
            json.dump(asdict(self), unfinished)
        Path(unfinished.name).replace(path)

    def remove(self, path: Path) -> None:
        """Removes the file, unless another process has written its own address there."""
        with suppress(OSError, ValueError):
            if self.read(path) == self:
                path.unlink()


class Breaker:
    """Stops requests for some seconds after three failures in a row, and for longer after each further failure."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = clock()

    @property
    def is_open(self) -> bool:
        return self._clock() < self._until

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= _FAILURES_BORNE:
            self._until = self._clock() + _PAUSES[min(self._failures - _FAILURES_BORNE, len(_PAUSES) - 1)]

    def worked(self) -> None:
        self._failures = 0


class EncoderClient:
    """Asks the encoder's process; threads may share one."""

    def __init__(self, address: Path | None, within_seconds: float, breaker: Breaker | None = None) -> None:
        self._address = address
        self._within = within_seconds
        self._breaker = breaker or Breaker()
        self._remembered: OrderedDict[bytes, Floats] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def of(cls, settings: Settings) -> EncoderClient:
        """A client by these settings; it never has a vector where the encoder is off."""
        return cls(settings.encoder_address_path if settings.encoder else None, settings.encoder_within_ms / 1000)

    def question_vector(self, text: str) -> Floats | None:
        """The vector of a text, (384,), of length one; or None."""
        return self.question_vectors([text])[0]

    def question_vectors(self, texts: Sequence[str]) -> list[Floats | None]:
        """The vectors of the parts of a message, asked for together. At most 16 new texts get one, the others None."""
        digests = [digest_of(text) for text in texts]
        vectors = {digest: self._recalled(digest) for digest in digests}
        unknown = {
            digest: readable(text) for digest, text in zip(digests, texts, strict=True)
            if vectors[digest] is None and readable(text)
        }  # fmt: skip
        asked = list(unknown)[:MOST_QUESTIONS]
        made = self._made([unknown[digest] for digest in asked]) if asked else ()
        # `made` is empty if the encoder gave no vectors.
        for digest, vector in zip(asked, made, strict=False):
            vectors[digest] = vector
            self._remember(digest, vector)
        return [vectors[digest] for digest in digests]

    def want(self, texts: Sequence[str]) -> bool:
        """Asks the encoder to make vectors of passages in its time (`store.Vectors`); False if it did not take them."""
        batches = range(0, len(texts), _HANDED_OVER_TOGETHER)
        return all(
            self._post("/wanted", texts[start : start + _HANDED_OVER_TOGETHER], HAND_OVER_WITHIN_SECONDS) is not None
            for start in batches
        )

    def _made(self, texts: Sequence[str]) -> Sequence[Floats]:
        """One vector for each text, or nothing."""
        body = self._post("/questions", texts, self._within + _SECONDS_A_CHARACTER * sum(map(len, texts)))
        if body is None:
            return ()
        if len(body) != len(texts) * WIDTH * 4:
            self._breaker.failed()
            return ()
        return list(np.frombuffer(body, "<f4").reshape(-1, WIDTH))

    def _post(self, path: str, texts: Sequence[str], within_seconds: float) -> bytes | None:
        if self._address is None or self._breaker.is_open:
            return None
        try:
            with waiting(), tracing.span("encoder", texts=len(texts)):
                status, body = self._exchange(self._address, path, texts, within_seconds)
        except (OSError, ValueError, OverflowError, http.client.HTTPException):
            self._breaker.failed()
            return None
        if status in (http.HTTPStatus.OK, http.HTTPStatus.SERVICE_UNAVAILABLE):
            self._breaker.worked()
        else:
            self._breaker.failed()
        return body if status == http.HTTPStatus.OK else None

    @staticmethod
    def _exchange(address: Path, path: str, texts: Sequence[str], within_seconds: float) -> tuple[int, bytes]:
        found = Address.read(address)
        connection = http.client.HTTPConnection(HOST, found.port, timeout=within_seconds)
        try:
            connection.request(
                "POST",
                path,
                json.dumps([readable(text) for text in texts], ensure_ascii=False).encode(),
                {
                    "Authorization": f"Bearer {found.token}",
                    "Content-Type": "application/json",
                    **request_ids.as_headers(),
                },
            )
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _recalled(self, digest: bytes) -> Floats | None:
        with self._lock:
            if digest in self._remembered:
                self._remembered.move_to_end(digest)
            return self._remembered.get(digest)

    def _remember(self, digest: bytes, vector: Floats) -> None:
        with self._lock:
            self._remembered[digest] = vector
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
