"""Asks the linear model of Rasa's intent classifier directly, with the same result.

Rasa's classifier makes one wide sparse matrix of a message's features before it asks scikit-learn. For one message the
stacking of matrices takes ten times as long as the model itself.
"""

from __future__ import annotations

from typing import Any, List, Optional

import numpy as np
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.tensorflow.constants import RANKING_LENGTH


def features_of_sentence(message: Message) -> List[Features]:
    return [one for one in message.features if one.attribute == TEXT and one.type == FEATURE_TYPE_SENTENCE]


class LinearIntents:
    """A trained classifier of one intent against the rest (`solver: liblinear`)."""

    def __init__(self, classifier: Any) -> None:
        # Row by row, so that the weights of one feature lie together. scikit-learn reads either order.
        classifier.coef_ = np.asfortranarray(classifier.coef_)
        self._weights = classifier.coef_.T
        self._intercept = classifier.intercept_

    def probabilities(self, message: Message) -> Optional[np.ndarray]:
        """The probability of each intent, in the order of the classifier's own; None if the features are of other
        kinds than the sparse ones of whole sentences."""
        features = features_of_sentence(message)
        if not features or any(one.is_dense() for one in features):
            return None
        decision, offset = self._intercept.copy(), 0
        for one in features:
            row = one.features.tocsr()
            decision += row.data @ self._weights[row.indices + offset]
            offset += row.shape[1]
        if offset != len(self._weights):
            return None
        # Each intent by itself against the rest, then scaled to a sum of one, as scikit-learn does for this solver.
        likely = 1 / (1 + np.exp(-decision))
        return np.asarray(likely / likely.sum())


def ask_directly() -> None:
    """Makes Rasa's `LogisticRegressionClassifier` answer by `LinearIntents` where that can be."""
    whole_process = LogisticRegressionClassifier.process

    def process(self: LogisticRegressionClassifier, messages: List[Message]) -> List[Message]:
        linear = getattr(self, "_linear", None) or LinearIntents(self.clf)
        self._linear = linear
        for message in messages:
            probabilities = linear.probabilities(message)
            if probabilities is None:
                whole_process(self, [message])
                continue
            ranking = [{"name": k, "confidence": v} for k, v in zip(self.clf.classes_, probabilities)]
            ranking.sort(key=lambda one: -one["confidence"])
            message.set(INTENT, ranking[0], add_to_output=True)
            length = self.config[RANKING_LENGTH]
            message.set("intent_ranking", ranking[:length] if length > 0 else ranking, add_to_output=True)
        return messages

    LogisticRegressionClassifier.process = process
