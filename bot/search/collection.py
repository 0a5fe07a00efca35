"""Passages as search compares them: what a segment stores of them, and all segments together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.search.postings import Posted, Postings
from bot.search.segments import Group, Segment, Segments
from bot.search.vectors import LatentSpace
from bot.search.words import code_of, corpus_terms, heading, occurrences, plain
from bot.search.works import MENTIONS, Works, mentions, name_of

T = TypeVar("T")
Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

WORDS = "words"
_code_of = lru_cache(maxsize=1000)(code_of)


@dataclass(frozen=True)
class SearchPassage:
    id: str
    title: str
    """The work and, if it has them, the article: 中华人民共和国民法典第三十三条. A work's passages stand together."""
    text: str


def analysed(
    groups: Sequence[Group[T]], passage_of: Callable[[T], SearchPassage], *, processes: int | None = 1
) -> Segment[T]:
    """`passage_of`: an element as it is compared. A group is named by the works of its passages."""
    passages = [[passage_of(element) for element in group.elements] for group in groups]
    every = [passage for group in passages for passage in group]
    titles, texts = [passage.title for passage in every], [passage.text for passage in every]
    headings = [heading(title) for title in titles]
    works = iter(headings)
    named = [mentions(head.work, plain(text)) for head, text in zip(headings, texts, strict=True)]
    counts = np.array([len(own) for own in named], np.int64)
    terms = corpus_terms(titles, texts, processes=processes)
    return Segment.of(
        groups,
        lambda element: passage_of(element).id,
        [tuple(dict.fromkeys(next(works).work for _ in group)) for group in passages],
        {
            "work": np.array([_code_of(head.work) for head in headings], np.int64),
            "name_of_work": np.array([_code_of(name_of(head.work)) for head in headings], np.int64),
            "article": np.array([code_of(head.article) if head.article else 0 for head in headings], np.int64),
            "length": np.array([len(text) for text in texts], np.float32),
        },
        {
            WORDS: Posted.of(terms.words),
            "bigrams": Posted.of(terms.bigrams),
            "characters": Posted.of(terms.characters),
            MENTIONS: Posted.of([occurrences(np.concatenate([*named, np.zeros(0, np.int64)]), counts)]),
        },
    )


@dataclass(frozen=True)
class Collection:
    """`vectors`: those of the passages of each segment, in `space`."""

    passages: Segments[Any]
    words: Postings
    bigrams: Postings
    characters: Postings
    works: Works
    space: LatentSpace
    vectors: Sequence[Floats]

    @classmethod
    def of(cls, passages: Segments[Any], space: LatentSpace, vectors: Sequence[Floats]) -> Collection:
        words, bigrams, characters = (passages.postings(kind) for kind in (WORDS, "bigrams", "characters"))
        return cls(passages, words, bigrams, characters, Works.of(passages), space, vectors)

    @classmethod
    def build(cls, passages: Sequence[SearchPassage], *, processes: int | None = None) -> Collection:
        """In memory. The passages of a work stand together."""
        works = groupby(passages, lambda passage: heading(passage.title).work)
        groups = [Group(f"{number}", tuple(own)) for number, (_, own) in enumerate(works)]
        segment = analysed(groups, lambda passage: passage, processes=processes)
        whole = Segments([segment], segment.fingerprints)
        space = LatentSpace.fit(whole.postings(WORDS))
        return cls.of(whole, space, [space.vectors(segment.terms[WORDS])])

    @property
    def passage_count(self) -> int:
        return self.words.passage_count

    def vectors_of(self, passages: Integers) -> Floats:
        return self.passages.picked(self.vectors, passages)
