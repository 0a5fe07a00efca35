"""How near the meaning of a message is to that of each unit and known wording, as far as the encoder has said so.

meaning = Meaning.of(settings, evidence.passages, ranker.alignment)
[likeness] = meaning.likenesses(["失业金能领多久"])  # cosines, (passages,), NaN where one has no vector yet; or None
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bot.answering.alignment import Alignment, Likeness
from bot.answering.encoder.client import EncoderClient
from bot.answering.encoder.store import Vectors
from bot.answering.encoder.weights import Floats
from bot.settings import Settings

# While vectors are made the file grows all the time, and looking all texts up takes some 40 ms.
_LOOK_AGAIN_SECONDS = 10.0
# The ranker has learnt from messages with all vectors, and from messages with none; between them it is misled.
_ENOUGH_KNOWN = 0.9
# Longer than an encoder takes to start: one that went forgets what it was to make.
_WANT_AGAIN_SECONDS = 60.0


class Encoder(Protocol):
    """Its process (`EncoderClient`), or one's own (`OwnEncoder`)."""

    def question_vectors(self, texts: Sequence[str]) -> list[Floats | None]: ...

    def want(self, texts: Sequence[str]) -> bool: ...


@dataclass(frozen=True)
class _Known:
    stamp: object
    looked_at: float
    vectors: Floats
    aligned_lengths: Floats
    is_known: np.ndarray

    @property
    def share(self) -> float:
        """Of the texts, those that have a vector."""
        return float(self.is_known.mean()) if len(self.is_known) else 0.0


class Meaning:
    """Threads may share one. What has no vector is wanted of the encoder, which makes it when it has time."""

    def __init__(
        self,
        texts: Sequence[str],
        vectors: Vectors,
        encoder: Encoder,
        alignment: Alignment,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._texts, self._vectors, self._encoder, self._clock = texts, vectors, encoder, clock
        self._alignment = alignment
        self._wanted_at = float("-inf")
        self._known = self._look()

    @classmethod
    def of(cls, settings: Settings, texts: Sequence[str], alignment: Alignment) -> Meaning:
        return cls(texts, Vectors.of(settings), EncoderClient.of(settings), alignment)

    @property
    def known_share(self) -> float:
        """Of the texts, those that have a vector."""
        return self._known.share

    def likenesses(self, messages: Sequence[str]) -> list[Likeness | None]:
        """How like each message is to all texts. None for a message whose vector did not come in time, and for all
        while so many units have no vector that the others would seem nearer than they are."""
        known = self._refreshed()
        if known.share < _ENOUGH_KNOWN:
            return [None] * len(messages)
        return [
            None if asked is None else self._likeness(known, asked)
            for asked in self._encoder.question_vectors(messages)
        ]

    def _likeness(self, known: _Known, asked: Floats) -> Likeness:
        plain, aligned = known.vectors @ asked, self._alignment.cosines(known.vectors, known.aligned_lengths, asked)
        return Likeness(*(np.where(known.is_known, cosines, np.float32(np.nan)) for cosines in (plain, aligned)))

    def _refreshed(self) -> _Known:
        known, now = self._known, self._clock()
        if now - known.looked_at > _LOOK_AGAIN_SECONDS and self._vectors.stamp != known.stamp:
            known = self._known = self._look()
        if not known.is_known.all() and now - self._wanted_at > _WANT_AGAIN_SECONDS:
            self._wanted_at = now
            missing = [text for text, is_known in zip(self._texts, known.is_known, strict=True) if not is_known]
            # Nobody who waits for an answer waits for this.
            threading.Thread(target=self._encoder.want, args=(missing,), daemon=True).start()
        return known

    def _look(self) -> _Known:
        stamp = self._vectors.stamp
        vectors, is_known = self._vectors.lookup(self._texts)
        return _Known(stamp, self._clock(), vectors, self._alignment.lengths(vectors), is_known)
