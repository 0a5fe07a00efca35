"""How good a search is, and what it costs."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import bm25s
import jieba
import numpy as np

from bot.search.collection import SearchPassage
from bot.search.index import PassageIndex
from bot.search.ranker import AnsweredQuestion, PassageRanker

DEPTH = 10
_UNITS_OF_MEMORY = 1024 * 1024 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Quality:
    """Shares of the questions, 0 to 1."""

    r_at_1: float
    hit_at_5: float
    hit_at_10: float
    mrr_at_10: float


@dataclass(frozen=True)
class SearchReport:
    r_at_1: float
    hit_at_5: float
    hit_at_10: float
    mrr_at_10: float
    index_seconds: float
    ms_per_query_p50: float
    ms_per_query_p95: float
    peak_mb: float
    """The most memory that this process has used. The processes that segment texts have ended by then."""

    def as_dict(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


def quality(found: Iterable[Sequence[str]], questions: Sequence[AnsweredQuestion]) -> Quality:
    """`found`: ids for each question, best first. `r_at_1` and `hit_at_k`: an answer is among the first 1 or k."""
    ranks = [_first_answer(ids[:DEPTH], question) for ids, question in zip(found, questions, strict=True)]
    first, fifth, tenth = (sum(rank is not None and rank <= within for rank in ranks) for within in (1, 5, DEPTH))
    count = len(ranks)
    return Quality(first / count, fifth / count, tenth / count, sum(1 / rank for rank in ranks if rank) / count)


def evaluate(
    passages: Sequence[SearchPassage],
    questions: Sequence[AnsweredQuestion],
    ranker: PassageRanker | None,
) -> SearchReport:
    """Index the passages, with the ranker bound to them, and ask the questions."""
    started = time.perf_counter()
    index = PassageIndex.build(passages, ranker=ranker)
    seconds = time.perf_counter() - started

    def search(text: str) -> list[str]:
        return [hit.id for hit in index.search(text, DEPTH)]

    return _asked(search, questions, seconds)


def evaluate_baseline(passages: Sequence[SearchPassage], questions: Sequence[AnsweredQuestion]) -> SearchReport:
    """Plain BM25 on jieba's words of title and text, by bm25s. A process of its own runs it, to measure its memory."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as another:
        return another.submit(_evaluate_baseline, passages, questions).result()


def _evaluate_baseline(passages: Sequence[SearchPassage], questions: Sequence[AnsweredQuestion]) -> SearchReport:

    def words(text: str) -> list[str]:
        return [word for word in jieba.cut(text) if any(character.isalnum() for character in word)]

    started = time.perf_counter()
    baseline = bm25s.BM25(k1=1.2, b=0.75)
    baseline.index([words(f"{passage.title} {passage.text}") for passage in passages], show_progress=False)
    seconds = time.perf_counter() - started
    ids = np.array([passage.id for passage in passages])
    depth = min(DEPTH, len(ids))

    def search(text: str) -> list[str]:
        asked = words(text)
        if not asked:
            return []
        scores = baseline.get_scores(asked)
        top = np.argpartition(-scores, depth - 1)[:depth]
        return [str(each) for each in ids[top[np.argsort(-scores[top], kind="stable")]]]

    return _asked(search, questions, seconds)


def _asked(search: Callable[[str], list[str]], questions: Sequence[AnsweredQuestion], seconds: float) -> SearchReport:
    search(questions[0].text)  # loads dictionaries
    found, took = [], []
    for question in questions:
        started = time.perf_counter()
        found.append(search(question.text))
        took.append((time.perf_counter() - started) * 1000)
    measured = quality(found, questions)
    p50, p95 = np.percentile(took, [50, 95])
    return SearchReport(
        **asdict(measured),
        index_seconds=seconds,
        ms_per_query_p50=float(p50),
        ms_per_query_p95=float(p95),
        peak_mb=_peak_mb(),
    )


def _peak_mb() -> float:
    try:
        # ru_maxrss of a child process also counts the memory of its parent.
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:", 1)[1].split(maxsplit=1)[0]) / 1024
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNITS_OF_MEMORY


def _first_answer(ids: Sequence[str], question: AnsweredQuestion) -> int | None:
    return next((rank for rank, each in enumerate(ids, start=1) if each in question.relevant), None)
