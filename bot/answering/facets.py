"""A linear classifier of characters that tells which facet of an item a message asks about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answering.units import FACETS
from bot.answering.wordings import Wording

# “能领多久” asks how long people get something, not how long it takes; “一个月多少” what they get, not what it costs.
# Both ask for the result.
_HAS_IT = re.compile(r"(?:领|拿|发|享受|管|有效|用)[^,。?]{0,3}(?:多久|多长|好久|几个?月|几年|多少个?月|多少年)")
_GETS = re.compile(
    r"(?:津贴|补贴|补助|低保|失业金|养老金|待遇|能领|能拿|能提|报销|一个?月|每个?月|一年).{0,6}(?:多少|好多|几百|几块)"
    r"|(?:多少|好多)钱?一个?月"
)
_TIME_LIMIT, _FEE, _RESULT = (FACETS.index(facet) for facet in ("time_limit", "fee", "result"))
_LEFT = 0.1


def grams(text: str) -> set[str]:
    plain = f"^{text}$"
    return {plain[start : start + size] for size in (1, 2, 3) for start in range(len(plain) - size + 1)}


@dataclass(frozen=True)
class FacetModel:
    """Log-odds of each run of characters for each of `FACETS`."""

    weights: dict[str, NDArray[np.float32]]
    prior: NDArray[np.float32]

    @classmethod
    def learnt_from(cls, wordings: Sequence[Wording]) -> FacetModel:
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression

        taught = [(wording.text, wording.facet) for wording in wordings if wording.facet in FACETS]
        rows = [dict.fromkeys(grams(text), 1.0) for text, _ in taught]
        vectoriser = DictVectorizer(dtype=np.float32)
        matrix = vectoriser.fit_transform(rows)
        model = LogisticRegression(C=0.5, max_iter=40, tol=1e-3).fit(
            matrix, [FACETS.index(facet) for _, facet in taught]
        )
        weights = np.zeros((matrix.shape[1], len(FACETS)), np.float32)
        prior = np.full(len(FACETS), -9.0, np.float32)
        for row, facet in enumerate(model.classes_):
            weights[:, facet] = model.coef_[row]
            prior[facet] = model.intercept_[row]
        names = vectoriser.get_feature_names_out()
        strong = np.abs(weights).max(axis=1) > 0.02
        return cls({str(names[row]): weights[row] for row in np.flatnonzero(strong)}, prior)

    def probabilities(self, text: str) -> NDArray[np.float32]:
        scores = self.prior.copy()
        for gram in grams(text):
            if gram in self.weights:
                scores = scores + self.weights[gram]
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        for pattern, facet in ((_HAS_IT, _TIME_LIMIT), (_GETS, _FEE)):
            if pattern.search(text):
                shares[_RESULT] += (1 - _LEFT) * shares[facet]
                shares[facet] *= _LEFT
        return np.asarray(shares, np.float32)


NO_FACETS = FacetModel({}, np.zeros(len(FACETS), np.float32))
