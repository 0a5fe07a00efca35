"""Threads of one process that answer at the same time: one computes, while the others wait for what is not Python.

Python runs one thread at a time, and threads that all want to run cost each other a third of their time
(`docs/decisions/0013-processor-time.md`). So an answer is worked out under `computing`, and whoever waits for another
process meanwhile lets the next one in:

    with computing():
        ...
        with waiting():
            vector = ask_the_encoder()
        ...
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# After this time a thread computes beside the one that holds the gate. The gate only saves time, and its holder may
# itself be waiting, for a lock of the database.
PATIENCE_SECONDS = 0.5


class Gate:
    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._free = threading.Lock()
        self._patience = patience_seconds
        self._here = threading.local()

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Inside another `computing` of the same thread it does nothing."""
        if self._is_inside:
            yield
            return
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Within `computing`; elsewhere it does nothing."""
        is_inside = self._is_inside
        if is_inside:
            self._leave()
        try:
            yield
        finally:
            if is_inside:
                self._enter()

    @property
    def _is_inside(self) -> bool:
        """Of this thread; false also for one that computes beside the gate."""
        return getattr(self._here, "is_inside", False)

    def _enter(self) -> None:
        self._here.is_inside = self._free.acquire(timeout=self._patience)

    def _leave(self) -> None:
        if self._here.is_inside:
            self._here.is_inside = False
            self._free.release()


_gate = Gate()
computing, waiting = _gate.computing, _gate.waiting
