"""Finds the passages that answer a question: `bot.search` with further rules for documents.

Repealed passages rank lower, of passages that say the same only one is found, and synonyms count as one word (`words`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from bot.documents.words import TermReader
from bot.search import collection as collections
from bot.search import ranker as learning
from bot.search.collection import WORDS, Collection, SearchPassage
from bot.search.index import PassageIndex
from bot.search.known import Memory
from bot.search.ranker import AnsweredQuestion, PassageRanker
from bot.search.segments import Group, Segment, Segments, fingerprint_of
from bot.search.vectors import LatentSpace

# A passage counts as an answer from this score on. Measured with `benchmarks/documents_search.py`:
# Of 1,663 questions that the sample city's documents answer, 33 % reach it with a ranker trained without them, 29 %
# with the right passage first; so do 8 of 154 questions about other things. Without a ranker: 31 %, 25 % and 8.
# Of 70 questions by another author (policy in `bot/evaluation/sets`) 56 reach it, 54 with a passage that answers.
# Without a ranker 54 reach it, 50 with a passage that answers.
# The thresholds were chosen on these questions, so these figures are slightly too good.
GOOD_ENOUGH = 0.5
# From this score on a document is shown to citizens before they file a request for its content.
WORTH_A_LOOK = 0.25
# Share of the training questions about other things that may still be answered: about as many as the index without a
# ranker answers, 8 of 154. With a share of 0, one odd question could silence the ranker. The best score among the
# remaining questions is moved to `_FIRST_REFUSED`, just below `GOOD_ENOUGH`.
_OFF_TOPIC_ANSWERED = 0.05
_FIRST_REFUSED = 0.49
# Raw scores that are moved to `GOOD_ENOUGH`: `_USUAL` for a ranker trained without questions about other things,
# `_UNTRAINED` for an index without a ranker, whose scores lie close together and are spread by the slope.
_USUAL, _UNTRAINED, _UNTRAINED_SLOPE = 0.68, 0.12, 2.9
# Factor on the score of a repealed passage.
_REPEALED = 0.8
# Passages that share this part of their bigrams are treated as duplicates.
_DUPLICATE = 0.8
_CANDIDATES = 50
_LEAST = 0.0001
# In a small collection a rare word may occur in every passage, and would get no weight. So the collection is filled up
# to this number of passages with a text that nobody asks about (`_FILLING`).
LEAST_PASSAGES = 200
_FILLING = "囗" * 60
# Removed from titles, because people leave the city out: 养犬管理办法第33条.
_CITY = re.compile(r"^[一-龥]{2,4}(?<!城)市(?=.{3})")
# The name may be only a part of the title: 民法典第1076条 is in 民法典 婚姻家庭编.
_ARTICLE_NAMED = re.compile(r"([一-龥]{2,30})》?的?(第\d+条(?:之\d+)?)")
_NAMED = 1.0
# A ranker is used only if at least this share of its answers still exists; else it was trained on other documents.
_STILL_THERE = 0.5

# A passage by its place in the collection, and its score.
_Fit = tuple[int, float]


@dataclass(frozen=True)
class IndexedPassage:
    """`name` is `<document key>#<position>`, the position from 1 in the current version. `place`: its headings."""

    passage_id: int
    name: str
    title: str
    place: str
    article: str
    text: str
    in_force: bool

    @property
    def is_filling(self) -> bool:
        return self.passage_id == 0

    @property
    def in_full(self) -> str:
        """The text with title, article and headings, for a reader who does not see the document."""
        return "\n".join(part for part in (f"{self.title}{self.article}", self.place, self.text) if part)


@dataclass(frozen=True)
class Hit:
    """`score` is between 0 and 1."""

    passage_id: int
    score: float


class DocumentIndex:
    """A search index over passages. Immutable, so threads can share it.

    index = DocumentIndex.of(passages, wording)
    index.search("居住证多久签注一次", count=3)
    """

    def __init__(
        self,
        collection: Collection,
        wording: TermReader,
        ranker: PassageRanker | None = None,
        memory: Memory | None = None,
    ) -> None:
        """`collection`: of segments that `analysed` has made. `memory`: that of an earlier index of the same collection
        and ranker."""
        self.wording = wording
        self._passages: Sequence[IndexedPassage] = collection.passages
        self._untrained = PassageIndex(collection, name_of=_name_of)
        self._learnt = (
            PassageIndex(collection, ranker, _name_of, memory)
            if ranker and knows(ranker.questions, self._untrained.positions.of(_answers(ranker.questions)))
            else None
        )

    @classmethod
    def of(
        cls, passages: Sequence[IndexedPassage], wording: TermReader, ranker: PassageRanker | None = None
    ) -> DocumentIndex:
        """In memory."""
        return cls(_collection(passages, wording), wording, ranker)

    @property
    def memory(self) -> Memory | None:
        """What its ranker remembers; None without one, and if the ranker is of other documents."""
        return self._learnt.memory if self._learnt else None

    def search(self, query: str, count: int) -> list[Hit]:
        """The passages that fit best, best first, without duplicates."""
        asked = self.wording.question_terms(query)
        if not len(self._passages) or not (asked.words or asked.bigrams):
            return []
        scores: dict[str, float] = {}
        plain = self.wording.with_one_name(query)
        articles = _ARTICLE_NAMED.findall(plain)
        found: dict[str, IndexedPassage] = {}
        for place, fit in self._found(plain):
            passage = self._passages[place]
            if passage.is_filling:
                continue
            found[passage.name] = passage
            score = _NAMED if any(self._is_article(passage, *named) for named in articles) else fit
            score *= 1 if passage.in_force else _REPEALED
            if score >= _LEAST:
                scores[passage.name] = score
        leaders = self._without_duplicates([found[name] for name in sorted(scores, key=lambda name: -scores[name])])
        leaders.sort(key=lambda passage: -scores[passage.name])
        return [Hit(passage.passage_id, round(scores[passage.name], 4)) for passage in leaders[:count]]

    def _found(self, plain: str) -> list[_Fit]:
        return _learnt_fits(self._untrained, self._learnt, plain) if self._learnt else _fits(self._untrained, plain)

    def _without_duplicates(self, passages: Iterable[IndexedPassage]) -> list[IndexedPassage]:
        """One passage of each group of duplicates: the first in force, else the first."""
        groups: list[tuple[IndexedPassage, frozenset[str]]] = []
        for passage in passages:
            bigrams = self.wording.bigrams_of(passage.text)
            twin = next((at for at, (_, other) in enumerate(groups) if _likeness(bigrams, other) >= _DUPLICATE), None)
            if twin is None:
                groups.append((passage, bigrams))
            elif passage.in_force and not groups[twin][0].in_force:
                groups[twin] = (passage, bigrams)
        return [passage for passage, _ in groups]

    def _is_article(self, passage: IndexedPassage, work: str, article: str) -> bool:
        with_one_name = self.wording.with_one_name
        return with_one_name(passage.article) == article and work in with_one_name(passage.title)


def teach(
    passages: Sequence[IndexedPassage], wording: TermReader, questions: Sequence[AnsweredQuestion]
) -> PassageRanker:
    """Trains a ranker on questions with known answers. Questions without an answer only adjust the scores.

    Raises:
        TooFewQuestions: too few questions have an answer among the passages.
    """
    answered = [
        AnsweredQuestion(wording.with_one_name(each.text), each.relevant) for each in questions if each.relevant
    ]
    index = PassageIndex(_collection(passages, wording), name_of=_name_of)
    ranker = learning.train(index.collection, answered, index.positions)
    learnt = PassageIndex(index.collection, ranker, _name_of)
    off_topic = [
        _learnt_fits(index, learnt, wording.with_one_name(each.text)) for each in questions if not each.relevant
    ]
    scores = sorted((fits[0][1] if fits else 0.0 for fits in off_topic), reverse=True)
    refused = scores[int(_OFF_TOPIC_ANSWERED * len(scores))] if scores else None
    by = _logit(GOOD_ENOUGH) - _logit(_USUAL) if refused is None else _logit(_FIRST_REFUSED) - _logit(refused)
    by = min(by, 0.0)  # Never raise scores: below 0.5 a passage is more likely wrong than right.
    curve = ranker.calibration
    # Doubled, because the curve makes up half of the score (`_learnt_hits`).
    return PassageRanker(ranker.questions, ranker.trees, learning.Calibration(curve.intercept + 2 * by, curve.weights))


def knows(questions: Iterable[AnsweredQuestion], names: Container[str]) -> bool:
    """Whether at least half of the answers to `questions` are among these passage names."""
    there = [answer in names for answer in _answers(questions)]
    return bool(there) and sum(there) >= _STILL_THERE * len(there)


def _answers(questions: Iterable[AnsweredQuestion]) -> list[str]:
    return [answer for question in questions for answer in question.relevant]


def analysed(groups: Sequence[Group[IndexedPassage]], wording: TermReader) -> Segment[IndexedPassage]:
    """A segment of documents. In this process only, because a server may need the other cores for its requests."""
    return collections.analysed(groups, lambda passage: _as_compared(passage, wording))


def filling(passage_count: int) -> list[Group[IndexedPassage]]:
    """What is added to a small collection, after all its documents."""
    numbers = range(passage_count, LEAST_PASSAGES)
    return [Group(fingerprint_of("filling", number), [_filling(number)]) for number in numbers]


def _filling(number: int) -> IndexedPassage:
    return IndexedPassage(0, f"filling {number}", "", "", "", _FILLING, True)


def _collection(passages: Sequence[IndexedPassage], wording: TermReader) -> Collection:
    group = [Group("documents", passages)] if passages else []
    segment = analysed([*group, *filling(len(passages))], wording)
    whole = Segments([segment], segment.fingerprints)
    space = LatentSpace.fit(whole.postings(WORDS))
    return Collection.of(whole, space, [space.vectors(segment.terms[WORDS])])


def _as_compared(passage: IndexedPassage, wording: TermReader) -> SearchPassage:
    if passage.is_filling:
        return SearchPassage(passage.name, "", passage.text)
    return SearchPassage(
        passage.name,
        f"{_CITY.sub('', wording.with_one_name(passage.title))}{passage.article}",
        wording.with_one_name(f"{passage.place}\n{passage.text}"),
    )


def _name_of(passage: IndexedPassage) -> str:
    return passage.name


def _fits(untrained: PassageIndex, plain: str) -> list[_Fit]:
    return [
        (place, _moved(score, _UNTRAINED, GOOD_ENOUGH, _UNTRAINED_SLOPE))
        for place, score in untrained.found(plain, _CANDIDATES)
    ]


def _learnt_fits(untrained: PassageIndex, learnt: PassageIndex, plain: str) -> list[_Fit]:
    """The passages in the ranker's order, scored by the ranker and by the index without it.

    Each score is the mean, on the logistic scale, of the passage's ranker score and the best score without the ranker.
    The two make different errors: the ranker scores short questions unlike its training questions too low, and the
    index without it is misled by words that have little to do with the matter.
    """
    evidence = _fits(untrained, plain)
    if not evidence:
        return []
    best = _logit(evidence[0][1])
    return [(place, _share((_logit(score) + best) / 2)) for place, score in learnt.found(plain, _CANDIDATES)]


def _moved(score: float, point: float, to: float, slope: float = 1) -> float:
    """The score after a shift of the logistic scale that turns `point` into `to`; `slope` spreads scores around it."""
    return _share(slope * (_logit(score) - _logit(point)) + _logit(to))


def _share(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def _logit(share: float) -> float:
    held = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(held / (1 - held))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
