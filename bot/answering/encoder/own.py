"""Makes vectors without the encoder's process, of many texts together, as training needs them.

encoder = OwnEncoder(settings)
encoder.make(Kind.QUESTION, ["失业金能领多久"])
[vector] = encoder.question_vectors(["失业金能领多久"])
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bot.answering.encoder.sentence_model import Kind, SentenceModel
from bot.answering.encoder.store import VectorStore
from bot.answering.encoder.weights import Floats, fingerprint, weights_path
from bot.settings import Settings

# Characters that are encoded together: more would need more memory and save no time.
_TOGETHER = 600
# The marks that the model adds to each text take as much work as this many characters.
_BESIDE = 8


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
        missing = self.kept[kind].missing(texts)
        done = 0
        for batch in _batches(sorted(missing, key=len)):
            self.kept[kind].keep(batch, self._model.vectors(kind, batch))
            if done // 1000 < (done + len(batch)) // 1000:
                said(f"{done + len(batch)} of {len(missing)} vectors")
            done += len(batch)

    def question_vectors(self, texts: Sequence[str]) -> list[Floats | None]:
        """Vectors that were made before; None for a text that has none."""
        vectors, is_known = self.kept[Kind.QUESTION].lookup(texts)
        return [vector if known else None for vector, known in zip(vectors, is_known, strict=True)]

    def want(self, texts: Sequence[str]) -> bool:
        """Makes nothing, since only `make` does. False if any text was given."""
        return not texts


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    length = 0
    for text in texts:
        if batch and length + len(text) + _BESIDE > _TOGETHER:
            yield batch
            batch, length = [], 0
        batch.append(text)
        length += len(text) + _BESIDE
    if batch:
        yield batch
