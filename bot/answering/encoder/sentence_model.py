"""Multilingual-e5-small: twelve layers of a transformer, a mean over the pieces, length one (arXiv:2402.05672)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from scipy.special import erf

from bot.answering.encoder.readable import readable
from bot.answering.encoder.segmenter import Segmenter
from bot.answering.encoder.weights import Floats, Weights, explained, unpacked


class Kind(StrEnum):
    """Kinds of text; the model was trained with this word before each text."""

    QUESTION = "query"
    PASSAGE = "passage"


@dataclass(frozen=True)
class _Layer:
    attention: Floats
    attention_bias: Floats
    mixing: Floats
    mixing_bias: Floats
    mixed_scale: Floats
    mixed_shift: Floats
    widening: Floats
    widening_bias: Floats
    narrowing: Floats
    narrowing_bias: Floats
    final_scale: Floats
    final_shift: Floats


class SentenceModel:
    """The model, run in the caller's thread. Takes about 90 MB for matrices besides the mapped file.

    Raises:
        bot.answering.encoder.weights.WeightsUnreadable
    """

    def __init__(self, path: Path) -> None:
        with explained(path):
            self._take(Weights(path))

    def _take(self, weights: Weights) -> None:
        self._shape, self._vocabulary = weights.shape, weights.vocabulary
        self._segmenter = Segmenter(weights.vocabulary)
        self._table = weights.blocks("emb.word", self._shape.width)
        self._places = (
            weights.vector("emb.pos").reshape(-1, self._shape.width) + weights.vector("emb.type")[: self._shape.width]
        )
        self._first_scale, self._first_shift = weights.vector("emb.ln.w"), weights.vector("emb.ln.b")
        self._layers = list(self._layers_of(weights))

    def vector(self, kind: Kind, text: str) -> Floats:
        """The vector of any text, (384,), of length one. Only the first 512 characters are read."""
        [vector] = self.vectors(kind, [text])
        return np.asarray(vector, np.float32)

    def vectors(self, kind: Kind, texts: Sequence[str]) -> Floats:
        """One row per text. Some dozens of short texts together take a third of the time, since the matrices are read
        once for all of them."""
        room = self._shape.longest - 2
        pieces = [self._segmenter.pieces(f"{kind}: {readable(text)}")[:room] for text in texts]
        states = self._run([[self._vocabulary.first, *each, self._vocabulary.last] for each in pieces])
        means = np.array([state.mean(axis=0) for state in states])
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    def _run(self, texts: list[list[int]]) -> list[Floats]:
        ends = np.cumsum([len(pieces) for pieces in texts])[:-1]
        words = unpacked(self._table[[piece for pieces in texts for piece in pieces]])
        places = np.concatenate([self._places[: len(pieces)] for pieces in texts])
        state = self._normal(words + places, self._first_scale, self._first_shift)
        for layer in self._layers:
            projected = np.split(state @ layer.attention + layer.attention_bias, ends)
            mixed = np.concatenate([self._attend(each) for each in projected]) @ layer.mixing + layer.mixing_bias
            state = self._normal(state + mixed, layer.mixed_scale, layer.mixed_shift)
            wide = _gelu(state @ layer.widening + layer.widening_bias)
            state = self._normal(
                state + wide @ layer.narrowing + layer.narrowing_bias, layer.final_scale, layer.final_shift
            )
        return np.split(state, ends)

    def _attend(self, projected: Floats) -> Floats:
        """(pieces, 3 × width) of queries, keys and values of one text becomes (pieces, width)."""
        count, heads = len(projected), self._shape.heads
        queries, keys, values = projected.reshape(count, 3, heads, -1).transpose(1, 2, 0, 3)
        attention = queries @ keys.transpose(0, 2, 1)
        attention -= attention.max(axis=-1, keepdims=True)
        np.exp(attention, out=attention)
        attention /= attention.sum(axis=-1, keepdims=True)
        return np.asarray((attention @ values).transpose(1, 0, 2).reshape(count, -1), np.float32)

    def _normal(self, state: Floats, scale: Floats, shift: Floats) -> Floats:
        centred = state - state.mean(axis=-1, keepdims=True)
        variance = np.einsum("pw,pw->p", centred, centred)[:, None] / self._shape.width
        return np.asarray(centred / np.sqrt(variance + self._shape.eps) * scale + shift, np.float32)

    def _layers_of(self, weights: Weights) -> Iterator[_Layer]:
        # Queries are scaled once here, not for each text.
        shrink = np.float32((self._shape.width // self._shape.heads) ** -0.5)
        for number in range(self._shape.layers):
            matrix = {key: weights.matrix(f"l{number}.{key}.w") for key in ("q", "k", "v", "ao", "fi", "fo")}
            bias = {key: weights.vector(f"l{number}.{key}.b") for key in matrix}
            yield _Layer(
                attention=np.concatenate([matrix["q"] * shrink, matrix["k"], matrix["v"]], axis=1),
                attention_bias=np.concatenate([bias["q"] * shrink, bias["k"], bias["v"]]),
                mixing=matrix["ao"],
                mixing_bias=bias["ao"],
                mixed_scale=weights.vector(f"l{number}.aln.w"),
                mixed_shift=weights.vector(f"l{number}.aln.b"),
                widening=matrix["fi"],
                widening_bias=bias["fi"],
                narrowing=matrix["fo"],
                narrowing_bias=bias["fo"],
                final_scale=weights.vector(f"l{number}.oln.w"),
                final_shift=weights.vector(f"l{number}.oln.b"),
            )


def _table_of_gelu() -> Floats:
    """GELU of every half-precision number.

    Three times as fast as computing it each time, and exact enough for weights of four bits.
    """
    with np.errstate(invalid="ignore"):
        numbers = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
        exact = numbers * (1 + np.asarray(erf(numbers / np.sqrt(2)), np.float32)) / 2
    return np.asarray(np.nan_to_num(exact, posinf=float(np.finfo(np.float16).max)), np.float32)


_GELU = _table_of_gelu()


def _gelu(numbers: Floats) -> Floats:
    return np.asarray(_GELU[numbers.astype(np.float16).view(np.uint16)], np.float32)
