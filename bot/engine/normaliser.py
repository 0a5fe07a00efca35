"""First in the pipeline: normalises the text for all later components (see `bot/language/text.py`)."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Text

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.lexicon import Lexicon
from bot.engine.typed import as_words, is_terminal
from bot.language.homophones import Homophones
from bot.language.romanised import Romanised
from bot.language.spoken import as_written
from bot.language.text import normalise
from bot.settings import Settings

# Emoji that mean thanks when a message has no words.
_THANKS = frozenset("👍🙏👌💐🌹❤♥💗👏")
# Replaces an empty text, since the later components need at least one word for their features.
_NOTHING = "?"
# The message's key for the rewritten text, set only if rewriting changed the text. The recogniser reads it.
CORRECTED = "corrected"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class Normaliser(GraphComponent):
    """Rewrites the text of each message: English and pinyin become Chinese, mistyped names and spoken wordings right.

    The tracker keeps what was typed. The catalogue's names are learnt with the model, which takes seconds.
    """

    def __init__(
        self,
        model_storage: ModelStorage,
        resource: Resource,
        homophones: Optional[Homophones] = None,
        romanised: Optional[Romanised] = None,
    ) -> None:
        self._model_storage, self._resource = model_storage, resource
        self._homophones, self._romanised = homophones, romanised

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Normaliser:
        romanised = Romanised.of_lexicon(Settings.from_environment().lexicon_path)
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, joblib.load(folder / "homophones.joblib"), romanised)

    def train(self, training_data: TrainingData) -> Resource:
        with self._model_storage.write_to(self._resource) as folder:
            joblib.dump(homophones_of(Lexicon.of_settings()), folder / "homophones.joblib")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            self._rewrite(message, self._as_meant)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Only normalises, so that what is learnt does not depend on the names in the catalogue."""
        for message in training_data.training_examples:
            self._rewrite(message, lambda text: text)
        return training_data

    def _rewrite(self, message: Message, as_meant: Callable[[Text], Text]) -> None:
        typed = message.get(TEXT)
        if typed is None or (is_terminal() and typed.startswith("/")):
            return
        text = normalise(typed)
        meant = as_words(as_written(as_meant(text or meant_by_pictures(typed)))).strip() or _NOTHING
        message.set(TEXT, meant, add_to_output=True)
        if meant != text:
            message.set(CORRECTED, meant)

    def _as_meant(self, text: Text) -> Text:
        understood = self._romanised.in_chinese(text) if self._romanised else None
        if understood:
            return understood.text
        return self._homophones.corrected(text) if self._homophones else text


def homophones_of(lexicon: Lexicon) -> Homophones:
    """The corrector of mistyped names of items, joint services and departments.

    Names of absent matters and the phrases of routes are known to be right, and stay as they are.
    """
    meant = [name for entry in lexicon.entries if entry.kind != "absent" for name in (*entry.names, *entry.words)]
    absent = [name for entry in lexicon.entries if entry.kind == "absent" for name in entry.names]
    phrases = [phrase for route in lexicon.routes for phrase in (*route.triggers, *route.exceptions)]
    return Homophones([*meant, *lexicon.departments], [*absent, *phrases])


def meant_by_pictures(text: Text) -> Text:
    """“谢谢” for emoji like “👍”, else a text that names nothing."""
    return "谢谢" if _THANKS & set(text) else _NOTHING
