"""Learns to bring questions and their answers nearer together than the encoder does.

The encoder knows which texts speak of the same thing. It was not taught which of the passages on one matter answers a
question; labelled messages teach that. Two linear maps A and B move the vector q of a question and the vector u of a
passage, both of length one. The aligned likeness is the cosine of q + qA and u + uB.

alignment = learn(passages, questions, shares, weights)
alignment.cosines(passages, alignment.lengths(passages), question)
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.encoder.weights import WIDTH, Floats

# Cosines are divided by this before they become probabilities, since those of e5 lie close together.
_TEMPERATURE = 0.05
# How strongly learning pulls the maps back to zero, where they change nothing.
_DECAY = 0.01
_ROUNDS, _TOGETHER, _RATE = 20, 512, 5e-4


@dataclass(frozen=True)
class Likeness:
    """Cosines of one message with each text, NaN where a text has no vector: as the encoder gives them, and aligned.

    The second may be of the first texts only.
    """

    plain: Floats
    aligned: Floats

    def first(self, count: int) -> Likeness:
        return Likeness(self.plain[:count], self.aligned[:count])


@dataclass(frozen=True)
class Alignment:
    """Both maps have the shape (WIDTH, WIDTH)."""

    of_question: Floats
    of_passage: Floats

    @classmethod
    def unlearnt(cls) -> Alignment:
        """An alignment that changes nothing."""
        return cls(np.zeros((WIDTH, WIDTH), np.float32), np.zeros((WIDTH, WIDTH), np.float32))

    def lengths(self, passages: Floats) -> Floats:
        """The length of each passage after it was moved. With it, moved passages need not be stored."""
        return np.asarray(np.linalg.norm(passages + passages @ self.of_passage, axis=1), np.float32)

    def cosines(self, passages: Floats, lengths: Floats, question: Floats) -> Floats:
        """The cosine of the question with each passage, both moved. `lengths`: the result of `lengths(passages)`."""
        moved = question + question @ self.of_question
        moved /= np.linalg.norm(moved)
        # (u + uB)·q = u·(q + Bq): it is enough to move the question, by both maps.
        return np.asarray(passages @ (moved + self.of_passage @ moved) / np.maximum(lengths, 1e-6), np.float32)

    def packed(self) -> bytes:
        file = io.BytesIO()
        np.save(file, np.stack([self.of_question, self.of_passage]).astype(np.float16), allow_pickle=False)
        return file.getvalue()

    @classmethod
    def unpacked(cls, content: bytes) -> Alignment:
        """
        Raises:
            ValueError: `content` holds no two maps.
        """
        maps = np.load(io.BytesIO(content), allow_pickle=False)
        if maps.shape != (2, WIDTH, WIDTH):
            raise ValueError(f"an alignment has the shape {(2, WIDTH, WIDTH)}, not {maps.shape}")
        return cls(*maps.astype(np.float32))


def learn(passages: Floats, questions: Floats, shares: Any, weights: Floats) -> Alignment:
    """Learns maps by which each question is more like what answers it than like any other passage (softmax
    cross-entropy, by Adam).

    `passages`, `questions`: a vector of length one in each row. `shares`: a sparse matrix (questions, passages); each
    row sums to one over what answers the question. `weights`: of each question; a question of weight 0 is left out.
    """
    chance = np.random.default_rng(1)
    maps = [_Map(), _Map()]
    used = np.flatnonzero(weights > 0)
    for _ in range(_ROUNDS):
        order = chance.permutation(used)
        for start in range(0, len(order), _TOGETHER):
            chosen = order[start : start + _TOGETHER]
            weight = weights[chosen, None] / weights[chosen].sum()
            question, passage = _Moved.by(maps[0], questions[chosen]), _Moved.by(maps[1], passages)
            chances = _softmax(question.unit @ passage.unit.T / _TEMPERATURE)
            error = (chances - shares[chosen].toarray()) * weight / _TEMPERATURE
            gradients = question.gradient(error @ passage.unit), passage.gradient(error.T @ question.unit)
            for each, gradient in zip(maps, gradients, strict=True):
                each.step(gradient)
    return Alignment(maps[0].values, maps[1].values)


class _Map:
    """A map with Adam's running means of its gradient and the gradient's square."""

    def __init__(self) -> None:
        self.values: Floats = np.zeros((WIDTH, WIDTH), np.float32)
        self._mean, self._square, self._steps = np.zeros_like(self.values), np.zeros_like(self.values), 0

    def step(self, gradient: Floats) -> None:
        gradient = gradient + _DECAY * self.values
        self._steps += 1
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.99 * self._square + 0.01 * gradient**2
        mean, square = self._mean / (1 - 0.9**self._steps), self._square / (1 - 0.99**self._steps)
        self.values = np.asarray(self.values - _RATE * mean / (np.sqrt(square) + 1e-8), np.float32)


@dataclass(frozen=True)
class _Moved:
    """Vectors that a map has moved, and brought back to length one."""

    source: Floats
    lengths: Floats
    unit: Floats

    @classmethod
    def by(cls, map_: _Map, source: Floats) -> _Moved:
        moved = np.asarray(source + source @ map_.values, np.float32)
        lengths = np.asarray(np.linalg.norm(moved, axis=1, keepdims=True), np.float32)
        return cls(source, lengths, np.asarray(moved / np.maximum(lengths, 1e-6), np.float32))

    def gradient(self, of_unit: Floats) -> Floats:
        """The gradient of the loss by the map, from its gradient by the unit vectors."""
        along = (of_unit * self.unit).sum(axis=1, keepdims=True) * self.unit
        return np.asarray(self.source.T @ ((of_unit - along) / np.maximum(self.lengths, 1e-6)), np.float32)


def _softmax(values: Floats) -> NDArray[np.float32]:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
