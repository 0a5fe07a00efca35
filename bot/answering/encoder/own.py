"""Makes vectors without the encoder's process, of many texts, as training needs them.

encoder = OwnEncoder(settings)
encoder.make(Kind.QUESTION, ["失业金能领多久"])
[vector] = encoder.question_vectors(["失业金能领多久"])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from bot.answering.encoder.sentence_model import Kind, SentenceModel
from bot.answering.encoder.store import VectorStore
from bot.answering.encoder.weights import Floats, fingerprint, weights_path
from bot.settings import Settings

_TELL_EVERY = 1000


class NoEncoder(Exception):
    """There are no weights, or the encoder is off."""


class OwnEncoder:
    """Encodes texts in this process. Stores the vectors by content, passages and questions in a file each.

    Raises:
        NoEncoder
        bot.answering.encoder.weights.WeightsUnreadable
    """

    def __init__(self, settings: Settings) -> None:
        weights = weights_path(settings)
        if weights is None:
            raise NoEncoder("there are no weights of the encoder, or ENCODER is off; see docs/operating.md")
        self._model = SentenceModel(weights)
        self.kept = {
            Kind.PASSAGE: VectorStore.of(settings),
            Kind.QUESTION: VectorStore(settings.vectors_dir / f"{fingerprint(weights)}.questions"),
        }

    def make(self, kind: Kind, texts: Sequence[str], said: Callable[[str], None] = print) -> None:
        """Makes the vectors that are missing."""
        missing, told = self.kept[kind].missing(texts), 0
        for done in self.kept[kind].make(missing, partial(self._model.vector, kind)):
            if done - told >= _TELL_EVERY:
                said(f"{done} of {len(missing)} vectors")
                told = done

    def question_vectors(self, texts: Sequence[str]) -> list[Floats | None]:
        """Vectors that were made before; None for a text that has none."""
        vectors, is_known = self.kept[Kind.QUESTION].lookup(texts)
        return [vector if known else None for vector, known in zip(vectors, is_known, strict=True)]

    def want(self, texts: Sequence[str]) -> bool:
        """Makes nothing, since only `make` does. False if any text was given."""
        return not texts
