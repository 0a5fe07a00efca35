"""What an index computes from the passages alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.search.postings import Postings
from bot.search.vectors import LatentSpace
from bot.search.words import corpus_terms
from bot.search.works import Works


@dataclass(frozen=True)
class Collection:
    words: Postings
    bigrams: Postings
    characters: Postings
    space: LatentSpace
    works: Works

    @classmethod
    def build(cls, titles: Sequence[str], texts: Sequence[str], *, processes: int | None = None) -> Collection:
        terms = corpus_terms(titles, texts, processes=processes)
        words = Postings.build(terms.words)
        return cls(
            words,
            Postings.build(terms.bigrams),
            Postings.build(terms.characters),
            LatentSpace.fit(words),
            Works.of(titles, texts),
        )

    @property
    def passage_count(self) -> int:
        return self.words.passage_count
