"""First in the pipeline: normalises the text for all later components (see `bot/language/text.py`)."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text

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


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class Normaliser(GraphComponent):
    """Rewrites the text of each message: English and pinyin become Chinese, mistyped names and spoken wordings right.

    The tracker keeps what was typed.

    Training data is only normalised, so that it does not depend on the names in the catalogue.
    """

    def __init__(self, homophones: Optional[Homophones] = None, romanised: Optional[Romanised] = None) -> None:
        self._homophones = homophones
        self._romanised = romanised

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Normaliser:
        return cls()

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
        return cls(homophones_of(Lexicon.of_settings()), romanised)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(TEXT) is not None and not (is_terminal() and message.get(TEXT).startswith("/")):
                typed = message.get(TEXT)
                text = normalise(typed)
                meant = as_words(as_written(self._as_meant(text or meant_by_pictures(typed)))).strip() or _NOTHING
                message.set(TEXT, meant, add_to_output=True)
                if meant != text:
                    message.set(CORRECTED, meant)
        return messages

    def _as_meant(self, text: Text) -> Text:
        understood = self._romanised.in_chinese(text) if self._romanised else None
        if understood:
            return understood.text
        return self._homophones.corrected(text) if self._homophones else text

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data


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
