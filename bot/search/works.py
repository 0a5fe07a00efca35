"""Works (statutes, notices, guides), whose articles are the passages. Neighbours in a work are about one matter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.search.words import Codes, NamedArticle, code_of, heading, plain

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_NAMED = re.compile(r"(?:法典|法|条例|规定|办法|规则|解释)(?=》|第\d)")
_LONGEST_NAME = 30
_STATE = "中华人民共和国"


@dataclass(frozen=True)
class Works:
    work_of: Integers
    """The work of each passage. Passages of one work stand together, in the work's order."""
    sizes: Integers
    place: Integers
    """The position of each passage within its work, from 0."""
    lengths: Floats
    """The length of each passage, in characters."""
    citations: Floats
    """For each work: the logarithm of how often other passages name it."""

    names: Codes
    """For each work: the code of its name without 中华人民共和国."""
    articles: Codes
    """For each passage: the code of its article, 0 without one."""

    ARRAYS = ("work_of", "sizes", "place", "lengths", "citations", "names", "articles")

    @classmethod
    def of(cls, titles: Sequence[str], texts: Sequence[str]) -> Works:
        names: list[str] = []
        work_of, articles = np.zeros(len(titles), np.int64), np.zeros(len(titles), np.int64)
        for position, title in enumerate(titles):
            taken = heading(title)
            if not names or names[-1] != taken.work:
                names.append(taken.work)
            work_of[position] = len(names) - 1
            articles[position] = code_of(taken.article) if taken.article else 0
        sizes = np.bincount(work_of, minlength=len(names)).astype(np.int64)
        first = np.cumsum(sizes) - sizes
        return cls(
            work_of,
            sizes,
            np.arange(len(titles)) - first[work_of] if len(titles) else work_of,
            np.array([len(text) for text in texts], np.float32),
            _citations(names, sizes, texts),
            np.array([code_of(name.replace(_STATE, "")) for name in names], np.int64),
            articles,
        )

    @property
    def count(self) -> int:
        return len(self.sizes)

    def find(self, named: NamedArticle) -> Integers:
        """The passages of the article named; empty if the work is not in the collection."""
        for work in named.works:
            if len(works := np.flatnonzero(self.names == work)):
                return np.flatnonzero(np.isin(self.work_of, works) & (self.articles == named.article))
        return np.zeros(0, np.int64)

    def neighbours(self, positions: Integers, reach: int) -> tuple[Integers, NDArray[np.bool_], Integers]:
        """The passages up to `reach` away, one row per position; whether each is of the same work; how far it is."""
        steps = np.array([step for step in range(-reach, reach + 1) if step])
        around = np.clip(positions[:, None] + steps, 0, len(self.work_of) - 1)
        same = self.work_of[around] == self.work_of[positions][:, None]
        same &= around == positions[:, None] + steps
        return around, same, np.abs(steps)

    def best(self, scores: Floats) -> Floats:
        """The best score in each work, at least 0."""
        best = np.zeros(self.count, np.float32)
        np.maximum.at(best, self.work_of, scores)
        return best


def _citations(names: Sequence[str], sizes: Integers, texts: Sequence[str]) -> Floats:
    """The logarithm of how often each work is named.

    A title that names another work (the interpretation of a statute) counts once for each of its passages.
    """
    known = {name.replace(_STATE, "") for name in names}
    cited: Counter[str] = Counter()
    for text in texts:
        cited.update(_cited(plain(text), known))
    for name, size in zip(names, sizes, strict=True):
        for other in _cited(name, known):
            cited[other] += int(size)
    return np.log1p(np.array([cited[name.replace(_STATE, "")] for name in names], np.float32))


def _cited(text: str, known: set[str]) -> Iterator[str]:
    for match in _NAMED.finditer(text):
        end = match.end()
        for start in range(max(0, end - _LONGEST_NAME), end - 1):
            if text[start:end] in known:
                yield text[start:end]
                break
