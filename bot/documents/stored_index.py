"""A `DocumentIndex` on disk: of the documents, or of other texts that are searched like them.

It grows with its groups (`bot.search.growth`), and has the vectors of each segment beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot.documents.search import DocumentIndex, IndexedPassage, analysed, filling
from bot.documents.words import TermReader
from bot.search.collection import WORDS, Collection
from bot.search.growth import Growing, grown
from bot.search.index_folder import IndexFolder, Whole
from bot.search.kept import Content, Progress
from bot.search.ranker import PassageRanker
from bot.search.segments import Group, Segments, fingerprint_of
from bot.search.vectors import LatentSpace

FORMAT = 3

Read = Callable[[Sequence[str]], Iterable[Group[IndexedPassage]]]


@dataclass(frozen=True)
class StoredRanker:
    """`digest`: of the file. `load`: the ranker in it; None if it cannot be used."""

    digest: str
    load: Callable[[], PassageRanker | None]


@dataclass(frozen=True)
class _About:
    """What is kept beside the segments. A ranker has a file of its own."""

    segments: tuple[str, ...]
    order: tuple[str, ...]
    names: dict[str, str]
    space: LatentSpace


def fingerprints_with(names: Mapping[str, str], contents: Iterable[object]) -> list[str]:
    """The fingerprint of each group: of what is in it, and of the synonyms by which it is read."""
    of_names = fingerprint_of(FORMAT, sorted(names.items()))
    return [fingerprint_of(of_names, content) for content in contents]


def content_of(
    order: Sequence[str], passage_count: int, names: dict[str, str], read: Read, ranker: StoredRanker | None = None
) -> Content:
    """`order`, `read`: see `bot.search.growth.Growing`. `names`: the synonyms. `passage_count` may stop at
    `LEAST_PASSAGES`."""
    wording = TermReader(names)
    fill = {group.fingerprint: group for group in filling(passage_count)}
    whole_order = (*order, *fill)

    def with_filling(fingerprints: Sequence[str]) -> Iterator[Group[IndexedPassage]]:
        yield from read([each for each in fingerprints if each not in fill])
        yield from (fill[each] for each in fingerprints if each in fill)

    def build(before: Whole | None, folder: IndexFolder, progress: Progress) -> Whole:
        about = before.about if before and isinstance(before.about, _About) else None
        segments = [before.parts[each] for each in about.segments] if before and about else []
        growing = Growing(whole_order, with_filling, lambda groups: analysed(groups, wording))
        passages = grown(folder, segments, growing, progress)
        space = about.space if about and about.space.serves(len(passages)) else None
        space = space or LatentSpace.fit(passages.postings(WORDS))
        parts = {each.name: each for each in passages.segments}
        vectors = {
            _vectors_name(name, space): folder.part(
                _vectors_name(name, space), partial(space.vectors, segment.terms[WORDS])
            )
            for name, segment in parts.items()
        }
        whole = Whole({**parts, **vectors}, _About(tuple(parts), whole_order, names, space))
        if ranker is None:
            return whole
        # Kept too, since each process that loads the index would otherwise take seconds for it.
        name = _memory_name(whole.about, ranker)
        memory = folder.part(name, lambda: in_use(whole, lambda _: wording, ranker).memory)
        return Whole({**whole.parts, name: memory}, whole.about)

    return Content(fingerprint_of(FORMAT, sorted(names.items()), whole_order, ranker and ranker.digest), build)


def in_use(
    whole: Whole, wording_of: Callable[[dict[str, str]], TermReader], ranker: StoredRanker | None = None
) -> DocumentIndex:
    about: _About = whole.about
    passages: Segments[IndexedPassage] = Segments([whole.parts[each] for each in about.segments], about.order)
    vectors = [whole.parts[_vectors_name(each, about.space)] for each in about.segments]
    collection, wording = Collection.of(passages, about.space, vectors), wording_of(about.names)
    if ranker is None:
        return DocumentIndex(collection, wording)
    # A ranker that came after the index was built has no memory there. The index then works it out.
    return DocumentIndex(collection, wording, ranker.load(), whole.parts.get(_memory_name(about, ranker)))


def _memory_name(about: _About, ranker: StoredRanker) -> str:
    return f"memory-{fingerprint_of(about.order, about.space.name, ranker.digest)}"


def _vectors_name(segment: str, space: LatentSpace) -> str:
    return f"{segment}-{space.name}"
