"""The encoder's client when the encoder is not there, does not answer, or answers nonsense."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest

from bot.answering.encoder.client import Address, Breaker, EncoderClient
from bot.answering.encoder.weights import WIDTH
from tests.answering.encoders import invented_vector, settings


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class StandIn:
    """An encoder that gives prepared answers and counts its requests."""

    def __init__(self) -> None:
        self.status, self.body, self.asked = 200, invented_vector("").tobytes(), 0


@contextmanager
def stand_in(address: Path) -> Iterator[StandIn]:
    told = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked += 1
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            """Logs nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Address(server.server_port, "a word").write(address)
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def client_of(tmp_path: Path, clock: Clock | None = None, within_seconds: float = 60) -> EncoderClient:
    return EncoderClient(tmp_path / "encoder.json", within_seconds, Breaker(clock or Clock()))


def test_without_a_process_there_is_no_vector(tmp_path: Path) -> None:
    assert client_of(tmp_path).question_vector("养狗要登记吗") is None
    assert client_of(tmp_path).want(["养犬登记"]) is False


def test_a_process_that_went_without_a_word_gives_no_vector(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        Address(probe.getsockname()[1], "").write(tmp_path / "encoder.json")
    assert client_of(tmp_path).question_vector("养狗要登记吗") is None


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "7", '{"port": "x"}', '{"port": 1, "token": "t"}', '{"port": true, "pid": 1}', "\ud800",
        pytest.param(json.dumps({"port": 700_000, "pid": os.getpid()}), id="no port"),
        json.dumps({"port": 1, "pid": 2**80}),
    ],
)  # fmt: skip
def test_an_address_that_is_none_gives_no_vector(tmp_path: Path, content: str) -> None:
    (tmp_path / "encoder.json").write_text(content, encoding="utf-8", errors="surrogatepass")
    assert client_of(tmp_path).question_vector("养狗要登记吗") is None


def test_whoever_listens_where_a_dead_encoder_was_is_told_nothing(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with stand_in(tmp_path / "encoder.json") as stranger:
        replace(Address.read(tmp_path / "encoder.json"), pid=ended.pid).write(tmp_path / "encoder.json")
        assert client_of(tmp_path).question_vector("养狗要登记吗") is None
        assert stranger.asked == 0


def test_a_process_that_takes_the_question_and_is_silent_is_left(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        Address(silent.getsockname()[1], "").write(tmp_path / "encoder.json")
        assert client_of(tmp_path, within_seconds=0.05).question_vector("养狗要登记吗") is None


@pytest.mark.parametrize("body", [b"", b"abc", b"\0" * 4, invented_vector("")[:100].tobytes(), b"\0" * WIDTH * 8])
def test_an_answer_of_another_length_is_no_vector(tmp_path: Path, body: bytes) -> None:
    with stand_in(tmp_path / "encoder.json") as encoder:
        encoder.body = body
        assert client_of(tmp_path).question_vector("养狗要登记吗") is None


def test_a_question_is_asked_once_and_remembered_even_when_the_process_has_gone(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    with stand_in(tmp_path / "encoder.json") as encoder:
        first = client.question_vector("养狗要登记吗")
        assert first is not None
        assert (first == np.frombuffer(encoder.body, np.float32)).all()
        assert (client.question_vectors(["养狗要登记吗 ", "养狗要登记吗"])[1] == first).all()
        assert encoder.asked == 1
    assert client.question_vector("养狗要登记吗") is not None


def test_nothing_is_not_asked(tmp_path: Path) -> None:
    with stand_in(tmp_path / "encoder.json") as encoder:
        assert client_of(tmp_path).question_vectors(["", " \0", "\ud800"]) == [None, None, None]
        assert encoder.asked == 0


def test_after_three_failures_it_is_left_alone_and_then_asked_again(tmp_path: Path) -> None:
    clock = Clock()
    client = client_of(tmp_path, clock)
    with stand_in(tmp_path / "encoder.json") as encoder:
        encoder.status = 500
        for number in range(10):
            assert client.question_vector(f"第{number}问") is None
        assert encoder.asked == 3
        encoder.status = 200
        assert client.question_vector("第十问") is None
        clock.now += 2.1
        assert client.question_vector("第十问") is not None
        assert client.question_vector("第十一问") is not None


def test_pauses_grow_and_end_however_long_it_is_down(tmp_path: Path) -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(5000):
        breaker.failed()
    assert breaker.is_open
    clock.now += 30.1
    assert not breaker.is_open


def test_one_that_is_only_busy_is_asked_the_next_time(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    with stand_in(tmp_path / "encoder.json") as encoder:
        encoder.status = 503
        assert [client.question_vector(f"第{number}问") for number in range(5)] == [None] * 5
        assert encoder.asked == 5


def test_an_encoder_that_is_off_is_never_asked(tmp_path: Path) -> None:
    with stand_in(tmp_path / "encoder.json") as encoder:
        assert EncoderClient.of(settings(tmp_path, ENCODER="off")).question_vector("养狗要登记吗") is None
        assert encoder.asked == 0
