"""Values that are costly to read and may be some minutes old."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Renewed(Generic[T]):
    """A value that is read again once it is older than `seconds`; by one reader at a time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._value: T | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def get(self, read: Callable[[], T]) -> T:
        """`read` runs in a thread."""
        async with self._reading:
            if self._value is None or time.monotonic() - self._read_at > self._seconds:
                self._value = await asyncio.to_thread(read)
                self._read_at = time.monotonic()
            return self._value
