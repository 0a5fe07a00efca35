"""Works (statutes, notices, guides), whose articles are the passages. Neighbours in a work are about one matter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.search.segments import Segments
from bot.search.words import Codes, NamedArticle, code_of

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_NAMED = re.compile(r"(?:法典|法|条例|规定|办法|规则|解释)(?=》|第\d)")
_SHORTEST_NAME, _LONGEST_NAME = 2, 30
_STATE = "中华人民共和国"
# The kind of terms in which each passage has what may be the names of works.
MENTIONS = "mentions"


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

    @classmethod
    def of(cls, passages: Segments[Any]) -> Works:
        """Passages next to each other whose work has the same name are of one work."""
        work = passages.column("work").astype(np.int64)
        first = np.flatnonzero(np.diff(work, prepend=~work[:1]))
        sizes = np.diff(first, append=len(work))
        work_of = np.repeat(np.arange(len(first)), sizes)
        names = passages.column("name_of_work").astype(np.int64)[first]
        return cls(
            work_of,
            sizes,
            np.arange(len(work)) - first[work_of] if len(work) else work_of,
            passages.column("length").astype(np.float32),
            _citations(names, passages),
            names,
            passages.column("article").astype(np.int64),
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


def name_of(work: str) -> str:
    """The name under which other texts cite a work."""
    return work.replace(_STATE, "")


def mentions(work: str, text: str) -> Codes:
    """The codes of all that may be the name of a work where the text, or the title of its own work, names one.

    It is not known where such a name begins, so each ending of the text before it may be one. A title that names
    another work (the interpretation of a statute) so counts once for each passage.
    """
    named = ((part, match.end()) for part in (text, work) for match in _NAMED.finditer(part))
    endings = (
        part[start:end] for part, end in named for start in range(max(0, end - _LONGEST_NAME), end - _SHORTEST_NAME + 1)
    )
    return np.array([code_of(ending) for ending in endings], np.int64)


def _citations(names: Codes, passages: Segments[Any]) -> Floats:
    """The logarithm of how often each work is named, where the longest name that fits is meant.

    So what names a longer work does not name a shorter one that its name ends with.
    """
    known = {name_of(work) for works in passages.names for work in works}
    code_by_name = {name: code_of(name) for name in known if _SHORTEST_NAME <= len(name) <= _LONGEST_NAME}
    codes = np.unique(np.array([*code_by_name.values()], np.int64))
    ending_so = passages.postings(MENTIONS).totals(codes)
    cited = ending_so.copy()
    place_of = {int(code): place for place, code in enumerate(codes)}
    for name, code in code_by_name.items():
        endings = (name[start:] for start in range(1, len(name) - _SHORTEST_NAME + 1))
        if (shorter := next((ending for ending in endings if ending in code_by_name), None)) is not None:
            cited[place_of[code_by_name[shorter]]] -= ending_so[place_of[code]]
    times = [cited[place_of[code]] if code in place_of else 0 for code in names.tolist()]
    return np.log1p(np.array(times, np.float32))
