"""Applies the trees of a trained scikit-learn gradient boosting classifier to a few rows at a time.

scikit-learn's own `predict_proba` checks its input and prepares threads at every call. For six rows this takes ten
times as long as the trees themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier


class BoostedTrees:
    """The trees of a classifier with two classes, whose features are all numbers and never missing.

    The nodes of all trees are stored in one array. A leaf is its own child, so that every row can take the same number
    of steps down.
    """

    def __init__(self, classifier: HistGradientBoostingClassifier) -> None:
        trees = [tree.nodes for (tree,) in classifier._predictors]
        self._roots = np.cumsum([0, *(len(nodes) for nodes in trees[:-1])])
        nodes = np.concatenate(trees)
        before = np.repeat(self._roots, [len(tree) for tree in trees])
        own, is_leaf = np.arange(len(nodes)), nodes["is_leaf"].astype(bool)
        self._feature = np.where(is_leaf, 0, nodes["feature_idx"]).astype(np.int64)
        self._threshold = np.where(is_leaf, np.inf, nodes["num_threshold"])
        self._left = np.where(is_leaf, own, nodes["left"] + before)
        self._right = np.where(is_leaf, own, nodes["right"] + before)
        self._value = nodes["value"].copy()
        self._steps = int(nodes["depth"].max())
        self._baseline = float(classifier._baseline_prediction.item())

    def probabilities(self, rows: np.ndarray) -> np.ndarray:
        """The probability of the second class for each row of features."""
        places = np.repeat(self._roots[None], len(rows), axis=0)
        numbers = np.arange(len(rows))[:, None]
        for _ in range(self._steps):
            goes_left = rows[numbers, self._feature[places]] <= self._threshold[places]
            places = np.where(goes_left, self._left[places], self._right[places])
        return 1 / (1 + np.exp(-(self._baseline + self._value[places].sum(axis=1))))
