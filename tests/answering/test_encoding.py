"""Learning from vectors: parts are held out, and all labelled questions count, whichever city they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bot.answering.encoder.sentence_model import Kind
from bot.answering.encoder.weights import Floats
from bot.answering.encoding import Encoding
from bot.answering.evidence import Context, Corpus
from bot.answering.examples import Example, fold_of
from bot.answering.service import Answering
from tests.answering.encoders import invented_vector

OVERVIEW, FEE, PLACE = "item:GA-003:overview", "item:GA-003:fee", "item:GA-003:place"


class Kept:
    """Has a vector for every text."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def lookup(self, texts: Sequence[str]) -> tuple[Floats, Any]:
        self.asked += texts
        vectors = np.array([invented_vector(text) for text in texts])
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.ones(len(texts), np.bool_)


class StandIn:
    def __init__(self) -> None:
        self.kept = {Kind.PASSAGE: Kept(), Kind.QUESTION: Kept()}


@pytest.fixture(scope="module")
def few(index: Answering) -> Corpus:
    """Few units, so that learning takes no time."""
    corpus = index.evidence.corpus
    return Corpus.of([unit for unit in corpus.units if unit.owner in ("item:GA-003", "item:MZ-003")], corpus.naming)


def example(text: str, best: str, source: str = "letter", **more: Any) -> Example:
    return Example(text, (best,), (), source, text, **more)


def learnt(corpus: Corpus, examples: Sequence[Example]) -> tuple[Encoding, StandIn]:
    encoder = StandIn()
    return Encoding.learnt_from([(corpus, examples)], encoder, lambda _: None), encoder  # type: ignore[arg-type]


def test_the_alignment_of_a_part_has_not_seen_its_messages(few: Corpus) -> None:
    examples = [example(f"身份证丢了要交多少工本费{number}", FEE) for number in range(12)]
    fold = fold_of(examples[0].group)
    before, _ = learnt(few, examples)
    after, _ = learnt(few, [replace(examples[0], best=(PLACE,)), *examples[1:]])
    same = [
        bool((one.of_question == other.of_question).all())
        for one, other in zip(before.held_out, after.held_out, strict=True)
    ]
    assert same == [each == fold for each in range(len(same))]
    assert (before.whole.of_question != after.whole.of_question).any()


def test_a_message_is_learnt_alone_and_beside_the_matter_of_before(few: Corpus) -> None:
    _, encoder = learnt(
        few, [example("要多少钱", FEE, context=Context((OVERVIEW,))), example("身份证丢了去哪补", PLACE)]
    )
    asked = encoder.kept[Kind.QUESTION].asked
    assert len(asked) == 3
    assert asked[0] == "要多少钱"
    assert asked[1].endswith(" 要多少钱")


def test_what_nothing_answers_or_only_goes_on_teaches_nothing(few: Corpus) -> None:
    nothing = replace(example("今天天气怎么样", FEE), best=())
    _, encoder = learnt(few, [nothing, example("那多少钱", FEE, "context"), example("身份证丢了去哪补", PLACE)])
    assert encoder.kept[Kind.QUESTION].asked == ["身份证丢了去哪补"]
