"""The learnt ranker: its training, its use and its file.

The file is a zip archive of the known questions, the trees in LightGBM's text format, and numbers in JSON; it holds no
code. It names passages by their ids, so it still works when the documents have changed: answers that are gone are left
out.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.search.boosting import lightgbm
from bot.search.collection import Collection
from bot.search.evidence import CANDIDATES, FEATURES, PassageCandidates, PassageEvidence
from bot.search.known import KnownQuestions, Memory
from bot.search.segments import Places

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

FORMAT = 1
_LARGEST_MEMBER = 64 * 1024 * 1024
# Only this many candidates go through the trees: the others rarely rise, and each costs time.
RANKED = 200
_PARTS = 5
_ROUNDS = 150
_TREES = {
    "objective": "lambdarank",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "lambdarank_truncation_level": 20,
    "label_gain": [0, 1],
    "lambda_l2": 5,
    "feature_fraction": 0.25,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "metric": "None",
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
    "seed": 1,
}


class PassageRankerUnreadable(Exception):
    """The file is no ranker, or one of another version."""


class TooFewQuestions(Exception):
    """There is too little to learn from."""


@dataclass(frozen=True)
class AnsweredQuestion:
    text: str
    relevant: tuple[str, ...]
    """Ids of the passages that answer it."""


@dataclass(frozen=True)
class Calibration:
    """A logistic curve from the scores of a hit to the probability that it answers."""

    intercept: float
    weights: tuple[float, ...]

    def probabilities(self, inputs: Floats) -> Floats:
        """For hits in order, best first; a later hit is never more probable than an earlier one."""
        curve = 1 / (1 + np.exp(-np.clip(inputs @ np.array(self.weights) + self.intercept, -30, 30)))
        return np.minimum.accumulate(curve).astype(np.float32)

    def of_candidates(self, candidates: PassageCandidates) -> Floats:
        """Probabilities of candidates in their order, by their own scores."""
        if not len(candidates.passages):
            return np.zeros(0, np.float32)
        return self.probabilities(calibration_inputs(candidates.scores, candidates.shares))


@dataclass(frozen=True)
class PassageRanker:
    questions: tuple[AnsweredQuestion, ...]
    trees: str
    calibration: Calibration

    def save(self, path: Path) -> None:
        unfinished = path.with_name(path.name + ".unfinished")
        about = {
            "format": FORMAT,
            "features": list(FEATURES),
            "calibration": {"intercept": self.calibration.intercept, "weights": list(self.calibration.weights)},
        }
        lines = [
            json.dumps({"text": question.text, "relevant": question.relevant}, ensure_ascii=False)
            for question in self.questions
        ]
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("ranker.json", json.dumps(about, indent=1))
            archive.writestr("questions.jsonl", "\n".join(lines))
            archive.writestr("trees.txt", self.trees)
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> PassageRanker:
        """
        Raises:
            RankerUnreadable: the file is no ranker, or was trained by another version.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                about = json.loads(_member(archive, "ranker.json"))
                lines = _member(archive, "questions.jsonl").decode().split("\n")
                trees = _member(archive, "trees.txt").decode()
            if about["format"] != FORMAT or tuple(about["features"]) != FEATURES:
                raise PassageRankerUnreadable(f"{path}: trained by another version; train it again")
            questions = [json.loads(line) for line in lines]
            ranker = cls(
                tuple(AnsweredQuestion(str(each["text"]), tuple(map(str, each["relevant"]))) for each in questions),
                trees,
                Calibration(
                    float(about["calibration"]["intercept"]), tuple(map(float, about["calibration"]["weights"]))
                ),
            )
            lightgbm.Booster(model_str=trees)
        except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, lightgbm.basic.LightGBMError) as error:
            raise PassageRankerUnreadable(f"{path}: not a ranker ({error})") from error
        if len(ranker.calibration.weights) != CALIBRATION_INPUTS:
            raise PassageRankerUnreadable(f"{path}: not a ranker (numbers are missing)")
        return ranker


class BoundPassageRanker:
    """A ranker ready for use on one collection."""

    def __init__(
        self, ranker: PassageRanker, collection: Collection, positions: Places, memory: Memory | None = None
    ) -> None:
        """`memory`: of its questions in this collection, if it was kept."""
        self._ranker = ranker
        self.known = known_questions(collection, ranker.questions, positions, memory)
        self.evidence = PassageEvidence(collection, self.known)
        self._trees = lightgbm.Booster(model_str=ranker.trees)

    def ranked(self, candidates: PassageCandidates) -> tuple[Integers, Floats]:
        """Passages, best first, and for each the probability that it answers."""
        count = min(RANKED, len(candidates.passages))
        features = candidates.features[:count]
        if not count:
            return candidates.passages, np.zeros(0, np.float32)
        scores = np.asarray(self._trees.predict(features, num_threads=1))
        order = np.argsort(-scores, kind="stable")
        passages = candidates.passages[:count][order]
        inputs = calibration_inputs(scores[order], candidates.shares[:count][order], self.known.rivals(passages))
        return candidates.passages[order], self._ranker.calibration.probabilities(inputs)


def known_questions(
    collection: Collection, questions: Sequence[AnsweredQuestion], positions: Places, memory: Memory | None = None
) -> KnownQuestions:
    found = positions.of(passage for question in questions for passage in question.relevant)
    answers = [
        np.array(sorted({found[passage] for passage in question.relevant if passage in found}), np.int64)
        for question in questions
    ]
    return KnownQuestions(collection, [question.text for question in questions], answers, memory)


def train(
    collection: Collection, questions: Sequence[AnsweredQuestion], positions: Places, *, seed: int = 1
) -> PassageRanker:
    """Learn from answered questions.

    Raises:
        TooFewQuestions: not enough questions have an answer among the passages and among the candidates.
    """
    known = known_questions(collection, questions, positions)
    chance = np.random.default_rng(seed)
    lesson = _lesson(PassageEvidence(collection, known), known, chance)
    answered = np.flatnonzero(lesson.labels.any(axis=1))
    if len(answered) < 2 * _PARTS:
        raise TooFewQuestions(f"{len(answered)} questions have an answer that can be found; {2 * _PARTS} are needed")
    # The curve is fitted to questions that the trees have not seen.
    half_of = chance.permutation(len(answered)) % 2
    inputs, right = [], []
    for half in (0, 1):
        trees = _grow(lesson, answered[half_of != half], chance)
        for row in answered[half_of == half]:
            scores = trees.predict(lesson.features[row], num_threads=1)
            order = np.argsort(-scores, kind="stable")[:10]
            rivals = known.rivals(lesson.passages[row][order])
            inputs.append(calibration_inputs(scores[order], lesson.shares[row][order], rivals))
            right.append(lesson.labels[row][order])
    calibration = _calibrate(np.concatenate(inputs), np.concatenate(right))
    return PassageRanker(tuple(questions), _grow(lesson, answered, chance).model_to_string(), calibration)


@dataclass(frozen=True)
class _Lesson:
    """The candidates of each known question as if it were not known; one row per question."""

    features: Floats
    labels: NDArray[np.bool_]
    shares: Floats
    passages: Integers


def _lesson(evidence: PassageEvidence, known: KnownQuestions, chance: np.random.Generator) -> _Lesson:
    part_of = parts_of_lesson(known.answers, evidence.passage_count, chance)
    count = min(RANKED, CANDIDATES, evidence.passage_count)
    features = np.zeros((len(known), count, len(FEATURES)), np.float32)
    labels = np.zeros((len(known), count), np.bool_)
    shares = np.zeros((len(known), count), np.float32)
    passages = np.zeros((len(known), count), np.int64)
    for part in range(_PARTS):
        questions = np.flatnonzero(part_of == part)
        for question, attention in zip(questions, known.attend_as_if_unknown(questions), strict=True):
            candidates = evidence.trained(known.terms[int(question)], attention)
            features[question] = candidates.features[:count]
            labels[question] = np.isin(candidates.passages[:count], known.answers[question])
            shares[question] = candidates.shares[:count]
            passages[question] = candidates.passages[:count]
    return _Lesson(features, labels, shares, passages)


def parts_of_lesson(answers: Sequence[Integers], passage_count: int, chance: np.random.Generator) -> Integers:
    """The part of each question, 0 to 4, such that questions of one passage are in different parts.

    If they were withheld together, the passage would have no votes, and the trees would learn to avoid votes.
    """
    count = len(answers)
    turn = chance.permutation(count)
    passage = np.array([places[0] if len(places) else passage_count for places in answers], np.int64)
    first_turn = np.full(passage_count + 1, count)
    np.minimum.at(first_turn, passage, turn)
    part_of = np.zeros(count, np.int64)
    part_of[np.lexsort((turn, first_turn[passage]))] = np.arange(count) % _PARTS
    return part_of


def _grow(lesson: _Lesson, rows: Integers, chance: np.random.Generator) -> Any:
    features, labels = lesson.features[rows], lesson.labels[rows]
    data = lightgbm.Dataset(
        features.reshape(-1, features.shape[2]), labels.ravel().astype(np.int32), group=[features.shape[1]] * len(rows)
    )
    return lightgbm.train({**_TREES, "seed": int(chance.integers(2**31))}, data, _ROUNDS)


def calibration_inputs(scores: NDArray[Any], shares: Floats, rivals: NDArray[np.bool_] | None = None) -> Floats:
    """For hits in order: the score, how far it is behind the best, the lead of the best over rivals, the share covered.

    `rivals`: which hits are rivals of the first; all others if not given.
    """
    behind = scores[1:] if rivals is None else scores[rivals]
    ahead = scores[0] - behind[0] if len(behind) else 0.0
    return np.column_stack([scores, scores - scores[0], np.full(len(scores), ahead), shares]).astype(np.float32)


CALIBRATION_INPUTS = 4


def _calibrate(inputs: Floats, right: NDArray[np.bool_]) -> Calibration:
    if right.all() or not right.any():
        return Calibration(math.log(0.9 / 0.1) if right.all() else math.log(0.1 / 0.9), (0.0,) * CALIBRATION_INPUTS)
    from sklearn.linear_model import LogisticRegression  # only here, since no process that answers needs it

    curve = LogisticRegression(max_iter=1000).fit(inputs, right)
    return Calibration(float(curve.intercept_[0]), tuple(map(float, curve.coef_[0])))


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _LARGEST_MEMBER:
        raise ValueError(f"{name} is too large")
    return archive.read(name)
