"""One assistant for each `VAR_DIR`: two would train, index and prepare the same files at once."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.file_locks import is_locked
from bot.settings import Settings


class AlreadyRunning(RuntimeError):
    """Another assistant runs in the same folder; the message names it."""


def lock_path(settings: Settings) -> Path:
    return settings.var_dir / "running.lock"


@contextmanager
def the_only_one(settings: Settings) -> Iterator[None]:
    """Nobody else runs in `VAR_DIR` while the block runs. The kernel gives the lock back however the process ends.

    Raises:
        AlreadyRunning
    """
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    with lock_path(settings).open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"an assistant runs in {settings.var_dir} already; stop it first") from None
        yield


def is_running(settings: Settings) -> bool:
    """Whether an assistant runs in `VAR_DIR`. Makes no folder and no file."""
    return is_locked(lock_path(settings))
