"""jieba with a dictionary generated from the catalogue."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.engine.lexicon import Lexicon


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CatalogueTokenizer(Tokenizer):
    """Unlike Rasa's own JiebaTokenizer it leaves the process-wide jieba alone and drops white space (issue 7910)."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CatalogueTokenizer:
        tokenizer = cls(config)
        tokenizer._segmenter = Lexicon.of_settings().segmenter()
        return tokenizer

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        return [
            Token(word, start)
            for word, start, _ in self._segmenter.tokenize(message.get(attribute))
            if not word.isspace()
        ]
