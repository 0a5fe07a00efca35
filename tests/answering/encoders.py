"""Encoders for tests: the real process, and places to put its vectors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import requests

from bot.answering.encoder.client import HOST, Address
from bot.answering.encoder.weights import WIDTH, Floats
from bot.places import ROOT
from bot.settings import Settings


def settings(var_dir: Path, **environment: str) -> Settings:
    return Settings.from_environment({"VAR_DIR": str(var_dir), "ENCODER_WITHIN_MS": "60000", **environment})


def invented_vector(text: str) -> Floats:
    """A different vector for each text, as an encoder would give."""
    return np.random.default_rng(list(text.encode())).standard_normal(WIDTH).astype(np.float32)


@contextmanager
def running(var_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The encoder's process, ready to be asked."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.answering.encoder"],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(var_dir), "ENCODER": "on"},
    )
    try:
        wait_until_ready(var_dir, process)
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until_ready(var_dir: Path, process: subprocess.Popen[bytes]) -> None:
    while not settings(var_dir).encoder_address_path.exists():
        assert still_running(process), "the encoder ended before it was ready"


def still_running(process: subprocess.Popen[bytes]) -> bool:
    """Waits a moment first, so that a loop that asks this leaves the processor to the process."""
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return True
    return False


def ask(address: Address, path: str, body: bytes, token: str | None = None) -> requests.Response:
    """Sends a request as any program on this machine may."""
    return requests.post(
        f"http://{HOST}:{address.port}{path}",
        data=body,
        headers={"Authorization": f"Bearer {address.token if token is None else token}"},
        timeout=120,
    )
