"""Rate limits, counted in this process, or in Redis for all processes together."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from bot.settings import Settings

SWEPT_EVERY_SECONDS = 60


class Rates:
    """A sliding window of two counters for each client, so that a hit costs the same however many there are."""

    def __init__(self, storage: MemoryStorage | RedisStorage) -> None:
        self._storage = storage
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._swept_at = time.monotonic()

    async def hit(self, rate: RateLimitItem, *who: str) -> bool:
        """Counts one hit; False, without counting it, if it is over the limit."""
        await self._sweep_now_and_then()
        return await self._limiter.hit(rate, *who)

    async def wait_seconds(self, rate: RateLimitItem, *who: str) -> int:
        """To be called after `hit` gave False: how long until the next hit may pass, at least a second."""
        window = await self._limiter.get_window_stats(rate, *who)
        return max(1, math.ceil(window.reset_time - time.time()))

    async def _sweep_now_and_then(self) -> None:
        """Deletes expired counters from memory; Redis does this by itself."""
        if not isinstance(self._storage, MemoryStorage) or time.monotonic() - self._swept_at < SWEPT_EVERY_SECONDS:
            return
        self._swept_at = time.monotonic()
        for key in list(self._storage.expirations):
            await self._storage.get(key)  # deletes an expired one


class _Sweeper:
    """Replaces the task that the library would start at each hit, and that looks at all keys."""

    def done(self) -> bool:
        return False

    def cancel(self) -> None:
        """There is nothing to cancel."""


def rate_limiter(settings: Settings) -> Rates:
    if settings.redis_url:
        return Rates(RedisStorage(f"async+{settings.redis_url}", implementation="redispy"))
    storage = MemoryStorage()
    storage.timer = _Sweeper()  # type: ignore[assignment]
    return Rates(storage)
