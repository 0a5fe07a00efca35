"""The real processes, started once by the command that everybody uses, on free ports and a database of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.environments import ROOT
from tests.conftest import VAR_DIR, free_port


@dataclass(frozen=True)
class City:
    """A running assistant."""

    portal: str
    engine: str
    var_dir: Path
    process: subprocess.Popen[str]

    def wait_for(self, words: str) -> list[str]:
        """Reads what the supervisor prints until it says `words`; if it ends first, the test fails with all it said."""
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if words in line:
                return said
        return pytest.fail("the assistant ended:\n" + "".join(said))

    def say(self, text: str, conversation: str | None = None) -> list[dict[str, Any]]:
        """Over the API; every call without a conversation begins a new one."""
        response = requests.post(
            f"{self.portal}/api/chat", json={"text": text, "conversation": conversation}, timeout=30
        )
        response.raise_for_status()
        return list(response.json()["messages"])


@contextmanager
def running_city(var_dir: Path, **settings: str) -> Iterator[City]:
    """Starts everything with an empty database, and stops it."""
    for stale in (*var_dir.glob("*.db*"), *var_dir.glob("logs/*")):
        stale.unlink()
    ports = {name: str(free_port()) for name in ("PORT", "ENGINE_PORT", "ACTIONS_PORT")}
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=ROOT,
        env={**environment, **ports, **settings, "VAR_DIR": str(var_dir), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    here = "http://127.0.0.1"
    started = City(f"{here}:{ports['PORT']}", f"{here}:{ports['ENGINE_PORT']}", var_dir, process)
    try:
        started.wait_for("The assistant is up")
        yield started
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


@pytest.fixture(scope="session")
def city() -> Iterator[City]:
    with running_city(VAR_DIR) as started:
        yield started


@pytest.fixture
def talk(city: City) -> Callable[[str], list[dict[str, Any]]]:
    """Says one thing after another in one conversation."""
    conversation = f"test-{uuid.uuid4()}"
    return lambda text: city.say(text, conversation)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on PATH: the page is not looked at")
    return found
