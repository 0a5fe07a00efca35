"""The real encoder process answers or refuses every request, and keeps running."""

from __future__ import annotations

import json
import signal
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import numpy as np
import pytest
import requests
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from bot.answering.encoder.client import HOST, Address, Breaker, EncoderClient
from bot.answering.encoder.store import VectorStore
from bot.answering.encoder.weights import WIDTH, weights_path
from bot.settings import Settings
from tests.answering.encoders import ask, running, settings, still_running
from tests.patience import WITHIN_SECONDS

pytestmark = pytest.mark.skipif(
    weights_path(Settings.from_environment({})) is None, reason="nobody brought weights to this machine"
)
ANY_TEXT = st.text(st.characters(codec=None), max_size=600)


@dataclass
class Up:
    var_dir: Path
    process: Popen[bytes]

    @property
    def address(self) -> Address:
        return Address.read(settings(self.var_dir).encoder_address_path)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    var_dir = tmp_path_factory.mktemp("encoder")
    with running(var_dir) as process:
        yield Up(var_dir, process)
        assert process.poll() is None


@tried(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(ANY_TEXT, max_size=3))
def test_any_texts_get_a_vector_each(up: Up, texts: list[str]) -> None:
    answer = ask(up.address, "/questions", json.dumps(texts).encode())
    assert answer.status_code == 200
    vectors = np.frombuffer(answer.content, "<f4").reshape(len(texts), WIDTH)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1] * len(texts), abs=1e-4)


@tried(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=300), path=st.sampled_from(["/questions", "/wanted", "/nowhere"]))
def test_any_bytes_are_refused_in_order(up: Up, body: bytes, path: str) -> None:
    assert ask(up.address, path, body).status_code in (200, 400, 404)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[7]", b"[[]]", b'"text"', b"[" * 100_000, b"\xff\xfe[]", json.dumps(["字"] * 17).encode(), b"NaN"],
)
def test_what_is_no_list_of_texts_is_refused(up: Up, body: bytes) -> None:
    assert ask(up.address, "/questions", body).status_code == 400


def test_a_body_that_is_too_large_is_refused(up: Up) -> None:
    assert ask(up.address, "/questions", b" " * (3 << 20)).status_code == 413


@pytest.mark.parametrize("text", ["ﷺ" * 20, "ﷺ" * 512, "\0" * 512, "养\0狗", "\ud800", "", "啊" * 100_000])
def test_what_was_made_to_crash_others_is_answered(up: Up, text: str) -> None:
    assert len(ask(up.address, "/questions", json.dumps([text]).encode()).content) == WIDTH * 4


@pytest.mark.parametrize("token", ["", "guess", "Ü", "ü" * 5000])
def test_who_does_not_know_the_token_is_told_nothing(up: Up, token: str) -> None:
    for path in ("/questions", "/wanted"):
        assert ask(up.address, path, b'["x"]', token=token.encode().decode("latin-1")).status_code in (400, 401)


def test_only_its_own_user_may_read_where_it_is(up: Up) -> None:
    assert stat.S_IMODE(settings(up.var_dir).encoder_address_path.stat().st_mode) == 0o600


def test_wanted_passages_get_vectors_that_only_their_user_may_read(up: Up) -> None:
    texts = ["居住证每年签注一次。", "\ud800", "", "ﷺ" * 20, "养犬登记每户限一只。"]
    client, vectors = EncoderClient.of(settings(up.var_dir)), VectorStore.of(settings(up.var_dir))
    assert client.want(texts)
    while vectors.missing(texts):
        assert still_running(up.process)
    files = list(settings(up.var_dir).vectors_dir.glob("*.vectors"))
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600]
    question = client.question_vector("家里养狗要登记吗")
    assert question is not None
    found, _ = vectors.lookup([texts[0], texts[4]])
    assert int(np.argmax(found @ question)) == 1


def test_its_figures_hold_no_words(up: Up) -> None:
    ask(up.address, "/questions", json.dumps(["王小明住哪里"]).encode())
    figures = requests.get(f"http://{HOST}:{up.address.port}/metrics", timeout=WITHIN_SECONDS).text
    assert "assistant_encoder_questions_total" in figures
    assert "assistant_encoder_messages_total" in figures
    assert "王小明" not in figures
    assert requests.get(f"http://{HOST}:{up.address.port}/healthz", timeout=WITHIN_SECONDS).json() == {"status": "ok"}


def test_one_that_is_stopped_killed_or_started_again_costs_only_its_vectors(tmp_path: Path) -> None:
    clock = iter(range(0, 10**9, 100))
    client = EncoderClient(settings(tmp_path).encoder_address_path, 0.3, Breaker(lambda: float(next(clock))))
    with running(tmp_path) as process:
        process.send_signal(signal.SIGSTOP)
        assert client.question_vector("停下来的时候") is None
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
        assert client.question_vector("没有了的时候") is None
    settings(tmp_path).encoder_address_path.unlink()
    with running(tmp_path) as process:
        patient = EncoderClient.of(settings(tmp_path))
        assert patient.question_vector("又回来的时候") is not None
        process.terminate()
        assert process.wait() == 0
    assert not settings(tmp_path).encoder_address_path.exists()
