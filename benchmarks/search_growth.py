"""How search grows up to a million passages: building, one more document, loading, the time of a question.

    .venv/web/bin/python -m benchmarks.search_growth 10000 100000 1000000

The passages are terms drawn by chance (a few are in most passages, most in a few, as Zipf's law says), so that cutting
texts into words, which takes the same for each passage, is not measured: `benchmarks/intake.py` measures all of it.
Times are those of the processor, in seconds or milliseconds; each size has a process of its own.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

from bot.places import ROOT
from bot.search.collection import WORDS, Collection, SearchPassage
from bot.search.evidence import PassageEvidence
from bot.search.growth import Growing, grown
from bot.search.index_folder import IndexFolder
from bot.search.postings import Posted
from bot.search.segments import Group, Segment, Segments
from bot.search.vectors import LatentSpace
from bot.search.words import CodedTerms, Codes, occurrences
from bot.search.works import MENTIONS

T = TypeVar("T")

_OF_A_DOCUMENT, _ASKED = 50, 40
# Kind → different terms that there are, and terms of a passage.
_KINDS = {WORDS: (60_000, 60), "bigrams": (400_000, 100), "characters": (4_000, 100), MENTIONS: (20_000, 1)}


def main(sizes: list[str]) -> None:
    rows = [_apart(size) for size in sizes]
    print(f"{'':<28}" + "".join(f"{int(size):>12,}" for size in sizes) + "   ratio to the first")
    for name in rows[0]:
        values = [row[name] for row in rows]
        ratios = " ".join(f"{value / max(values[0], 1e-9):.1f}" for value in values[1:])
        print(f"{name:<28}" + "".join(f"{value:>12.2f}" for value in values) + f"   {ratios}")


def _apart(size: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.search_growth", "of", size]
    figures: dict[str, float] = json.loads(
        subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.splitlines()[-1]
    )
    return figures


def of(size: int) -> dict[str, float]:
    with TemporaryDirectory() as name:
        folder, numbers = IndexFolder(Path(name), "sqlite://"), range(size // _OF_A_DOCUMENT)
        took, passages = _timed(lambda: _grown(folder, (), numbers))
        figures = {"building segments, s": took, "building, peak MB": _peak_mb()}
        took, space = _timed(lambda: LatentSpace.fit(passages.postings(WORDS)))
        figures["fitting the space, s"] = took
        figures["vectors of all, s"], _ = _timed(lambda: _collection(folder, passages, space))
        figures["with them, peak MB"] = _peak_mb()
        more = range(size // _OF_A_DOCUMENT + 1)
        figures["one more document, s"], after = _timed(lambda: _grown(folder, passages.segments, more))
        figures["loading, s"], collection = _timed(lambda: _collection(folder, after, space))
        figures["segments"] = len(after.segments)
        figures["on disk, MB"] = sum(path.stat().st_size for path in Path(name).glob("*.part")) / (1 << 20)
        figures["question, ms"] = _question_ms(collection)
        return figures


def _grown(folder: IndexFolder, before: Sequence[Segment[SearchPassage]], numbers: range) -> Segments[SearchPassage]:
    return grown(folder, before, Growing([str(number) for number in numbers], _read, _analysed))


def _collection(folder: IndexFolder, passages: Segments[SearchPassage], space: LatentSpace) -> Collection:
    vectors = [
        folder.part(f"{each.name}-{space.name}", lambda each=each: space.vectors(each.terms[WORDS]))
        for each in passages.segments
    ]
    return Collection.of(passages, space, vectors)


def _read(fingerprints: Sequence[str]) -> Iterator[Group[SearchPassage]]:
    for each in fingerprints:
        yield Group(each, [SearchPassage(f"{each}#{place}", f"办法{each}", "") for place in range(_OF_A_DOCUMENT)])


def _analysed(groups: Sequence[Group[SearchPassage]]) -> Segment[SearchPassage]:
    count = sum(len(group.elements) for group in groups)
    chance = np.random.default_rng(int(groups[0].fingerprint))
    works = np.repeat([int(group.fingerprint) for group in groups], [len(group.elements) for group in groups])
    terms = {
        kind: Posted.of([occurrences(_drawn(chance, kind, count * length), np.full(count, length))])
        for kind, (_, length) in _KINDS.items()
    }
    columns = {
        "work": works,
        "name_of_work": works,
        "article": np.zeros(count, np.int64),
        "length": np.full(count, 100, np.float32),
    }
    return Segment.of(
        groups, lambda passage: passage.id, [(f"办法{group.fingerprint}",) for group in groups], columns, terms
    )


def _drawn(chance: np.random.Generator, kind: str, count: int) -> Codes:
    """Term n is drawn in proportion to 1/n."""
    different, _ = _KINDS[kind]
    return np.exp(chance.random(count) * np.log(different)).astype(np.int64)


def _question_ms(collection: Collection) -> float:
    evidence, chance = PassageEvidence(collection), np.random.default_rng(1)
    took = []
    for _ in range(_ASKED):
        asked = CodedTerms(*(_drawn(chance, kind, 12) for kind in (WORDS, "bigrams", "characters")))
        took.append(_timed(lambda asked=asked: evidence.untrained(asked))[0])
    return 1000 * statistics.median(took)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["of"]:
        print(json.dumps(of(int(sys.argv[2]))))
    else:
        main(sys.argv[1:] or ["10000", "100000"])
