"""What speaks for a unit as the answer to a message, told so that people can follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.answering.asked import KINDS
from bot.answering.evidence import Candidates, Floats, Reading
from bot.search.words import plain, telling_words


@dataclass(frozen=True)
class Witness:
    """`words`: those of the message that the unit has. `name`: the longest name of its owner that stands in the
    message, empty if none does. `wording`: the nearest one known to mean the unit, or else its owner, empty if none is
    known, and its cosine by characters. `held`: the kinds of answer that the unit gives, of `KINDS`. `figures`: all
    that the ranker was told of it."""

    words: tuple[str, ...]
    name: str
    wording: str
    wording_likeness: float
    held: tuple[str, ...]
    figures: Mapping[str, float]


def witnesses(reading: Reading, candidates: Candidates, places: Sequence[int]) -> tuple[Witness, ...]:
    """For each of these units of the corpus."""
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
    """NaN for a unit that was taught and that the search did not consider."""
    rows = candidates.features[candidates.units == place]
    row = rows[0] if len(rows) else [np.nan] * len(candidates.names)
    return {name: float(value) for name, value in zip(candidates.names, row, strict=True)}
