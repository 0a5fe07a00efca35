"""A loop that serves several citizens at once, each one's work piece by piece."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

logger = logging.getLogger(__name__)

# Work that falls due by time, or was left by another process, is found within this time.
LOOK_EVERY_SECONDS = 2.0


class WorkLoop:
    """`find`, called in a thread, returns ids with work, without those being served; `do` does one piece of work.

    `do` handles its errors itself. An exception that it raises is logged, and its work is found again.
    """

    def __init__(
        self, find: Callable[[Collection[int]], list[int]], do: Callable[[int], Awaitable[None]], most_at_once: int
    ) -> None:
        self._find = find
        self._do = do
        self._most_at_once = most_at_once
        self._serving: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """To be called when there may be work."""
        self._wake.set()

    async def run(self) -> None:
        """Runs until cancelled; work under way is then cancelled too."""
        try:
            while True:
                self._wake.clear()
                for who in await self._find_more():
                    self._serving[who] = asyncio.create_task(self._serve(who))
                # Not wait_for: before Python 3.12 it loses a cancellation that comes as the event is set.
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_SECONDS):
                        await self._wake.wait()
        finally:
            for task in self._serving.values():
                task.cancel()
            await asyncio.gather(*self._serving.values(), return_exceptions=True)

    async def _find_more(self) -> list[int]:
        free = self._most_at_once - len(self._serving)
        if free <= 0:
            return []
        try:
            found = await asyncio.to_thread(self._find, list(self._serving))
        except SQLAlchemyError:
            logger.exception("what there is to do was not found; the next look may")
            return []
        return list(dict.fromkeys(found))[:free]

    async def _serve(self, who: int) -> None:
        try:
            await self._do(who)
        except Exception:
            logger.exception("work for %d was left; it will be found again", who)
            # Else work that always fails would be tried again at once, for ever.
            await asyncio.sleep(LOOK_EVERY_SECONDS)
        finally:
            self._serving.pop(who, None)
            self._wake.set()
