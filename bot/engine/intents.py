"""Which intent a message has: one linear classifier over its words and characters.

It is the model that two of Rasa's `CountVectorsFeaturizer` (words; `char_wb`, 1 to 4) and its
`LogisticRegressionClassifier` make. Those pass sparse matrices on, also one for each single word, which nothing here
reads. Making them takes three times as long as asking the model.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, Dict, Iterator, List, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
    TEXT_TOKENS,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

# Number of characters of the longest run.
LONGEST_RUN = 4
# How many intents the ranking of a message holds, as in Rasa.
RANKED = 10
_NUMBER = re.compile(r"\b[0-9]+\b")
_WORD = re.compile(r"\b\w+\b")
# Marks a whole word. No run of characters contains it, and it is sorted before all of them.
_WHOLE = "\n"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Intents(GraphComponent, IntentClassifier):
    """Sets `intent` and `intent_ranking`, as Rasa's classifiers do."""

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        return [Tokenizer]

    def __init__(self, model_storage: ModelStorage, resource: Resource) -> None:
        self._model_storage, self._resource = model_storage, resource
        self._take([], [], np.zeros((0, 0)), np.zeros(0))

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Intents:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Intents:
        component = cls(model_storage, resource)
        with model_storage.read_from(resource) as folder:
            about = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as kept:
                component._take(about["intents"], about["features"], kept["weights"], kept["intercept"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        from sklearn.feature_extraction import DictVectorizer  # only here, since the engine that answers needs neither
        from sklearn.linear_model import LogisticRegression

        examples = [one for one in training_data.intent_examples if one.get(TEXT) and one.get(INTENT)]
        counted = DictVectorizer()
        matrix = counted.fit_transform([features_of(one) for one in examples])
        # One intent against the rest: as good here as the multinomial loss, and trained in a twentieth of the time.
        model = LogisticRegression(solver="liblinear", class_weight="balanced", random_state=42)
        model.fit(matrix, [one.get(INTENT) for one in examples])
        # Feature by feature, so that the weights of one lie together; half as many digits are enough.
        weights = np.ascontiguousarray(model.coef_.T, np.float32)
        self._take([str(name) for name in model.classes_], counted.feature_names_, weights, model.intercept_)
        with self._model_storage.write_to(self._resource) as folder:
            about = {"intents": self._intents, "features": counted.feature_names_}
            (folder / "intents.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
            np.savez(folder / "weights.npz", weights=self._weights, intercept=self._intercept)
        return self._resource

    def _take(self, intents: List[Text], features: List[Text], weights: np.ndarray, intercept: np.ndarray) -> None:
        self._intents, self._weights, self._intercept = intents, weights, intercept
        self._places = {feature: place for place, feature in enumerate(features)}

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranked = self._ranked(message)
            message.set(INTENT, ranked[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranked[:RANKED], add_to_output=True)
        return messages

    def _ranked(self, message: Message) -> List[Dict[Text, Any]]:
        known = [(self._places[one], times) for one, times in features_of(message).items() if one in self._places]
        decision = self._intercept.copy()
        if known:
            places, times = zip(*known)
            decision += np.array(times, np.float32) @ self._weights[list(places)]
        # Each intent by itself against the rest, then scaled to a sum of one, as scikit-learn does for this solver.
        likely = 1 / (1 + np.exp(-decision))
        likely /= likely.sum()
        return [
            {INTENT_NAME_KEY: self._intents[place], PREDICTED_CONFIDENCE_KEY: float(likely[place])}
            for place in np.argsort(-likely, kind="stable")
        ]


def features_of(message: Message) -> Counter[Text]:
    """The words of the message and its runs of characters, with how often each occurs."""
    tokens = [_NUMBER.sub("__NUMBER__", token.lemma).lower() for token in message.get(TEXT_TOKENS) or []]
    return Counter(feature for token in tokens for feature in (*_words(token), *_runs(token)))


def _words(token: Text) -> Iterator[Text]:
    return (_WHOLE + word for word in _WORD.findall(token))


def _runs(token: Text) -> Iterator[Text]:
    """Runs of one to four characters within the parts between white space, each part with a space on both sides.

    A part shorter than the run counts once.
    """
    for part in token.split():
        padded = f" {part} "
        for length in range(1, LONGEST_RUN + 1):
            for start in range(max(len(padded) - length, 0) + 1):
                yield padded[start : start + length]
            if length >= len(padded):
                break
