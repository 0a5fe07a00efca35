"""The trainer's short cuts give what Rasa gives, tested in the engine's own environment."""

from __future__ import annotations

import pytest

from tests.engine.test_launcher import in_engine

pytestmark = pytest.mark.slow

FEATURES = """
import json
from bot.engine import trainer
import numpy as np
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix

def message(*features):
    made = Message(data={"text": "x"})
    for number, row in enumerate(features):
        for kind, rows in (("sequence", [row, row]), ("sentence", [row])):
            values = np.array(rows) if dense else csr_matrix(rows)
            made.add_features(Features(values, kind, TEXT, str(number)))
    return made

dense = False
alike = [message([1, 0, 2], [0, 3]), message([0, 0, 0], [4, 0])]
dense = True
dense_ones = [message([1.5, 0.0]), message([0.0, 2.5])]
classifier = LogisticRegressionClassifier.__new__(LogisticRegressionClassifier)
stock = [classifier._create_X(messages).toarray().tolist() for messages in (alike, dense_ones)]
trainer.stack_features_together()
print(json.dumps([stock, [classifier._create_X(messages).toarray().tolist() for messages in (alike, dense_ones)]]))
"""

READING = """
import json
from bot.engine import trainer
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data import loading

read = []
whole = loading.load_data
loading.load_data = lambda path, language: read.append(path) or whole(path, language)

def examples():
    read.clear()
    importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data/nlu/smalltalk.yml"])
    importer.get_domain()
    found = [importer.get_nlu_data(), importer.get_nlu_data(language="zh")]
    return [sorted(one.get("text") or "" for one in data.training_examples) for data in found]

stock, times = examples(), len(read)
trainer.read_training_data_once()
once = examples()
print(json.dumps([stock == once, len(stock[0]) > 10, times, len(read)]))
"""


def test_features_stacked_together_are_those_stacked_one_by_one() -> None:
    stock, together = in_engine(FEATURES)
    assert together == stock
    assert stock[0] == [[1, 0, 2, 0, 3], [0, 0, 0, 4, 0]]


def test_each_file_of_training_data_is_read_once() -> None:
    is_same, is_enough, before, after = in_engine(READING)
    assert is_same
    assert is_enough
    assert before > 1
    assert after == 1
