"""The real processes, started once by the command that everybody uses, on free ports and a database of their own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
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

    def say(self, text: str, conversation: str | None = None) -> list[dict[str, Any]]:
        """Over the API; every call without a conversation begins a new one."""
        response = requests.post(
            f"{self.portal}/api/chat", json={"text": text, "conversation": conversation}, timeout=30
        )
        response.raise_for_status()
        return list(response.json()["messages"])


@pytest.fixture(scope="session")
def city() -> Iterator[City]:
    for stale in (*VAR_DIR.glob("*.db*"), *VAR_DIR.glob("logs/*")):
        stale.unlink()
    ports = {name: str(free_port()) for name in ("PORT", "ENGINE_PORT", "ACTIONS_PORT")}
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=ROOT,
        env={**environment, **ports, "VAR_DIR": str(VAR_DIR), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_until_up(process)
        yield City(f"http://127.0.0.1:{ports['PORT']}", f"http://127.0.0.1:{ports['ENGINE_PORT']}", VAR_DIR, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _wait_until_up(process: subprocess.Popen[str]) -> None:
    """Reads what it prints until it says that it is up; when it ends first, the test fails with all that it said."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "The assistant is up" in line:
            return
    pytest.fail("the assistant did not start:\n" + "".join(said))


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
