"""Multilingual-e5-small: twelve layers of a transformer, a mean over the pieces, length one (arXiv:2402.05672)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import numpy as np

from bot.answering.encoder.network import Network
from bot.answering.encoder.readable import readable
from bot.answering.encoder.segmenter import Segmenter
from bot.answering.encoder.weights import Floats, Weights, explained, unpacked


class Kind(StrEnum):
    """Kinds of text; the model was trained with this word before each text."""

    QUESTION = "query"
    PASSAGE = "passage"


class SentenceModel:
    """The model, run in the caller's thread.

    Raises:
        bot.answering.encoder.weights.WeightsUnreadable
    """

    def __init__(self, path: Path) -> None:
        with explained(path):
            self._take(Weights(path))

    def _take(self, weights: Weights) -> None:
        shape, self._vocabulary = weights.shape, weights.vocabulary
        # Two pieces mark the start and the end.
        self._room = shape.longest - 2
        self._segmenter = Segmenter(weights.vocabulary)
        self._table = weights.blocks("emb.word", shape.width)
        self._places = weights.vector("emb.pos").reshape(-1, shape.width) + weights.vector("emb.type")[: shape.width]
        self._network = Network(weights)

    def vector(self, kind: Kind, text: str) -> Floats:
        """The vector of any text, (384,), of length one. Only the first 512 characters are read."""
        pieces = self._segmenter.pieces(f"{kind}: {readable(text)}")[: self._room]
        pieces = [self._vocabulary.first, *pieces, self._vocabulary.last]
        mean = self._network.states(unpacked(self._table[pieces]) + self._places[: len(pieces)]).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)
