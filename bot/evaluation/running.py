"""Runs a whole assistant on free ports, started by `python -m bot run`, for as long as a block runs."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.places import ROOT
from bot.running.ports import free_port

STOP_WITHIN_SECONDS = 60
# Longer than a training. Limits the wait for a line that never comes.
SAYS_WITHIN_SECONDS = 1200


class NotStarted(RuntimeError):
    """The assistant ended, or never printed the expected line; the message is its output."""


@dataclass(frozen=True)
class RunningAssistant:
    portal: str
    engine: str
    var_dir: Path
    process: subprocess.Popen[str]
    _lines: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        # Read all the time, since a full pipe would stop the supervisor in the middle of a line.
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 # it was started with a pipe
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, words: str) -> list[str]:
        """Reads what the supervisor prints until a line has `words`; those lines. Raises `NotStarted`."""
        said: list[str] = []
        while not said or words not in said[-1]:
            try:
                line = self._lines.get(timeout=SAYS_WITHIN_SECONDS)
            except queue.Empty:
                line = None
            if line is None:
                raise NotStarted("".join(said))
            said.append(line)
        return said


@contextmanager
def running_assistant(var_dir: Path, **settings: str) -> Iterator[RunningAssistant]:
    """Starts with an empty database and a model of what ships; models in `var_dir` are kept. Raises `NotStarted`."""
    for stale in (*var_dir.glob("*.db*"), *var_dir.glob("logs/*"), *var_dir.glob("live_model.json")):
        stale.unlink()
    with resumed_assistant(var_dir, **settings) as started:
        yield started


@contextmanager
def resumed_assistant(var_dir: Path, **settings: str) -> Iterator[RunningAssistant]:
    """Goes on with what `var_dir` holds, on the ports of `settings` or free ones. Raises `NotStarted`."""
    ports = {name: settings.get(name) or str(free_port()) for name in ("PORT", "ENGINE_PORT", "ACTIONS_PORT")}
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
    started = RunningAssistant(f"{here}:{ports['PORT']}", f"{here}:{ports['ENGINE_PORT']}", var_dir, process)
    try:
        started.wait_for("The assistant is up")
        yield started
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=STOP_WITHIN_SECONDS)
