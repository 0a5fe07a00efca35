"""Learns alignments of the encoder's vectors from labelled messages, with each fold held out in turn.

encoding = Encoding.learnt_from([(corpus, examples)], encoder)
meaning = encoding.meaning(evidence, fold)  # for messages of that fold, which its alignment has not seen
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from bot.answering import alignment
from bot.answering.alignment import Alignment
from bot.answering.encoder.own import OwnEncoder
from bot.answering.encoder.sentence_model import Kind
from bot.answering.evidence import Corpus, Evidence
from bot.answering.examples import FOLDS, Example, fold_of, weight_of
from bot.answering.meaning import Meaning

# Source → factor by which an example teaches the alignment more or less than it teaches the trees. Labelled questions
# name all passages that answer them; a message that only continues a matter (`context`) names none.
_ALIGNED_BY = {"item": 0.5, "absent": 0.5, "doc": 0.6, "question": 5 / 3, "context": 0.0}
# `_OK_SHARE`: what a unit of some help counts, where one that answers counts 1. `_LONG_LIST`: a list of this
# many units of some help is ignored.
_OK_SHARE, _LONG_LIST = 0.25, 40


@dataclass(frozen=True)
class Encoding:
    """The encoder with the alignments that labelled messages teach.

    `held_out`: for each fold the alignment that has not seen its messages; `whole`: the one that has seen all.
    """

    encoder: OwnEncoder
    held_out: tuple[Alignment, ...]
    whole: Alignment

    @classmethod
    def learnt_from(
        cls,
        labelled: Sequence[tuple[Corpus, Sequence[Example]]],
        encoder: OwnEncoder,
        said: Callable[[str], None] = print,
    ) -> Encoding:
        """`labelled`: messages, each list with the corpus that answers them. All vectors must have been made.

        Each message is compared with the units of all corpora, not of its own alone: an alignment that had seen only
        one city found real documents of other cities less often.
        """
        units = {unit.name: unit for corpus, _ in labelled for unit in corpus.units}
        places = {name: place for place, name in enumerate(units)}
        passages, _ = encoder.kept[Kind.PASSAGE].lookup([unit.in_full for unit in units.values()])
        pairs = [pair for corpus, examples in labelled for each in examples for pair in _pairs(each, corpus, places)]
        questions, _ = encoder.kept[Kind.QUESTION].lookup([pair.question for pair in pairs])
        shares = sparse.csr_matrix(
            (
                np.array([share for pair in pairs for share in pair.shares.values()], np.float32),
                np.array([place for pair in pairs for place in pair.shares]),
                np.cumsum([0, *(len(pair.shares) for pair in pairs)]),
            ),
            shape=(len(pairs), len(passages)),
        )
        weights = np.array([pair.weight for pair in pairs], np.float32)
        folds = np.array([pair.fold for pair in pairs])
        alignments = []
        # No message is in the last fold, so the last alignment learns from all messages.
        for fold in range(FOLDS + 1):
            used = np.flatnonzero(folds != fold)
            alignments.append(alignment.learn(passages, questions[used], shares[used], weights[used]))
            said(f"alignment {fold + 1} of {FOLDS + 1}")
        return cls(encoder, tuple(alignments[:FOLDS]), alignments[FOLDS])

    def meaning(self, evidence: Evidence, fold: int) -> Meaning:
        return Meaning(
            evidence.passages,
            self.encoder.kept[Kind.PASSAGE],
            self.encoder,
            self.held_out[fold],
            len(evidence.corpus.units),
        )


@dataclass(frozen=True)
class _Pair:
    """A question as the encoder reads it. `shares`: position of a unit → its share of the answer."""

    question: str
    shares: dict[int, float]
    weight: float
    fold: int


def _pairs(example: Example, corpus: Corpus, places: Mapping[str, int]) -> list[_Pair]:
    """One pair for what the message asks, and one for that after the previous matter, if there is one."""
    best = [places[name] for name in example.best if name in places]
    ok = [places[name] for name in example.ok if name in places] if len(example.ok) < _LONG_LIST else []
    weight = weight_of(example) * _ALIGNED_BY.get(example.source, 1.0)
    if not best or not weight:
        return []
    gains = dict.fromkeys(ok, _OK_SHARE) | dict.fromkeys(best, 1.0)
    total = sum(gains.values())
    shares = {place: gain / total for place, gain in gains.items()}
    questions = list(dict.fromkeys(corpus.questions(example.text, example.context)))
    fold = fold_of(example.group)
    return [_Pair(question, shares, weight / len(questions), fold) for question in questions]
