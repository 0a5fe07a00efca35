"""Finds in a message what the actions need: items, facets, an ordinal, a receipt, a query code, a route, a bare place.

Stock extractors are of no use here: DIET joins neighbouring Chinese tokens into one entity (Rasa issue 5972), and
a look-up table knows no wording that is not in it. Items come from the learnt ranking of `bot/engine/matters.py`.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.lexicon import Lexicon
from bot.engine.matters import ABSENT, CONTEXT, OTHER, Example, Judgement, MatterModel
from bot.engine.normaliser import CORRECTED
from bot.language.districts import ONLY_PLACE
from bot.language.facets import named_facets
from bot.language.negation import affirmed
from bot.language.ordinals import ordinal
from bot.language.questions import asking_clause
from bot.language.receipts import find_query_code, find_receipt
from bot.language.triggers import Routes
from bot.sealing import own_sealer

# From probability CERTAIN the message means the item, and also every other item with at least RIVAL times its
# probability. Between POSSIBLE and CERTAIN the item is offered for choice. Chosen on the dev half of
# `bot/evaluation/sets/messages.jsonl`.
CERTAIN = 0.35
POSSIBLE = 0.2
RIVAL = 0.3
MOST_CHOICES = 4

# What the examples of an intent are about when they name no item.
_ABOUT = {
    "choose": CONTEXT,
    "ask_policy": OTHER,
    "ask_disclosure_status": OTHER,
    "file_disclosure": OTHER,
    "forgot_query_code": OTHER,
    "ask_receipt_number": OTHER,
    "handoff": OTHER,
    "ask_person": OTHER,
    "ask_case": OTHER,
    "add_to_case": OTHER,
    "withdraw_case": OTHER,
    "complain": OTHER,
    "suggest": OTHER,
    "praise": OTHER,
    "request_help": OTHER,
    "leave_contact": OTHER,
    "delete_records": OTHER,
    "confirm_deletion": OTHER,
    "feedback_wrong": OTHER,
    "greet": OTHER,
    "thank": OTHER,
    "goodbye": OTHER,
    "who_are_you": OTHER,
    "out_of_scope": OTHER,
    "ask_route": OTHER,
}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class Recogniser(GraphComponent, EntityExtractorMixin):
    """Learns from examples whose `metadata.item` is a code, several codes with commas, “context” or “absent”."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"certain": CERTAIN, "possible": POSSIBLE}

    def __init__(
        self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, model: MatterModel
    ) -> None:
        self._certain, self._possible = config["certain"], config["possible"]
        self._model_storage, self._resource = model_storage, resource
        self._model = model
        lexicon = Lexicon.of_settings()
        self._routes, self._districts = Routes(lexicon.routes), lexicon.districts

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Recogniser:
        return cls(config, model_storage, resource, MatterModel())

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Recogniser:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, joblib.load(folder / "matters.joblib"))

    def train(self, training_data: TrainingData) -> Resource:
        self._model.fit(training_examples(training_data), Lexicon.of_settings())
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / "matters.joblib")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                found = [self._entity(text, name, value) for name, value in self._recognise(text)]
                if message.get(CORRECTED):
                    found.append(self._entity(text, CORRECTED, message.get(CORRECTED)))
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def _recognise(self, text: Text) -> list[tuple[Text, Text]]:
        emergency = self._routes.emergency_in(text)
        if emergency:
            return [("route", emergency)]
        danger = self._routes.danger_in(text)
        return [*self._found_in(text), *([("danger", danger)] if danger else [])]

    def _found_in(self, text: Text) -> list[tuple[Text, Text]]:
        receipt, query_code = find_receipt(text), find_query_code(text)
        if receipt or query_code:
            proofs = (("receipt", receipt), ("query_code", query_code and _sealed(query_code)))
            return [(name, value) for name, value in proofs if value]
        number = ordinal(text)
        if number:
            return [("ordinal", number)]
        if self._districts.says_only_where(text):
            return [(ONLY_PLACE, "yes")]
        judgement = self._judged(affirmed(text))
        route = self._routes.other_in(affirmed(text))
        is_a_matter = bool(judgement.absent_name) or judgement.candidates[0].probability >= self._certain
        if route and (not is_a_matter or self._routes.is_own_matter(route)):
            return [("route", route)]
        matters = matters_of(judgement, self._certain, self._possible)
        return [*matters, *(("facet", facet) for facet in named_facets(text))]

    def _judged(self, text: Text) -> Judgement:
        """What the message is about. An absent matter that is only told of gives way to the item that is asked about:
        “房东不给开发票,能提公积金吗”."""
        judgement = self._model.judge(text)
        clause = asking_clause(text) if judgement.absent_name else None
        if clause is None:
            return judgement
        asked = self._model.judge(clause)
        is_of_item = not asked.absent_name and asked.candidates[0].probability >= self._certain
        # “能让我妈去补办吗” resembles items, and says nothing of what they are about.
        return asked if is_of_item and self._model.speaks_of(asked.candidates[0].code, clause) else judgement

    def _entity(self, text: Text, name: Text, value: Text) -> Dict[Text, Any]:
        # Spans the whole message, since no part of it alone means the item.
        return {"entity": name, "value": value, "start": 0, "end": len(text), "extractor": type(self).__name__}


def _sealed(query_code: Text) -> Text:
    """The sealed code, as slots, events and answers carry it. Only the look-up opens it."""
    return own_sealer().seal(query_code)


def matters_of(judgement: Judgement, certain: float, possible: float) -> list[tuple[Text, Text]]:
    """The entities that follow from a judgement.

    - `item`: one, or several to choose from
    - `unknown_matter`: a matter that the catalogue does not hold; its name if it is known to be absent, else empty
    - `no_matter`: nothing that could be an item, perhaps a question about rules
    - nothing: the message names no matter, so it is about the previous one
    """
    best = judgement.candidates[0].probability
    likely = [candidate for candidate in judgement.candidates if candidate.probability >= max(possible, RIVAL * best)]
    if judgement.absent_name:
        return [("unknown_matter", judgement.absent_name)]
    if likely:
        # A single item that is only possible is offered together with the next best.
        offered = likely if best >= certain or len(likely) > 1 else judgement.candidates[:2]
        return [("item", candidate.code) for candidate in offered[:MOST_CHOICES]]
    return {CONTEXT: [], ABSENT: [("unknown_matter", "")], OTHER: [("no_matter", "")]}[judgement.kind]


def training_examples(training_data: TrainingData) -> list[Example]:
    examples = []
    for message in training_data.intent_examples:
        about = (message.get(METADATA) or {}).get(METADATA_INTENT) or {}
        codes = str(about.get("items") or about.get("item") or _ABOUT.get(message.get(INTENT), ""))
        if message.get(TEXT) and codes:
            # Wordings of one absent matter stay together, so that the model is judged on matters it never saw.
            examples.append(
                Example(message.get(TEXT), tuple(codes.split(",")), about.get("matter") or message.get(TEXT))
            )
    return examples
