"""The trainer's short cuts give what Rasa gives, tested in the engine's own environment."""

from __future__ import annotations

import pytest

from tests.engine.test_launcher import in_engine

pytestmark = pytest.mark.slow

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


def test_each_file_of_training_data_is_read_once() -> None:
    is_same, is_enough, before, after = in_engine(READING)
    assert is_same
    assert is_enough
    assert before > 1
    assert after == 1
