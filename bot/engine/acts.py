"""Decides what a message does (its act), separately from what it is about. A few words alone trigger little.

“不用转了”      withdraws a case, and is not a goodbye
“个人”          is not a wish for a person
“驾驶证到期了”  is not a goodbye, since none of its words is small talk
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, FrozenSet, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    ENTITIES,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.lexicon import Lexicon
from bot.engine.wishes import WISHES, may_stand, wish_of
from bot.language.districts import ONLY_PLACE
from bot.language.triggers import Routes
from bot.letters.acts import ASK, TAKEN_DOWN, Act, act_of
from bot.letters.announced import announced_act

SMALL_TALK = frozenset({"greet", "thank", "goodbye", "who_are_you"})
# A message can be small talk if at least this share of its character pairs occurs in the small-talk examples.
EXPLAINED = 1 / 3
# A shorter message that names a route, like “投诉物业乱收费”, is told where to go. A longer one is taken down.
SHORTEST_BEFORE_A_DOOR = 25
# Where one item is recognised, a message is taken down only from this probability.
SURE_BESIDE_AN_ITEM = 0.7
# Requests for information (信息公开) have their own deadlines and remedies, so they are not taken down as cases.
_OF_INFORMATION = re.compile("信息公开|公开申请|申请.{0,6}公开|xxgk")
# What a letter is about is said at its beginning; later on a request for information is only mentioned.
_BEGINNING = 60
_NO_WORD = re.compile(r"\W")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Acts(GraphComponent):
    """Runs after the recogniser and before the refiner. A wish or an act found here gets confidence 1."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, heard: FrozenSet[Text] = frozenset()) -> None:
        self._model_storage, self._resource = model_storage, resource
        self._heard = heard
        self._routes = Routes(Lexicon.of_settings().routes)

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Acts:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Acts:
        with model_storage.read_from(resource) as folder:
            heard = json.loads((folder / "small_talk.json").read_text(encoding="utf-8"))
        return cls(model_storage, resource, frozenset(heard))

    def train(self, training_data: TrainingData) -> Resource:
        said = (example for example in training_data.intent_examples if example.get(INTENT) in SMALL_TALK)
        self._heard = frozenset(pair for example in said for pair in _pairs(example.get(TEXT) or ""))
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "small_talk.json").write_text(
                json.dumps(sorted(self._heard), ensure_ascii=False), encoding="utf-8"
            )
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            # A text that starts with a slash is a button's payload.
            if text and not text.startswith("/"):
                self._settle(message, text)
        return messages

    def _settle(self, message: Message, text: Text) -> None:
        ranking = message.get(INTENT_RANKING_KEY) or []
        is_found = self._is_settled_by_what_was_found(message, text)
        wish = None if is_found else wish_of(text)
        if wish:
            _set(message, {INTENT_NAME_KEY: wish, PREDICTED_CONFIDENCE_KEY: 1.0}, ranking)
            return
        announced = None if is_found else announced_act(text)
        if announced:
            _set(message, {INTENT_NAME_KEY: announced, PREDICTED_CONFIDENCE_KEY: 1.0}, ranking)
            return
        act = act_of(text) if wish is None and not is_found else None
        if act and act.name != ASK and not _is_answered_otherwise(message, text, act):
            _set(message, {INTENT_NAME_KEY: act.name, PREDICTED_CONFIDENCE_KEY: 1.0}, ranking)
            return
        likely = next((one for one in ranking if self._may_be(one[INTENT_NAME_KEY], text)), None)
        if likely and likely[INTENT_NAME_KEY] != (message.get(INTENT) or {}).get(INTENT_NAME_KEY):
            _set(message, dict(likely), ranking)

    def _is_settled_by_what_was_found(self, message: Message, text: Text) -> bool:
        """Whether a receipt, a query code, an ordinal, a bare place or an emergency was found.

        These come before any wish or act.
        """
        found = {entity["entity"] for entity in message.get(ENTITIES, [])}
        is_emergency = "route" in found and self._routes.emergency_in(text) is not None
        return is_emergency or bool(found & {"receipt", "query_code", "ordinal", ONLY_PLACE})

    def _may_be(self, intent: Text, text: Text) -> bool:
        if intent in SMALL_TALK:
            return share_heard(text, self._heard) >= EXPLAINED
        return intent not in TAKEN_DOWN and (intent not in WISHES or may_stand(intent, text))


def _is_answered_otherwise(message: Message, text: Text, act: Act) -> bool:
    """Whether a message with an act is answered and not taken down.

    This holds for a short message that names a route, for one that plainly means one item, and for a request for
    information (信息公开).
    """
    found = [entity["entity"] for entity in message.get(ENTITIES, [])]
    by_a_door = "route" in found and len(text) < SHORTEST_BEFORE_A_DOOR
    by_its_item = found.count("item") == 1 and act.probability < SURE_BESIDE_AN_ITEM
    return by_a_door or by_its_item or bool(_OF_INFORMATION.search(text[:_BEGINNING]))


def is_settled(message: Message) -> bool:
    """Whether `Acts` left no doubt about what the message does."""
    intent = message.get(INTENT) or {}
    return intent.get(INTENT_NAME_KEY) in WISHES.union(TAKEN_DOWN) and intent.get(PREDICTED_CONFIDENCE_KEY) == 1.0


def share_heard(text: Text, heard: FrozenSet[Text]) -> float:
    """The share of the character pairs of the normalised `text` that are in `heard`, 0 to 1."""
    pairs = _pairs(text)
    return sum(pair in heard for pair in pairs) / len(pairs)


def _pairs(text: Text) -> List[Text]:
    said = _NO_WORD.sub("", text)
    return [said[start : start + 2] for start in range(len(said) - 1)] or [said]


def _set(message: Message, intent: Dict[Text, Any], ranking: List[Dict[Text, Any]]) -> None:
    others = [other for other in ranking if other[INTENT_NAME_KEY] != intent[INTENT_NAME_KEY]]
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [intent, *others], add_to_output=True)
