"""Finds the passages that answer a question: the search of the house (`bot.search`), with what documents need besides.

Passages in force come before repealed ones, passages that say the same are one, and each thing has one name (`words`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.documents.words import Wording
from bot.search import ranker as learning
from bot.search.index import Passage, PassageIndex
from bot.search.ranker import AnsweredQuestion, Ranker

# From here on a passage is taken for an answer. Of 353 questions that the sample city's documents answer, 27 % score so
# much, 23 % with the right passage first, and one of 90 about other things; with the index before 20 %, 13 % and one
# (`benchmarks/documents_search.py`). Of 70 questions in plainer words (policy in `tests/evaluation`) 54 do, before 52.
# The point was chosen on those 353 and 90 themselves, so their figures are a little kind; the 70 had no part in it.
# A ranker's curve is moved so that no question of its training file that is about other things does (`teach`).
GOOD_ENOUGH = 0.5
# Below this not even the title is worth naming.
WORTH_NAMING = 0.1
# Where the best of the questions that are not answered is put: a little below, since the next one may score more.
_BEST_OF_OFF_TOPIC = 0.45
# Scores from which a ranker that was shown no such question may answer, and an index without a ranker; both are where
# one of our 90 questions about other things is answered. Without a ranker scores lie close together, hence the slope.
_USUAL, _UNTRAINED, _UNTRAINED_SLOPE = 0.85, 0.12, 2.9
# A repealed passage must fit this much better than one in force to come before it.
_REPEALED = 0.8
# Two passages of which this share of the bigrams is the same say the same.
_DUPLICATE = 0.8
_CANDIDATES = 50
_LEAST = 0.0001
# A word that every passage of a small collection has is still no common word: without a ranker, weights are counted as
# if at least so many passages stood there, the missing ones about something that nobody asks about.
_LEAST_PASSAGES = 200
_FILLING = "囗" * 60
# Nobody says whose measures they are: 养犬管理办法第33条.
_CITY = re.compile(r"^[一-龥]{2,4}(?<!城)市(?=.{3})")
# 民法典第1076条 is in the part of it that is called 民法典 婚姻家庭编.
_ARTICLE_NAMED = re.compile(r"([一-龥]{2,30})》?的?(第\d+条(?:之\d+)?)")
_NAMED = 1.0
# A ranker whose answers are mostly gone was taught other documents, and knows nothing of these.
_STILL_THERE = 0.5


@dataclass(frozen=True)
class IndexedPassage:
    """`name` is `<document key>#<position>`, the position from 1 in the current version; `place` the headings above."""

    passage_id: int
    name: str
    title: str
    place: str
    article: str
    text: str
    in_force: bool


@dataclass(frozen=True)
class Hit:
    """`score` is between 0 and 1."""

    passage_id: int
    score: float


class DocumentIndex:
    """Never changes once made, so that threads can share it.

    index = DocumentIndex(passages, wording)
    index.search("居住证多久签注一次", count=3)
    """

    def __init__(self, passages: Sequence[IndexedPassage], wording: Wording, ranker: Ranker | None = None) -> None:
        self.wording = wording
        self._passages = {passage.name: passage for passage in passages}
        self.is_learnt = ranker is not None and knows(ranker.questions, self._passages)
        self._index = (
            _build(passages, wording, ranker) if self.is_learnt else _build(passages, wording, least=_LEAST_PASSAGES)
        )

    def search(self, query: str, count: int) -> list[Hit]:
        """The passages that fit best, best first, one of each group that say the same."""
        asked = self.wording.question_terms(query)
        if not self._passages or not (asked.words or asked.bigrams):
            return []
        scores: dict[str, float] = {}
        plain = self.wording.with_one_name(query)
        articles = _ARTICLE_NAMED.findall(plain)
        for hit in self._index.search(plain, _CANDIDATES):
            if hit.id not in self._passages:
                continue
            score = hit.score if self.is_learnt else _moved(hit.score, _UNTRAINED, GOOD_ENOUGH, _UNTRAINED_SLOPE)
            if any(self._is_article(self._passages[hit.id], *named) for named in articles):
                score = _NAMED
            score *= 1 if self._passages[hit.id].in_force else _REPEALED
            if score >= _LEAST:
                scores[hit.id] = score
        leaders = self._without_duplicates(sorted(scores, key=lambda name: -scores[name]))
        leaders.sort(key=lambda name: -scores[name])
        return [Hit(self._passages[name].passage_id, round(scores[name], 4)) for name in leaders[:count]]

    def _without_duplicates(self, names: Iterable[str]) -> list[str]:
        """The first of each group, or the first one in force."""
        groups: list[tuple[str, frozenset[str]]] = []
        for name in names:
            bigrams = self.wording.bigrams_of(self._passages[name].text)
            twin = next((at for at, (_, other) in enumerate(groups) if _likeness(bigrams, other) >= _DUPLICATE), None)
            if twin is None:
                groups.append((name, bigrams))
            elif self._passages[name].in_force and not self._passages[groups[twin][0]].in_force:
                groups[twin] = (name, bigrams)
        return [name for name, _ in groups]

    def _is_article(self, passage: IndexedPassage, work: str, article: str) -> bool:
        with_one_name = self.wording.with_one_name
        return with_one_name(passage.article) == article and work in with_one_name(passage.title)


def teach(passages: Sequence[IndexedPassage], wording: Wording, questions: Sequence[AnsweredQuestion]) -> Ranker:
    """Learn from questions with known answers. Those without an answer only tell where good enough begins.

    Raises:
        TooFewQuestions: not enough questions have an answer among the passages.
    """
    answered = [
        AnsweredQuestion(wording.with_one_name(each.text), each.relevant) for each in questions if each.relevant
    ]
    index = _build(passages, wording)
    ranker = learning.train(index.collection, answered, index.positions)
    learnt = PassageIndex(index.ids, index.collection, ranker)
    off_topic = [learnt.search(wording.with_one_name(each.text), 1) for each in questions if not each.relevant]
    best = max((hit.score for hits in off_topic for hit in hits), default=None)
    by = _logit(GOOD_ENOUGH) - _logit(_USUAL) if best is None else _logit(_BEST_OF_OFF_TOPIC) - _logit(best)
    curve = ranker.calibration
    return Ranker(ranker.questions, ranker.trees, learning.Calibration(curve.intercept + by, curve.weights))


def knows(questions: Iterable[AnsweredQuestion], names: Iterable[str]) -> bool:
    """Whether most of the answers to `questions` are among the passages of these names."""
    there = set(names)
    answers = [answer in there for question in questions for answer in question.relevant]
    return bool(answers) and sum(answers) >= _STILL_THERE * len(answers)


def _build(
    passages: Sequence[IndexedPassage], wording: Wording, ranker: Ranker | None = None, least: int = 0
) -> PassageIndex:
    """In this process alone: the server that asks for it may be serving others."""
    filling = [Passage(f"filling {number}", "", _FILLING) for number in range(len(passages), least)]
    return PassageIndex.build(
        [
            Passage(
                passage.name,
                f"{_CITY.sub('', wording.with_one_name(passage.title))}{passage.article}",
                wording.with_one_name(f"{passage.place}\n{passage.text}"),
            )
            for passage in passages
        ]
        + filling,
        ranker=ranker,
        processes=1,
    )


def _moved(score: float, point: float, to: float, slope: float = 1) -> float:
    """The score on a curve on which `point` has become `to`."""
    return 1 / (1 + math.exp(-(slope * (_logit(score) - _logit(point)) + _logit(to))))


def _logit(share: float) -> float:
    held = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(held / (1 - held))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
