"""The learnt ranker, its curves of probability and the alignment of vectors, in one file that holds no code."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.alignment import Alignment
from bot.answering.evidence import Candidates, Corpus
from bot.answering.facets import FacetModel
from bot.answering.units import FACETS
from bot.search.boosting import lightgbm

Floats = NDArray[np.float32]

FORMAT = 5
OFFERED = 3
_LARGEST_MEMBER = 64 * 1024 * 1024
_OF_FIRST = (
    "sum", "sum_share", "pair_share", "title_pair_share", "word_share", "title_word_share", "rarest", "name_cosine",
    "name_share", "name_whole", "absent_longest", "near_unit", "near_owner", "near_owner_lead", "strange_share",
    "strange_mass", "strange_run", "facet_probability", "wants_held", "wants_missing", "same_owner", "topic_likeness",
    "topic_sum_share", "whole_sum_share", "core_length", "message_length", "word_count", "sort", "sort_before",
    "vector", "vector_behind", "in_force", "vector_standing", "vector_owner_lead", "vector_near_unit",
    "vector_near_owner", "vector_near_owner_lead", "fused_behind", "aligned", "aligned_behind", "aligned_rank",
    "aligned_standing", "aligned_owner_lead", "aligned_topic_standing", "aligned_topic_rank",
)  # fmt: skip


class RankerUnreadable(Exception):
    """The file is no ranker, or one of another version: train it again."""


@dataclass(frozen=True)
class Ranked:
    """A candidate: its unit's position in the corpus, and its score."""

    place: int
    score: float


@dataclass(frozen=True)
class Judgement:
    """`ranked`: best first. `first` is the probability that the first answers, `any` that one of the first three is of
    some help."""

    ranked: tuple[Ranked, ...]
    first: float
    any: float


@dataclass(frozen=True)
class Ranker:
    trees: str
    first_curve: str
    any_curve: str
    features: tuple[str, ...]
    facets: FacetModel
    alignment: Alignment

    def save(self, path: Path) -> None:
        about = {"format": FORMAT, "features": list(self.features), "facets": list(FACETS)}
        lines = [
            json.dumps([gram, _rounded(self.facets.weights[gram])], ensure_ascii=False)
            for gram in sorted(self.facets.weights)
        ]
        unfinished = path.with_name(path.name + ".unfinished")
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("ranker.json", json.dumps(about, indent=1))
            archive.writestr("trees.txt", self.trees)
            archive.writestr("first.txt", self.first_curve)
            archive.writestr("any.txt", self.any_curve)
            archive.writestr("alignment.npy", self.alignment.packed())
            archive.writestr("facets.jsonl", "\n".join([json.dumps(_rounded(self.facets.prior)), *lines]))
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> Ranker:
        """
        Raises:
            RankerUnreadable: the file is no ranker, or was trained by another version.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                about = json.loads(_member(archive, "ranker.json"))
                if about["format"] != FORMAT or tuple(about["facets"]) != FACETS:
                    raise RankerUnreadable(f"{path}: trained by another version; train it again")
                lines = _member(archive, "facets.jsonl").decode().split("\n")
                # Together, since one by one the tens of thousands of lines take half a second.
                prior, *rows = json.loads(f"[{','.join(lines)}]")
                grams, weights = [gram for gram, _ in rows], np.array([row for _, row in rows], np.float32)
                facets = FacetModel(dict(zip(grams, weights, strict=True)), np.array(prior, np.float32))
                trees, first, any_ = (_member(archive, name).decode() for name in ("trees.txt", "first.txt", "any.txt"))
                alignment = Alignment.unpacked(_member(archive, "alignment.npy"))
                return cls(trees, first, any_, tuple(about["features"]), facets, alignment)
        except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
            raise RankerUnreadable(f"{path}: not a ranker ({error})") from error


class BoundRanker:
    """A ranker ready for use; threads may share it."""

    def __init__(self, ranker: Ranker) -> None:
        self._trees = lightgbm.Booster(model_str=ranker.trees)
        self._first = lightgbm.Booster(model_str=ranker.first_curve)
        self._any = lightgbm.Booster(model_str=ranker.any_curve)

    def judge(self, candidates: Candidates, corpus: Corpus) -> Judgement:
        if not len(candidates.units):
            return Judgement((), 0.0, 0.0)
        scores = np.asarray(self._trees.predict(candidates.features, num_threads=1))
        order = in_order(scores)
        row = curve_row(scores, order, candidates, corpus)[None]
        first, any_ = (float(np.asarray(curve.predict(row, num_threads=1))[0]) for curve in (self._first, self._any))
        ranked = tuple(Ranked(int(candidates.units[place]), float(scores[place])) for place in order)
        return Judgement(ranked, first, max(first, any_))


def in_order(scores: Any) -> list[int]:
    """The places of the candidates, best first."""
    return [int(place) for place in np.argsort(-scores, kind="stable")]


def curve_row(scores: Any, order: Sequence[int], candidates: Candidates, corpus: Corpus) -> Floats:
    """The input of the curves: the first unit's evidence, and how far it leads."""
    names: Mapping[str, int] = {name: column for column, name in enumerate(candidates.names)}
    first = order[0]
    owners = corpus.owner_of[candidates.units]
    sorts = corpus.sort_of[candidates.units]
    others = [place for place in order if owners[place] != owners[first]]
    another_sort = [place for place in order if sorts[place] != sorts[first]]
    own = candidates.features[first, [names[name] for name in _OF_FIRST]]
    best = scores[first]
    lead = [
        best,
        best - scores[order[1]] if len(order) > 1 else 9.0,
        best - scores[order[2]] if len(order) > 2 else 9.0,
        best - scores[others[0]] if others else 9.0,
        best - scores[another_sort[0]] if another_sort else 9.0,
        best - float(np.mean(scores)),
        float(len({int(owners[place]) for place in order[:OFFERED]})),
        float(len({int(sorts[place]) for place in order[:OFFERED]})),
        float(sorts[order[1]]) if len(order) > 1 else -1.0,
        float(sorts[order[2]]) if len(order) > 2 else -1.0,
        float(max(candidates.features[:, names["sum"]])),
        float(max(candidates.features[:, names["near_owner"]])),
        float(max(candidates.features[:, names["name_cosine"]])),
    ]
    return np.concatenate([lead, own]).astype(np.float32)


def _rounded(weights: Floats) -> list[float]:
    return [round(float(weight), 3) for weight in weights]


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > _LARGEST_MEMBER:
        raise ValueError(f"{name} is too large")
    return archive.read(name)
