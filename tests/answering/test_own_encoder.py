"""Vectors made in the same process, many at a time, and each one stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.answering.encoder.own import NoEncoder, OwnEncoder
from bot.answering.encoder.sentence_model import Kind
from bot.answering.encoder.weights import weights_path
from bot.settings import Settings
from tests.answering.encoders import settings

ASKED = ["养狗要办证吗", "我家的狗要登记吗"]


def test_without_an_encoder_there_is_none_of_ones_own(tmp_path: Path) -> None:
    with pytest.raises(NoEncoder):
        OwnEncoder(settings(tmp_path, ENCODER="off"))


@pytest.mark.skipif(weights_path(Settings.from_environment({})) is None, reason="nobody brought weights")
def test_questions_and_passages_are_made_once_and_kept_apart(tmp_path: Path) -> None:
    encoder = OwnEncoder(settings(tmp_path))
    assert encoder.question_vectors(ASKED) == [None, None]
    encoder.make(Kind.QUESTION, ASKED)
    encoder.make(Kind.PASSAGE, ["养犬登记：每户限一只。", *ASKED])
    again = OwnEncoder(settings(tmp_path))
    assert again.kept[Kind.QUESTION].missing(ASKED) == []
    first, second = (np.asarray(vector) for vector in again.question_vectors(ASKED))
    [as_passage], _ = again.kept[Kind.PASSAGE].lookup(ASKED[:1])
    assert first @ second > 0.9
    assert first @ as_passage < 0.999
