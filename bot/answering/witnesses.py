"""The evidence for a unit as the answer to a message, in a form that people can follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.answering.asked import KINDS
from bot.answering.evidence import Candidates, Floats, Reading
from bot.search.words import plain, telling_words


@dataclass(frozen=True)
class Witness:
    """The evidence for one unit.

    `words`: the words of the message that the unit contains. `name`: the longest name of its owner that the message
    contains, or empty. `wording`: the nearest known wording of the unit, or else of its owner, empty if none is known;
    `wording_likeness`: its cosine by characters. `held`: the kinds of answer that the unit gives, of `KINDS`.
    `figures`: the features that the ranker read.
    """

    words: tuple[str, ...]
    name: str
    wording: str
    wording_likeness: float
    held: tuple[str, ...]
    figures: Mapping[str, float]


def witnesses(reading: Reading, candidates: Candidates, places: Sequence[int]) -> tuple[Witness, ...]:
    """The evidence for the units at these positions of the corpus, in the same order."""
    words, cosines = telling_words(reading.asked.core), reading.evidence.known.cosines(reading.asked.question)
    return tuple(_witness(reading, candidates, place, words, cosines) for place in places)


def _witness(reading: Reading, candidates: Candidates, place: int, words: Sequence[str], cosines: Floats) -> Witness:
    corpus = reading.index
    unit = corpus.units[place]
    text = plain(corpus.naming.with_one_name(unit.in_full))
    names = [name for name in unit.names if corpus.naming.with_one_name(name) in reading.asked.core]
    wording, likeness = reading.evidence.known.nearest(cosines, place, int(corpus.owner_of[place])) or ("", 0.0)
    return Witness(
        words=tuple(word for word in words if word in text),
        name=max(names, key=len, default=""),
        wording=wording,
        wording_likeness=likeness,
        held=tuple(kind for kind, is_held in zip(KINDS, corpus.held[place], strict=True) if is_held),
        figures=_figures(candidates, place),
    )


def _figures(candidates: Candidates, place: int) -> dict[str, float]:
    """The features of a unit; NaN for a taught unit that is not among the candidates."""
    rows = candidates.features[candidates.units == place]
    row = rows[0] if len(rows) else [np.nan] * len(candidates.names)
    return {name: float(value) for name, value in zip(candidates.names, row, strict=True)}
