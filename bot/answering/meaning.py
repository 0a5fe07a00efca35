"""Compares the meaning of a message with that of each unit and known wording, by the encoder's vectors.

meaning = Meaning.of(settings, evidence.passages, ranker.alignment, aligned=len(evidence.corpus.units))
[likeness] = meaning.likenesses(["失业金能领多久"])  # cosines, (passages,), NaN for a text without a vector; or None
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
from bot.answering.encoder.store import VectorStore
from bot.answering.encoder.weights import Floats
from bot.settings import Settings

# The least time between two look-ups of all texts, which take 40 ms each. The file grows while vectors are made.
_LOOK_AGAIN_SECONDS = 10.0
# The share of texts with a vector from which vectors are used. The ranker was trained with all of them or none, and
# anything between misleads it.
_ENOUGH_KNOWN = 0.9
# Missing vectors are asked for again after this time, since a restarted encoder has forgotten them. Longer than its
# start takes.
_WANT_AGAIN_SECONDS = 60.0


class Encoder(Protocol):
    """The encoder's process (`EncoderClient`), or the model in this process (`OwnEncoder`)."""

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
        """The share of the texts that have a vector."""
        return float(self.is_known.mean()) if len(self.is_known) else 0.0


class Meaning:
    """The likeness of messages to texts; threads may share one. Asks the encoder to make missing vectors."""

    def __init__(
        self,
        texts: Sequence[str],
        vectors: VectorStore,
        encoder: Encoder,
        alignment: Alignment,
        aligned: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`aligned`: how many of the texts, from the first, are also compared after the alignment; None for all."""
        self._aligned = len(texts) if aligned is None else aligned
        self._texts, self._vectors, self._encoder, self._clock = texts, vectors, encoder, clock
        self._alignment = alignment
        self._wanted_at = float("-inf")
        self._known = self._look()

    @classmethod
    def of(cls, settings: Settings, texts: Sequence[str], alignment: Alignment, aligned: int | None = None) -> Meaning:
        return cls(texts, VectorStore.of(settings), EncoderClient.of(settings), alignment, aligned)

    def likenesses(self, messages: Sequence[str]) -> list[Likeness | None]:
        """The likeness of each message to all texts. None for a message whose vector did not come in time, and for all
        messages while too many texts have no vector: the others would seem nearer than they are."""
        known = self._refreshed()
        if known.share < _ENOUGH_KNOWN:
            return [None] * len(messages)
        return [
            None if asked is None else self._likeness(known, asked)
            for asked in self._encoder.question_vectors(messages)
        ]

    def _likeness(self, known: _Known, asked: Floats) -> Likeness:
        plain = known.vectors @ asked
        aligned = self._alignment.cosines(known.vectors[: self._aligned], known.aligned_lengths, asked)
        return Likeness(*(_known_only(known.is_known[: len(some)], some) for some in (plain, aligned)))

    def _refreshed(self) -> _Known:
        known, now = self._known, self._clock()
        if now - known.looked_at > _LOOK_AGAIN_SECONDS and self._vectors.stamp != known.stamp:
            known = self._known = self._look()
        if not known.is_known.all() and now - self._wanted_at > _WANT_AGAIN_SECONDS:
            self._wanted_at = now
            missing = [text for text, is_known in zip(self._texts, known.is_known, strict=True) if not is_known]
            # In a thread, so that no answer waits for it.
            threading.Thread(target=self._encoder.want, args=(missing,), daemon=True).start()
        return known

    def _look(self) -> _Known:
        stamp = self._vectors.stamp
        vectors, is_known = self._vectors.lookup(self._texts)
        return _Known(stamp, self._clock(), vectors, self._alignment.lengths(vectors[: self._aligned]), is_known)


def _known_only(is_known: np.ndarray, cosines: Floats) -> Floats:
    """The cosines, NaN where a text has no vector."""
    return cosines if is_known.all() else np.where(is_known, cosines, np.float32(np.nan))
