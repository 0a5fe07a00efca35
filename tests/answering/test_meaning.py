from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.answering.alignment import Alignment
from bot.answering.encoder.client import EncoderClient
from bot.answering.encoder.store import VectorStore
from bot.answering.encoder.weights import Floats
from bot.answering.meaning import Meaning
from tests.answering.encoders import invented_vector, settings

CITY = ["居住证每年签注一次。", "养犬登记每户限一只。", "失业保险金最长领二十四个月。"]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class StandIn(EncoderClient):
    """Has a vector for each message except “慢”, and remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__(None, 0)
        self.wanted: list[Sequence[str]] = []
        self.was_wanted = threading.Event()

    def question_vectors(self, texts: Sequence[str]) -> list[Floats | None]:
        made = [invented_vector(text) for text in texts]
        return [
            None if text == "慢" else vector / np.linalg.norm(vector) for text, vector in zip(texts, made, strict=True)
        ]

    def want(self, texts: Sequence[str]) -> bool:
        self.wanted.append(texts)
        self.was_wanted.set()
        return True


def test_a_message_is_compared_with_the_units_that_have_a_vector_and_the_others_are_wanted(tmp_path: Path) -> None:
    city = [f"事项{number}" for number in range(20)]
    vectors, encoder = VectorStore(tmp_path / "a.vectors"), StandIn()
    list(vectors.make(city[:19], invented_vector))
    meaning = Meaning(city, vectors, encoder, Alignment.unlearnt())
    found, slow = meaning.likenesses([city[1], "慢"])
    assert found is not None
    assert slow is None
    assert found.plain[1] > 0.999
    assert abs(found.plain[0]) < 0.3
    assert np.isnan([found.plain[19], found.aligned[19]]).all()
    assert found.aligned[:19] == pytest.approx(found.plain[:19], abs=1e-5)
    assert encoder.was_wanted.wait(60)
    assert encoder.wanted == [city[19:]]


def test_while_many_units_have_no_vector_words_alone_decide(tmp_path: Path) -> None:
    vectors, encoder = VectorStore(tmp_path / "a.vectors"), StandIn()
    list(vectors.make(CITY[:1], invented_vector))
    assert Meaning(CITY, vectors, encoder, Alignment.unlearnt()).likenesses([CITY[0]]) == [None]
    assert encoder.was_wanted.wait(60)


def test_new_vectors_are_seen_after_a_while_and_nothing_is_wanted_twice_in_a_minute(tmp_path: Path) -> None:
    vectors, encoder, clock = VectorStore(tmp_path / "a.vectors"), StandIn(), Clock()
    meaning = Meaning(CITY, vectors, encoder, Alignment.unlearnt(), clock=clock)
    assert meaning.likenesses(["养狗"]) == [None]
    assert encoder.was_wanted.wait(60)
    list(VectorStore(tmp_path / "a.vectors").make(CITY, invented_vector))
    assert meaning.likenesses(["养狗"]) == [None]
    clock.now += 11
    [likeness] = meaning.likenesses(["养狗"])
    assert likeness is not None
    assert not np.isnan(likeness.plain).any()
    clock.now += 100
    meaning.likenesses(["养狗"])
    assert len(encoder.wanted) == 1


def test_without_units_or_encoder_there_is_nothing_to_compare(tmp_path: Path) -> None:
    off = settings(tmp_path, ENCODER="off")
    assert Meaning.of(off, CITY, Alignment.unlearnt()).likenesses(["养狗"]) == [None]
    assert Meaning.of(off, [], Alignment.unlearnt()).likenesses(["养狗"]) == [None]
