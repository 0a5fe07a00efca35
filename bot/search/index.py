"""The index: takes passages, and returns hits for a question.

index = PassageIndex(collection, PassageRanker.load(path))
index.search("租房到期房东不退押金怎么办", 3)[0].score
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.search.collection import Collection, SearchPassage
from bot.search.evidence import PassageEvidence
from bot.search.known import Memory
from bot.search.ranker import BoundPassageRanker, Calibration, PassageRanker
from bot.search.segments import Places
from bot.search.words import articles_named, question_terms

_NAMED = 0.98  # probability of an article that the question names
# Fitted to the statute questions (docs/decisions/0003-search.md). A ranker has its own calibration.
_UNTRAINED = Calibration(-3.05, (0.0035, 0.057, 0.043, 2.85))


@dataclass(frozen=True)
class IndexHit:
    id: str
    score: float
    """The probability, 0 to 1, that the passage answers the question."""


class PassageIndex:
    def __init__(
        self,
        collection: Collection,
        ranker: PassageRanker | None = None,
        name_of: Callable[[Any], str] = lambda passage: passage.id,
        memory: Memory | None = None,
    ) -> None:
        """`name_of`: the id of an element of the collection. `memory`: that of an earlier index of the same collection
        and ranker."""
        self.collection, self._name_of = collection, name_of
        self.positions = Places(collection.passages, name_of)
        self._evidence = PassageEvidence(collection)
        self._ranker = BoundPassageRanker(ranker, collection, self.positions, memory) if ranker else None

    @property
    def memory(self) -> Memory | None:
        return self._ranker.known.memory if self._ranker else None

    @classmethod
    def build(
        cls, passages: Sequence[SearchPassage], *, ranker: PassageRanker | None = None, processes: int | None = None
    ) -> PassageIndex:
        return cls(Collection.build(passages, processes=processes), ranker)

    def search(self, text: str, count: int) -> list[IndexHit]:
        """The best passages, best first; empty if no passage has anything of the question."""
        passages = self.collection.passages
        return [IndexHit(self._name_of(passages[place]), score) for place, score in self.found(text, count)]

    def found(self, text: str, count: int) -> list[tuple[int, float]]:
        """The same, each by its place in the collection."""
        terms = question_terms(text)
        if self._ranker:
            candidates = self._ranker.evidence.trained(terms)
            passages, probabilities = self._ranker.ranked(candidates)
        else:
            candidates = self._evidence.untrained(terms)
            passages, probabilities = candidates.passages, _UNTRAINED.of_candidates(candidates)
        if not candidates.grounded:
            return []
        named = self._named(text)
        hits = [(passage, _NAMED) for passage in named]
        hits += [
            (int(passage), min(float(probability), _NAMED))
            for passage, probability in zip(passages, probabilities, strict=True)
            if passage not in named
        ]
        return hits[:count]

    def _named(self, text: str) -> list[int]:
        """民法典第33条 asks for that article, whatever else the question says."""
        return [int(place) for article in articles_named(text) for place in self.collection.works.find(article)]
