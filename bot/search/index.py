"""The index: takes passages, and returns hits for a question.

    index = PassageIndex.build(passages, ranker=Ranker.load(path))
    index.search("租房到期房东不退押金怎么办", 3)[0].score

A worker that only reads opens the file that another process saved, without a copy of its own:

    PassageIndex.load(path, ranker=…)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.search import mapped
from bot.search.collection import Collection
from bot.search.evidence import PassageEvidence
from bot.search.mapped import FileUnreadable
from bot.search.ranker import BoundPassageRanker, Calibration, PassageRanker
from bot.search.words import articles_named, question_terms

FORMAT = 2
_NAMED = 0.98  # probability of an article that the question names
# Fitted to the statute questions (docs/decisions/0003-search.md). A ranker has its own calibration.
_UNTRAINED = Calibration(-3.05, (0.0035, 0.057, 0.043, 2.85))


class IndexUnreadable(Exception):
    """The file is no index, or one of another version: build it again."""


@dataclass(frozen=True)
class SearchPassage:
    id: str
    title: str
    """The work and, if it has them, the article: 中华人民共和国民法典第三十三条. A work's passages stand together."""
    text: str


@dataclass(frozen=True)
class IndexHit:
    id: str
    score: float
    """The probability, 0 to 1, that the passage answers the question."""


class PassageIndex:
    def __init__(self, ids: Sequence[str], collection: Collection, ranker: PassageRanker | None = None) -> None:
        self.ids = tuple(ids)
        self.collection = collection
        self.positions = {passage: position for position, passage in enumerate(self.ids)}
        self._evidence = PassageEvidence(collection)
        self._ranker = BoundPassageRanker(ranker, collection, self.positions) if ranker else None

    @classmethod
    def build(
        cls, passages: Sequence[SearchPassage], *, ranker: PassageRanker | None = None, processes: int | None = None
    ) -> PassageIndex:
        collection = Collection.build(
            [passage.title for passage in passages], [passage.text for passage in passages], processes=processes
        )
        return cls([passage.id for passage in passages], collection, ranker)

    def search(self, text: str, count: int) -> list[IndexHit]:
        """The best passages, best first; empty if no passage has anything of the question."""
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
        hits = [IndexHit(self.ids[passage], _NAMED) for passage in named]
        hits += [
            IndexHit(self.ids[passage], min(float(probability), _NAMED))
            for passage, probability in zip(passages, probabilities, strict=True)
            if passage not in named
        ]
        return hits[:count]

    def _named(self, text: str) -> list[int]:
        """民法典第33条 asks for that article, whatever else the question says."""
        return [int(place) for article in articles_named(text) for place in self.collection.works.find(article)]

    def save(self, path: Path) -> None:
        """Replaces the file. The ranker is not saved here; it has a file of its own."""
        mapped.save(path, (FORMAT, self.ids, self.collection))

    @classmethod
    def load(cls, path: Path, *, ranker: PassageRanker | None = None) -> PassageIndex:
        """
        Raises:
            IndexUnreadable: no index is there, or one of another version.
        """
        try:
            version, ids, collection = mapped.load(path)
        except (FileUnreadable, TypeError, ValueError) as error:
            raise IndexUnreadable(f"{path}: no readable index ({error}); build it again") from None
        if version != FORMAT:
            raise IndexUnreadable(f"{path}: format {version}, {FORMAT} expected; build it again")
        return cls(ids, collection, ranker)
