"""Uses questions with known answers to predict the answer to a new question.

Kernel ridge regression: each known question gets a weight by its likeness to the new one. The weighted answers give the
works, the passages (with their neighbours) and the statute's words to expect. The same matrix gives the exact
prediction without some of the known questions, so that a ranker can be trained on the known questions themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from bot.search.collection import Collection
from bot.search.postings import Postings
from bot.search.vectors import one_long, one_long_each
from bot.search.words import CodedTerms, Codes, question_terms

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_RIDGE = 1.0
_VECTOR_SHARE = 0.5
# A neighbour of an answer in the same work gets this share of its weight for each step away.
_NEIGHBOUR_DECAY = 0.65
_REACH = 6
_EXPANSION_TERMS = 60
_TOGETHER = 2


@dataclass(frozen=True)
class Attention:
    """How a question relates to each known question."""

    likeness: Floats
    """The kernel; 0 with the question itself."""
    weights: Floats
    """The weights of the regression."""
    left_out: Integers
    """The known questions that were withheld: in training, the question itself and some others."""


@dataclass(frozen=True)
class Expectation:
    """What to expect of the answer, for every passage."""

    works: Floats
    """A score for each work."""
    passages: Floats
    nearby: Floats
    words: Floats
    bigrams: Floats
    vector: Floats
    """Where in the latent space the answer lies."""
    times: Floats
    """How often each passage answered a known question."""
    work_times: Floats
    closest: Floats
    """The likeness of the closest question that the passage answered."""
    closeness: Floats
    """The sum of squared likenesses to all questions that the passage answered."""


@dataclass(frozen=True)
class Memory:
    """What takes seconds to work out of known questions: their terms, and how like they are to each other. Of one
    collection."""

    terms: tuple[CodedTerms, ...]
    gram: Floats
    inverse: Floats


class KnownQuestions:
    def __init__(
        self,
        collection: Collection,
        questions: Sequence[str],
        answers: Sequence[Integers],
        memory: Memory | None = None,
    ) -> None:
        """`answers`: positions of passages in the collection; empty for a question whose answers are all gone.
        `memory`: that of the same questions and the same collection, if it was kept.
        """
        self._collection = collection
        self._count = len(questions)
        self.terms = memory.terms if memory else tuple(map(question_terms, questions))
        self.answers = list(answers)
        self._kernels = [
            _Overlap(collection.bigrams, [terms.bigrams for terms in self.terms], 0.75),
            _Overlap(collection.words, [terms.words for terms in self.terms], 0.5),
            _Overlap(collection.characters, [terms.characters for terms in self.terms], 1.0),
        ]
        self._vectors = np.array(
            [collection.space.of_question(terms.words) for terms in self.terms], np.float32
        ).reshape(self._count, -1)
        self.memory = memory or self._remembered()
        self._gram, self._inverse = self.memory.gram, self.memory.inverse
        self._set_targets()
        self._together = Counter(pair for places in self.answers for pair in permutations(places.tolist(), 2))

    def __len__(self) -> int:
        return self._count

    def rivals(self, passages: Integers) -> NDArray[np.bool_]:
        """Which of these passages are wrong if the first is right.

        Two passages that both answer two or more known questions say the same, and so are no rivals. One common
        question is not enough, since in training it is the question that is asked.
        """
        first = int(passages[0])
        alike = np.array([self._together[first, int(other)] >= _TOGETHER for other in passages])
        alike[0] = True
        return ~alike

    def attend(self, terms: CodedTerms) -> Attention:
        likeness = self._likeness(terms)
        return Attention(likeness, self._inverse @ likeness, np.zeros(0, np.int64))

    def attend_as_if_unknown(self, questions: Integers) -> list[Attention]:
        """The attention of these known questions to all others, as if none of these were known.

        Leave out many at a time. If only one is left out, its answer has fewer votes than usual, and a ranker learns
        to prefer passages with fewer votes.
        """
        block = self._inverse[np.ix_(questions, questions)]
        weights = -np.linalg.solve(block, self._inverse[questions])
        weights[:, questions] = 0
        likeness = self._gram[questions].copy()
        likeness[:, questions] = 0
        return [Attention(likeness[row], weights[row], questions) for row in range(len(questions))]

    def expect(self, attention: Attention) -> Expectation:
        weights, likeness = attention.weights, attention.likeness
        count, works = self._collection.passage_count, self._collection.works
        answer_likeness = likeness[self._asked]
        closest = np.zeros(count, np.float32)
        np.maximum.at(closest, self._answering, answer_likeness)
        times = self._times
        if len(attention.left_out):
            left_out = np.concatenate([self.answers[question] for question in attention.left_out])
            times = times - np.bincount(left_out, minlength=count).astype(np.float32)
        used = self._used
        return Expectation(
            works=_spread(self._work_answering, weights[self._work_asked], works.count),
            passages=_spread(self._answering, weights[self._asked], count),
            nearby=_spread(self._near, weights[self._near_asked] * self._nearness, count),
            words=self._words.scores(weights),
            bigrams=self._bigrams.scores(weights),
            vector=one_long(weights @ self._answer_vectors),
            times=times,
            work_times=_spread(works.work_of[used], times[used], works.count),
            closest=closest,
            closeness=_spread(self._answering, answer_likeness**2, count),
        )

    def _likeness(self, terms: CodedTerms) -> Floats:
        likeness = sum(
            kernel.with_question(codes)
            for kernel, codes in zip(self._kernels, (terms.bigrams, terms.words, terms.characters), strict=True)
        )
        vector = self._collection.space.of_question(terms.words)
        return np.asarray(likeness + _VECTOR_SHARE * (self._vectors @ vector), np.float32)

    def _remembered(self) -> Memory:
        likeness = self._likeness_among()
        inverse = np.linalg.inv(likeness + _RIDGE * np.eye(self._count)).astype(np.float32)
        np.fill_diagonal(likeness, 0)
        return Memory(self.terms, likeness, inverse)

    def _likeness_among(self) -> Floats:
        """The likeness of the known questions to each other, all at once: one by one they take some seconds."""
        likeness = sum(kernel.among() for kernel in self._kernels)
        return np.asarray(likeness + _VECTOR_SHARE * (self._vectors @ self._vectors.T), np.float32)

    def _set_targets(self) -> None:
        collection = self._collection
        works = collection.works
        asked = np.repeat(np.arange(self._count), [len(answers) for answers in self.answers])
        answering = np.concatenate([*self.answers, np.zeros(0, np.int64)]).astype(np.int64)
        self._asked, self._answering = asked, answering
        self._times = np.bincount(answering, minlength=collection.passage_count).astype(np.float32)
        self._used = np.unique(answering)
        pairs = np.unique(asked * max(works.count, 1) + works.work_of[answering])
        self._work_asked, self._work_answering = np.divmod(pairs, max(works.count, 1))
        self._near_asked, self._near, self._nearness = self._neighbourhoods()
        self._words = _Expansion(collection.words, self.answers)
        self._bigrams = _Expansion(collection.bigrams, self.answers)
        centred = collection.vectors_of(answering) - collection.space.mean
        share = np.array([1 / len(answers) for answers in self.answers for _ in answers], np.float32)
        self._answer_vectors = np.zeros((self._count, centred.shape[1]), np.float32)
        np.add.at(self._answer_vectors, asked, centred * share[:, None])

    def _neighbourhoods(self) -> tuple[Integers, Integers, Floats]:
        """For each known question the passages around its answers, each once, with its largest nearness."""
        around, same, steps = self._collection.works.neighbours(self._answering, _REACH)
        asked = np.concatenate([self._asked, np.repeat(self._asked, same.sum(axis=1))])
        near = np.concatenate([self._answering, around[same]])
        nearness = np.concatenate(
            [np.ones(len(self._answering)), np.broadcast_to(_NEIGHBOUR_DECAY**steps, same.shape)[same]]
        )
        best = np.lexsort((-nearness, near, asked))
        pair = asked[best] * max(self._collection.passage_count, 1) + near[best]
        first = best[np.diff(pair, prepend=-1) != 0]
        return asked[first], near[first], nearness[first].astype(np.float32)


class _Overlap:
    """The cosine of questions by the terms that they share; rare terms count more."""

    def __init__(self, postings: Postings, questions: Sequence[Codes], power: float) -> None:
        self._postings, self._power = postings, power
        each = [np.unique(codes) for codes in questions]
        self._codes, columns = np.unique(np.concatenate([*each, np.zeros(0, np.int64)]), return_inverse=True)
        weights = self._weights(self._codes)[columns]
        starts = np.cumsum([0, *(len(codes) for codes in each)])
        rows = sparse.csr_matrix((weights, columns, starts), shape=(len(each), len(self._codes)))
        self._matrix = one_long_each(rows)

    def among(self) -> Floats:
        """Each question with each other, and with itself."""
        return np.asarray((self._matrix @ self._matrix.T).todense(), np.float32)

    def with_question(self, codes: Codes) -> Floats:
        found = np.unique(codes)
        weights = one_long(self._weights(found))
        if not len(self._codes):
            return np.zeros(self._matrix.shape[0], np.float32)
        places = np.minimum(np.searchsorted(self._codes, found), len(self._codes) - 1)
        known = self._codes[places] == found
        question = np.zeros(len(self._codes), np.float32)
        question[places[known]] = weights[known]
        return np.asarray(self._matrix @ question, np.float32)

    def _weights(self, codes: Codes) -> Floats:
        return np.asarray(self._postings.rarities(codes) ** np.float32(self._power), np.float32)


class _Expansion:
    """The terms to expect in the answer to a new question, by the answers to known questions."""

    def __init__(self, postings: Postings, answers: Sequence[Integers]) -> None:
        self._postings = postings
        used = np.unique(np.concatenate([*answers, np.zeros(0, np.int64)])).astype(np.int64)
        codes, rows = postings.rows(used)
        rows = one_long_each(rows)
        shares = sparse.csr_matrix(
            (
                np.array([1 / len(places) for places in answers for _ in places], np.float32),
                np.searchsorted(used, np.concatenate([*answers, np.zeros(0, np.int64)])),
                np.cumsum([0, *(len(places) for places in answers)]),
            ),
            shape=(len(answers), len(used)),
        )
        by_term = (shares @ rows).T.tocsr()
        expected = np.flatnonzero(np.diff(by_term.indptr))
        self._codes = codes[expected]
        self._by_term: Any = by_term[expected].astype(np.float32)

    def scores(self, weights: Floats) -> Floats:
        """How much each passage has of the expected terms; 1 for the passage that has most."""
        expected = self._by_term @ weights
        most = min(_EXPANSION_TERMS, len(expected))
        if not most:
            return np.zeros(self._postings.passage_count, np.float32)
        chosen = np.argpartition(-expected, most - 1)[:most]
        chosen = chosen[expected[chosen] > 0]
        scores = self._postings.scores(self._codes[chosen], expected[chosen])
        return scores / max(float(scores.max(initial=0)), 1e-6)


def _spread(places: Integers, amounts: Floats, count: int) -> Floats:
    return np.bincount(places, amounts, minlength=count).astype(np.float32)
