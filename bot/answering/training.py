"""Trains the ranker on the shipped wordings, and on labelled letters, dialogues and questions where they are given.

The evidence of an example comes from an index that does not know its wording: the shipped wordings are held out in five
folds. The curves, which give the probabilities, are fitted to scores of rankers that had not seen the message. The
aligned vectors of a message come from an alignment that had not seen it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.alignment import Alignment
from bot.answering.encoding import Encoding
from bot.answering.evidence import Candidates, Context, Corpus, Evidence
from bot.answering.examples import FOLDS, Example, fold_of, known, weight_of
from bot.answering.facets import FacetModel
from bot.answering.judging import OK, RIGHT, USELESS, WRONG, judge, outcome_of
from bot.answering.meaning import Meaning
from bot.answering.ranker import OFFERED, Ranker, curve_row, in_order
from bot.answering.service import Certainty, certainty_of
from bot.answering.units import Sort
from bot.answering.wordings import Wording
from bot.search.boosting import lightgbm

_CURVE_WEIGHTS = {
    "letter": 3.0, "turn": 3.0, "policy": 2.0, "public": 1.0, "own letter": 1.0, "own turn": 1.0, "question": 0.5,
    "nothing": 1.0, "context": 0.3,
}  # fmt: skip
# The most examples that are learnt from, for sources that ship.
_MOST = {"item": 1500, "absent": 900, "doc": 600, "context": 300, "nothing": 300}
# Sources of few examples: the trees learn from all of their candidates.
_WHOLE = ("letter", "public", "own letter", "turn", "own turn", "question", "policy")
_FOREIGN_CONTEXTS = 0.35
# Candidates kept for a shipped example: the right ones, then the nearest by words or by meaning.
_HARDEST = 40
_ROUNDS, _CURVE_ROUNDS = 240, 120
_TREES = {
    "objective": "lambdarank",
    "learning_rate": 0.08,
    "num_leaves": 15,
    "min_data_in_leaf": 20,
    "lambdarank_truncation_level": 8,
    "label_gain": [0, 1, 3],
    "lambda_l2": 5,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 127,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
    "seed": 1,
}
_CURVE = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "max_bin": 63,
    "num_threads": 1,
    "verbose": -1,
    "seed": 3,
}
_BEST, _OK = 2, 1


@dataclass(frozen=True)
class TrainingRow:
    """An example with its evidence.

    `labels`: 2 for a candidate that is best, 1 for one of some help, 0 for others. `meant`: the same row with the
    evidence of the encoder, if it was asked.
    """

    example: Example
    corpus: Corpus
    candidates: Candidates
    labels: NDArray[np.int64]
    fold: int
    meant: TrainingRow | None = None

    @classmethod
    def of(cls, example: Example, evidence: Evidence, fold: int, meaning: Meaning | None = None) -> TrainingRow:
        reading = evidence.read(example.text, example.context)
        row = cls._of(example, evidence, fold, reading.candidates())
        if meaning is None:
            return row
        candidates = reading.candidates(reading.meant_by(meaning))
        return replace(row, meant=cls._of(example, evidence, fold, candidates))

    @classmethod
    def _of(cls, example: Example, evidence: Evidence, fold: int, candidates: Candidates) -> TrainingRow:
        best, ok = set(example.best), set(example.ok)
        names = [evidence.corpus.units[place].name for place in candidates.units]
        labels = [_BEST if name in best else _OK if name in ok else 0 for name in names]
        return cls(example, evidence.corpus, candidates, np.array(labels, np.int64), fold)


def examples_of(corpus: Corpus, wordings: Sequence[Wording]) -> list[Example]:
    """The shipped wordings that are learnt from, as examples."""
    return _with_foreign_contexts(_some(list(known(wordings, corpus.units))), corpus)


def questions_of(examples: Sequence[Example], corpus: Corpus) -> list[str]:
    """The texts of these examples that need a vector."""
    return [text for example in examples for text in corpus.questions(example.text, example.context)]


def rows_of_wordings(
    chosen: Sequence[Example],
    corpus: Corpus,
    wordings: Sequence[Wording],
    encoding: Encoding | None = None,
    said: Callable[[str], None] = print,
) -> list[TrainingRow]:
    """Rows of the examples that `examples_of` chose; the index for each fold knows only the wordings of the others."""
    rows = []
    for fold in range(FOLDS):
        others = [wording for wording in wordings if fold_of(wording.group) != fold]
        evidence = Evidence.of(corpus, others, FacetModel.learnt_from(others))
        meaning = encoding.meaning(evidence, fold) if encoding else None
        rows += [
            TrainingRow.of(example, evidence, fold, meaning) for example in chosen if fold_of(example.group) == fold
        ]
        said(f"part {fold + 1} of {FOLDS}: {len(rows)} wordings")
    return [row for row in rows if len(row.candidates.units)]


def rows_of(examples: Sequence[Example], evidence: Evidence, encoding: Encoding | None = None) -> list[TrainingRow]:
    """Rows of labelled messages, which no index knows."""
    meanings = [encoding.meaning(evidence, fold) if encoding else None for fold in range(FOLDS)]
    folds = [fold_of(example.group) for example in examples]
    rows = [TrainingRow.of(each, evidence, fold, meanings[fold]) for each, fold in zip(examples, folds, strict=True)]
    return [row for row in rows if len(row.candidates.units)]


@dataclass(frozen=True)
class TrainedRanker:
    """A trained ranker and its figures.

    `report`: source → shares of its messages by verdict, each judged by a ranker that had not seen it. `by_words`: the
    same without the encoder.
    """

    ranker: Ranker
    report: dict[str, dict[str, float]]
    by_words: dict[str, dict[str, float]]


def teach(
    rows: Sequence[TrainingRow], facets: FacetModel, aligned: Alignment, said: Callable[[str], None] = print
) -> TrainedRanker:
    every = [each for row in rows for each in (row, row.meant) if each]
    drawn = _drawn(every, said)
    of_row = {id(row): each for row, each in zip(every, drawn, strict=True)}
    chances = _chances(every, drawn)
    first, any_ = _curves(every, drawn, lambda row: True)
    ranker = Ranker(
        _grow(every).model_to_string(),
        first.model_to_string(),
        any_.model_to_string(),
        tuple(rows[0].candidates.names),
        facets,
        aligned,
    )
    by_words = [_Judged.of(row, of_row[id(row)], chances[id(row)]) for row in rows]
    with_encoder = [
        _Judged.of(row.meant, of_row[id(row.meant)], chances[id(row.meant)], is_asked=True)
        if row.meant and judged.certainty is not Certainty.SURE
        else judged
        for row, judged in zip(rows, by_words, strict=True)
    ]
    return TrainedRanker(ranker, _report(with_encoder), _report(by_words))


def _drawn(rows: Sequence[TrainingRow], said: Callable[[str], None]) -> list[_Drawn]:
    """Ranks the candidates of each row by trees that had not seen its message."""
    drawn: list[Any] = [None] * len(rows)
    for fold in range(FOLDS):
        trees = _grow([row for row in rows if row.fold != fold])
        for number, row in enumerate(rows):
            if row.fold == fold:
                drawn[number] = _Drawn.of(row, trees.predict(row.candidates.features, num_threads=1))
        said(f"fold {fold + 1} of {FOLDS}")
    return drawn


def _chances(rows: Sequence[TrainingRow], drawn: Sequence[_Drawn]) -> dict[int, tuple[float, float]]:
    """`id` of a row → the probabilities that the first unit answers and that one of three helps.

    Each comes from curves that had not seen the message.
    """
    chances: dict[int, tuple[float, float]] = {}
    for fold in range(FOLDS):
        curves = _curves(rows, drawn, lambda row, fold=fold: row.fold != fold)  # type: ignore[misc]
        held_out = [number for number, row in enumerate(rows) if row.fold == fold]
        inputs = np.array([drawn[number].row for number in held_out])
        of_first, of_any = (np.asarray(curve.predict(inputs, num_threads=1)) for curve in curves)
        for number, first, any_ in zip(held_out, of_first, of_any, strict=True):
            chances[id(rows[number])] = (float(first), float(max(first, any_)))
    return chances


@dataclass(frozen=True)
class _Drawn:
    """The candidates in the order of a ranker that had not seen the message, and `row`, the input of the curves."""

    order: list[int]
    row: NDArray[np.float32]
    is_first_best: bool
    helps: bool

    @classmethod
    def of(cls, row: TrainingRow, scores: Any) -> _Drawn:
        order = in_order(scores)
        labels = row.labels[order]
        inputs = curve_row(scores, order, row.candidates, row.corpus)
        return cls(order, inputs, bool(labels[0] == _BEST), bool((labels[:OFFERED] > 0).any()))


def _some(examples: Sequence[Example]) -> list[Example]:
    chance = np.random.default_rng(1)
    by_source: dict[str, list[Example]] = {}
    for example in examples:
        by_source.setdefault(example.source, []).append(example)
    return [
        own[int(place)]
        for source, own in by_source.items()
        for place in chance.permutation(len(own))[: _MOST.get(source, len(own))]
    ]


def _with_foreign_contexts(examples: Sequence[Example], corpus: Corpus) -> list[Example]:
    """Gives some examples an unrelated context, so that the ranker does not rely on the context too much."""
    chance = np.random.default_rng(2)
    shown = [unit.name for unit in corpus.units if unit.sort in (Sort.ITEM, Sort.PASSAGE)]
    return [
        replace(example, context=Context((shown[int(chance.integers(len(shown)))],)))
        if example.source in ("item", "absent", "doc") and chance.random() < _FOREIGN_CONTEXTS
        else example
        for example in examples
    ]


def _grow(rows: Sequence[TrainingRow]) -> Any:
    features, labels, groups, weights = [], [], [], []
    for row in rows:
        weight = weight_of(row.example)
        if not weight or not row.labels.any():
            continue
        chosen = _pruned(row)
        features.append(row.candidates.features[chosen])
        labels.append(row.labels[chosen])
        groups.append(len(chosen))
        weights += [weight] * len(chosen)
    data = lightgbm.Dataset(np.concatenate(features), np.concatenate(labels), group=groups, weight=np.array(weights))
    return lightgbm.train(_TREES, data, _ROUNDS)


def _pruned(row: TrainingRow) -> NDArray[np.int64]:
    if row.example.source in _WHOLE or len(row.labels) <= _HARDEST:
        return np.arange(len(row.labels))
    names = list(row.candidates.names)
    by_words, by_meaning = (row.candidates.features[:, names.index(name)] for name in ("sum_rank", "vector_rank"))
    ranks = np.fmin(by_words, by_meaning)
    ranks[row.labels > 0] = -1
    return np.argsort(ranks, kind="stable")[:_HARDEST]


def _curves(
    rows: Sequence[TrainingRow], drawn: Sequence[_Drawn], is_used: Callable[[TrainingRow], bool]
) -> tuple[Any, Any]:
    used = [number for number, row in enumerate(rows) if is_used(row)]
    inputs = np.array([drawn[number].row for number in used])
    weights = np.array([_CURVE_WEIGHTS.get(rows[number].example.source, 0.5) for number in used])
    first = np.array([drawn[number].is_first_best for number in used], np.float32)
    helps = np.array([drawn[number].helps for number in used], np.float32)
    trained = [
        lightgbm.train(_CURVE, lightgbm.Dataset(inputs, wanted, weight=weights), _CURVE_ROUNDS)
        for wanted in (first, helps)
    ]
    return trained[0], trained[1]


@dataclass(frozen=True)
class _Judged:
    source: str
    certainty: Certainty
    verdict: str
    is_asked: bool

    @classmethod
    def of(cls, row: TrainingRow, drawn: _Drawn, chances: tuple[float, float], *, is_asked: bool = False) -> _Judged:
        certainty = certainty_of(*chances, row.example.text)
        return cls(_named(row.example), certainty, _verdict(row, drawn, certainty), is_asked)


def _report(judged: Sequence[_Judged]) -> dict[str, dict[str, float]]:
    """Shares of verdicts by source. `asked`: the share for which the encoder was asked."""
    by_source: dict[str, list[_Judged]] = {}
    for each in judged:
        by_source.setdefault(each.source, []).append(each)
    return {
        source: _shares([each.verdict for each in own])
        | {
            "sure and wrong": round(
                sum(each.certainty is Certainty.SURE and each.verdict == WRONG for each in own) / len(own), 3
            )
        }
        | {"asked": round(sum(each.is_asked for each in own) / len(own), 3)}
        for source, own in sorted(by_source.items())
    }


def _named(example: Example) -> str:
    return f"{example.source} {example.kind}".strip() if example.source == "letter" else example.source


def _verdict(row: TrainingRow, drawn: _Drawn, certainty: Certainty) -> str:
    example = row.example
    if example.outcomes:
        units = [row.corpus.units[row.candidates.units[place]] for place in drawn.order[:OFFERED]]
        said = ["refuse"] if certainty is Certainty.NONE else [outcome_of(unit) for unit in units]
        return judge(said, example.outcomes, example.ok_outcomes, example.kind, likely=certainty is Certainty.LIKELY)
    if certainty is Certainty.NONE:
        return USELESS if example.best else RIGHT
    return RIGHT if drawn.is_first_best else OK if drawn.helps else WRONG


def _shares(verdicts: Sequence[str]) -> dict[str, float]:
    count = len(verdicts)
    return {"n": count} | {name: round(verdicts.count(name) / count, 3) for name in (RIGHT, OK, USELESS, WRONG)}
