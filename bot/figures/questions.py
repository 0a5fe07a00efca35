"""Groups similar questions and counts each group. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.language.text import normalise
from bot.lessons.clusters import groups


@dataclass(frozen=True)
class CountedQuestion:
    """A group of similar questions. `text`: the most frequent wording; `others`: the rest, most frequent first.

    `count`: how often the wordings were asked, together.
    """

    text: str
    count: int
    others: tuple[str, ...] = ()


def alike_together(counts: Mapping[str, int]) -> list[CountedQuestion]:
    """Groups similar texts, most frequent group first. `counts`: text → how often it was asked.

    Memory grows with the square of the number of texts.
    """
    said = [text for text in counts if normalise(text)]
    grouped = [[said[place] for place in places] for places in groups([normalise(text) for text in said])]
    found = [_question(sorted(texts, key=lambda text: (-counts[text], text)), counts) for texts in grouped]
    return sorted(found, key=lambda one: (-one.count, one.text))


def _question(texts: list[str], counts: Mapping[str, int]) -> CountedQuestion:
    return CountedQuestion(texts[0], sum(counts[text] for text in texts), tuple(texts[1:]))
