"""One component for the intent gives what three of Rasa's give, tested in the engine's own environment."""

from __future__ import annotations

import pytest

from tests.engine.test_launcher import in_engine

pytestmark = pytest.mark.slow

SAME = """
import json, tempfile
from pathlib import Path
from bot.engine.intents import Intents
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

SAID = {
    "ask_fee": ["护照 多少 钱", "办证 要 收 费 吗", "居住证 工本费 20 元 吗", "多少 钱"],
    "ask_time": ["护照 要 多 久", "几 天 能 拿到", "办 下来 要 30 个 工作日 吗", "什么 时候 能 好"],
    "greet": ["你好", "您 好 呀", "hello Ａ b1", "在 吗 ？"],
}
ASKED = ["护照 要 多少 天", "hello , 在 吗", "从 没 说 过 的", "2026 年 的 iPhone15", "？", "钱 钱 钱"]

def message(text, intent=None):
    tokens = [Token(word, 0) for word in text.split()]
    return Message(data={"text": text, "text_tokens": tokens, **({"intent": intent} if intent else {})})

folder = Path(tempfile.mkdtemp())
kept, context = LocalModelStorage(folder), ExecutionContext(GraphSchema({}), node_name="node")

def data():
    return TrainingData([message(text, intent) for intent, texts in SAID.items() for text in texts])

def ranked(components):
    found = []
    for text in ASKED:
        asked = [message(text)]
        for component in components:
            component.process(asked)
        found.append({str(one["name"]): round(float(one["confidence"]), 5) for one in asked[0].get("intent_ranking")})
    return found

stock, examples = [], data()
for number, (kind, more) in enumerate((
    (CountVectorsFeaturizer, {}),
    (CountVectorsFeaturizer, {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}),
    (LogisticRegressionClassifier, {"solver": "liblinear"}),
)):
    context.node_name = f"stock{number}"
    component = kind.create({**kind.get_default_config(), **more}, kept, Resource(f"stock{number}"), context)
    component.train(examples)
    if kind is CountVectorsFeaturizer:
        component.process_training_data(examples)
    stock.append(component)
Intents.create({}, kept, Resource("own"), context).train(data())
own = Intents.load({}, kept, Resource("own"), context)
answers = ranked([own])
print(json.dumps([ranked(stock), answers, [max(each, key=each.get) for each in answers[:2]]]))
"""


def test_intents_and_confidences_are_those_of_rasas_own_components() -> None:
    stock, own, first = in_engine(SAME)
    assert own == stock
    assert first == ["ask_fee", "greet"]
