"""Questions that say the same in other words, counted together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.language.text import normalise
from bot.lessons.clusters import groups


@dataclass(frozen=True)
class Question:
    """`text` was asked most often of it, `others` less so, in that order; `count` is of all."""

    text: str
    count: int
    others: tuple[str, ...] = ()


def alike_together(counts: Mapping[str, int]) -> list[Question]:
    """Text → how often it was asked, as questions, the most asked first. Takes the square of the texts in memory."""
    said = [text for text in counts if normalise(text)]
    grouped = [[said[place] for place in places] for places in groups([normalise(text) for text in said])]
    found = [_question(sorted(texts, key=lambda text: (-counts[text], text)), counts) for texts in grouped]
    return sorted(found, key=lambda one: (-one.count, one.text))


def _question(texts: list[str], counts: Mapping[str, int]) -> Question:
    return Question(texts[0], sum(counts[text] for text in texts), tuple(texts[1:]))
