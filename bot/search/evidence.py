"""The evidence for each passage as the answer to a question: a row of numbers per passage.

Without known questions there is one score, made of words, pairs, characters, vectors, the work as a whole and how often
other passages cite it. With known questions there are the features that the learnt ranker weighs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.search.choosing import Sought, worth_comparing
from bot.search.collection import Collection
from bot.search.known import Attention, Expectation, KnownQuestions
from bot.search.postings import Coverage
from bot.search.words import CodedTerms
from bot.search.works import Works

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

CANDIDATES = 300
# Vectors are compared only for the passages that are best without them, since comparing all takes 4 ms.
_COMPARED = 1000
_CHARACTERS = 0.6
# A work is judged by its best passages (`_MEAN_OF`) among this many best passages of all works.
_OF_WORK = 200
_MEAN_OF = 5

FEATURES = (
    "sum", "sum_behind_best", "sum_rank", "sum_behind_work", "sum_nearby",
    "lexical", "lexical_share_of_best", "lexical_rank", "lexical_behind_work", "lexical_work", "lexical_nearby",
    "lexical_further_off", "work_of_best", "bigrams", "words", "characters",
    "bigram_share", "bigram_rarest", "word_share", "word_rarest", "vector",
    "expected_work", "expected_work_rank", "expected_passage", "expected_nearby", "expected_words", "expected_bigrams",
    "expected_vector", "work_prior", "times", "times_nearby", "closest", "closest_nearby", "closeness",
    "closeness_nearby", "length", "work_size", "place_in_work", "share_of_work_before", "citations", "question_length",
)  # fmt: skip


@dataclass(frozen=True)
class Lexical:
    """The evidence of words and characters, for every passage that was compared: those at `places`, or all."""

    places: Integers | None
    score: Floats
    bigrams: Coverage
    words: Coverage
    characters: Floats

    def everywhere(self, passage_count: int, *more: Lexical) -> Lexical:
        """The same for every passage of the collection, and what `more` say of further ones; a passage that was not
        compared has nothing of the question."""
        if self.places is None:
            return self
        parts = [self, *more]

        def spread(value_of: Callable[[Lexical], Floats]) -> Floats:
            whole = np.zeros(passage_count, np.float32)
            for part in parts:
                whole[part.places] = value_of(part)
            return whole

        def coverage(of: Callable[[Lexical], Coverage]) -> Coverage:
            return Coverage(
                spread(lambda part: of(part).score),
                spread(lambda part: of(part).share),
                spread(lambda part: of(part).rarest),
            )

        return Lexical(
            None,
            spread(lambda part: part.score),
            coverage(lambda part: part.bigrams),
            coverage(lambda part: part.words),
            spread(lambda part: part.characters),
        )


@dataclass(frozen=True)
class PassageCandidates:
    passages: Integers
    """Best first by the sum of the evidence, before any ranker."""
    scores: Floats
    features: Floats
    """One row per candidate, one column for each of `FEATURES`; no columns without known questions."""
    shares: Floats
    """The share of the question's pairs, weighted by rarity, that each candidate has."""
    grounded: bool
    """Whether any passage has anything of the question; otherwise the candidates are arbitrary."""


@dataclass(frozen=True)
class _Neighbours:
    """The passages around the chosen ones. `is_same`: of the same work; `steps`: how far off each is."""

    chosen: Integers
    around: Integers
    is_same: NDArray[np.bool_]
    steps: Integers

    @classmethod
    def of(cls, works: Works, chosen: Integers) -> _Neighbours:
        return cls(chosen, *works.neighbours(chosen, 10))

    def total(self, values: Floats, reach: int, decay: float) -> Floats:
        counted = self.is_same & (self.steps <= reach)
        return np.asarray((values[self.around] * counted) @ (decay**self.steps), np.float32)

    def best(self, values: Floats, reach: int, decay: float) -> Floats:
        counted = self.is_same & (self.steps <= reach)
        best_near = (values[self.around] * counted * decay**self.steps).max(axis=1, initial=0)
        return np.asarray(np.maximum(values[self.chosen], best_near), np.float32)


class PassageEvidence:
    def __init__(self, collection: Collection, known: KnownQuestions | None = None) -> None:
        self._collection = collection
        self._known = known

    @property
    def passage_count(self) -> int:
        return self._collection.passage_count

    def untrained(self, terms: CodedTerms) -> PassageCandidates:
        collection, works = self._collection, self._collection.works
        lexical = self._lexical(terms)
        work_of = works.work_of if lexical.places is None else works.work_of[lexical.places]
        scores = lexical.score + 3 * works.citations[work_of]
        top = best(lexical.score, _OF_WORK)
        scores += 0.3 * self._work_of_best(work_of[top], lexical.score[top])[work_of]
        compared = best(scores, _COMPARED)
        places = compared if lexical.places is None else lexical.places[compared]
        vector = collection.space.of_question(terms.words)
        final = np.asarray(scores[compared] + 6 * (collection.vectors_of(places) @ vector), np.float32)
        order = np.argsort(-final, kind="stable")[:CANDIDATES]
        return PassageCandidates(
            places[order],
            final[order],
            np.zeros((len(order), 0), np.float32),
            lexical.bigrams.share[compared[order]],
            bool(lexical.score.any()),
        )

    def trained(self, terms: CodedTerms, attention: Attention | None = None) -> PassageCandidates:
        """Candidates with features; `attention` is computed unless given, as in training."""
        if self._known is None:
            raise ValueError("no known questions")
        collection, works = self._collection, self._collection.works
        compared_by_words = self._lexical(terms)
        lexical = compared_by_words.everywhere(collection.passage_count)
        expected = self._known.expect(attention or self._known.attend(terms))
        scores = lexical.score + 24 * expected.works[works.work_of] + 50 * expected.nearby
        scores += 20 * expected.words + 10 * expected.bigrams
        compared = best(scores, _COMPARED)
        offsets = collection.vectors_of(compared) - collection.space.mean
        at_vector = np.asarray(offsets @ expected.vector, np.float32)
        final = scores[compared] + np.float32(10) * at_vector
        order = np.argsort(-final, kind="stable")[:CANDIDATES]
        chosen = compared[order]
        scores[compared] = final
        if compared_by_words.places is not None:
            around = _Neighbours.of(works, chosen).around
            nearby = self._lexical_at(terms, np.union1d(chosen, around))
            lexical = compared_by_words.everywhere(collection.passage_count, nearby)
        features = self._features(terms, lexical, expected, scores, chosen, at_vector[order])
        grounded = bool(lexical.score.any() or expected.closest.any())
        return PassageCandidates(chosen, final[order], features, lexical.bigrams.share[chosen], grounded)

    def _lexical(self, terms: CodedTerms) -> Lexical:
        collection = self._collection
        places = worth_comparing(
            [
                Sought(collection.bigrams, terms.bigrams),
                Sought(collection.words, terms.words),
                Sought(collection.characters, terms.characters, _CHARACTERS),
            ]
        )
        return self._lexical_at(terms, places)

    def _lexical_at(self, terms: CodedTerms, places: Integers | None) -> Lexical:
        bigrams = self._collection.bigrams.coverage(terms.bigrams, places)
        words = self._collection.words.coverage(terms.words, places)
        characters = self._collection.characters.bm25(terms.characters, places)
        return Lexical(places, bigrams.score + words.score + _CHARACTERS * characters, bigrams, words, characters)

    def _work_of_best(self, works: Integers, scores: Floats) -> Floats:
        """For each work, the mean of the best few of these scores of its passages; a missing one is 0."""
        in_order = np.lexsort((-scores, works))
        works, values = works[in_order], scores[in_order]
        first = np.diff(works, prepend=-1) != 0
        place = np.arange(len(works)) - np.maximum.accumulate(np.where(first, np.arange(len(works)), 0))
        kept = place < _MEAN_OF
        means = np.bincount(works[kept], values[kept] / _MEAN_OF, minlength=self._collection.works.count)
        return np.asarray(means, np.float32)

    def _features(
        self,
        terms: CodedTerms,
        lexical: Lexical,
        expected: Expectation,
        scores: Floats,
        chosen: Integers,
        at_vector: Floats,
    ) -> Floats:
        near = _Neighbours.of(self._collection.works, chosen)
        columns = {
            **self._sum_features(scores, chosen, near),
            **self._lexical_features(lexical, chosen, near),
            **self._expected_features(expected, chosen, near),
            **self._features_of_place(chosen),
            "vector": self._collection.vectors_of(chosen) @ self._collection.space.of_question(terms.words),
            "expected_vector": at_vector,
            "question_length": np.full(len(chosen), len(terms.characters)),
        }
        return np.column_stack([columns[name] for name in FEATURES]).astype(np.float32)

    def _sum_features(self, scores: Floats, chosen: Integers, near: _Neighbours) -> dict[str, Any]:
        works = self._collection.works
        work, sums = works.work_of[chosen], scores[chosen]
        best_sum_of_work = np.full(works.count, -np.inf, np.float32)
        np.maximum.at(best_sum_of_work, work, sums)
        return {
            "sum": sums,
            "sum_behind_best": sums - sums.max(initial=-np.inf),
            "sum_rank": np.arange(len(chosen)),
            "sum_behind_work": sums - best_sum_of_work[work],
            "sum_nearby": near.total(scores, 2, 0.7),
        }

    def _lexical_features(self, lexical: Lexical, chosen: Integers, near: _Neighbours) -> dict[str, Any]:
        works = self._collection.works
        work, lexicals = works.work_of[chosen], lexical.score[chosen]
        best_lexical_of_work = works.best(lexical.score)
        best_lexical = max(float(lexical.score.max(initial=0)), 1e-6)
        by_letters = best(lexical.score, _COMPARED)
        of_best = by_letters[:_OF_WORK]
        return {
            "lexical": lexicals,
            "lexical_share_of_best": lexicals / best_lexical,
            "lexical_rank": np.searchsorted(-lexical.score[by_letters], -lexicals),
            "lexical_behind_work": lexicals - best_lexical_of_work[work],
            "lexical_work": best_lexical_of_work[work],
            "lexical_nearby": near.total(lexical.score, 3, 0.6),
            "lexical_further_off": near.total(lexical.score, 10, 0.85),
            "work_of_best": self._work_of_best(works.work_of[of_best], lexical.score[of_best])[work],
            "bigrams": lexical.bigrams.score[chosen],
            "words": lexical.words.score[chosen],
            "characters": lexical.characters[chosen],
            "bigram_share": lexical.bigrams.share[chosen],
            "bigram_rarest": lexical.bigrams.rarest[chosen],
            "word_share": lexical.words.share[chosen],
            "word_rarest": lexical.words.rarest[chosen],
        }

    def _expected_features(self, expected: Expectation, chosen: Integers, near: _Neighbours) -> dict[str, Any]:
        works = self._collection.works
        work = works.work_of[chosen]
        return {
            "expected_work": expected.works[work],
            "expected_work_rank": np.searchsorted(np.sort(-expected.works), -expected.works[work]),
            "expected_passage": expected.passages[chosen],
            "expected_nearby": expected.nearby[chosen],
            "expected_words": expected.words[chosen],
            "expected_bigrams": expected.bigrams[chosen],
            "work_prior": np.log((expected.work_times + 0.05) / (works.sizes + 20))[work],
            "times": expected.times[chosen],
            "times_nearby": near.total(expected.times, 5, 0.7) + expected.times[chosen],
            "closest": expected.closest[chosen],
            "closest_nearby": near.best(expected.closest, 5, 0.9),
            "closeness": expected.closeness[chosen],
            "closeness_nearby": near.total(expected.closeness, 5, 0.8) + expected.closeness[chosen],
        }

    def _features_of_place(self, chosen: Integers) -> dict[str, Any]:
        works = self._collection.works
        work, places = works.work_of[chosen], works.place[chosen]
        return {
            "length": works.lengths[chosen],
            "work_size": works.sizes[work],
            "place_in_work": places,
            "share_of_work_before": places / works.sizes[work],
            "citations": works.citations[work],
        }


def best(scores: Floats, count: int) -> Integers:
    """The places of the highest scores, highest first."""
    top = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
    return top[np.argsort(-scores[top], kind="stable")]
