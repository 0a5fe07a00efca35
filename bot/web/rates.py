"""Rate limits, counted in this process, or in Redis for all processes together."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

from bot.settings import Settings
from bot.web.redis_client import redis_at

logger = logging.getLogger(__name__)

T = TypeVar("T")

LEFT_ALONE_SECONDS = 5.0
SWEPT_EVERY_SECONDS = 60


class Rates:
    """A sliding window of two counters for each client, so that a hit costs the same however many there are.

    While Redis is away, each process counts by itself.
    """

    def __init__(self, here: MemoryStorage, shared: RedisStorage | None = None) -> None:
        self._here, self._limiter_here = here, SlidingWindowCounterRateLimiter(here)
        self._limiter_shared = SlidingWindowCounterRateLimiter(shared) if shared else None
        self._shared_again_at = self._swept_at = time.monotonic()

    async def hit(self, rate: RateLimitItem, *who: str) -> bool:
        """Counts one hit; False, without counting it, if it is over the limit."""
        await self._sweep_now_and_then()
        return await self._counted(lambda limiter: limiter.hit(rate, *who))

    async def wait_seconds(self, rate: RateLimitItem, *who: str) -> int:
        """To be called after `hit` gave False: how long until the next hit may pass, at least a second."""
        window = await self._counted(lambda limiter: limiter.get_window_stats(rate, *who))
        return max(1, math.ceil(window.reset_time - time.time()))

    async def _counted(self, ask: Callable[[SlidingWindowCounterRateLimiter], Awaitable[T]]) -> T:
        if self._limiter_shared and time.monotonic() >= self._shared_again_at:
            try:
                return await ask(self._limiter_shared)
            except RedisError as error:
                logger.warning("this process counts by itself: %s", error)
                self._shared_again_at = time.monotonic() + LEFT_ALONE_SECONDS
        return await ask(self._limiter_here)

    async def _sweep_now_and_then(self) -> None:
        """Deletes expired counters from memory; Redis does this by itself."""
        if time.monotonic() - self._swept_at < SWEPT_EVERY_SECONDS:
            return
        self._swept_at = time.monotonic()
        for key in list(self._here.expirations):
            await self._here.get(key)  # deletes an expired one


class _Sweeper:
    """Replaces the task that the library would start at each hit, and that looks at all keys."""

    def done(self) -> bool:
        return False

    def cancel(self) -> None:
        """There is nothing to cancel."""


def rate_limiter(settings: Settings) -> Rates:
    here = MemoryStorage()
    here.timer = _Sweeper()  # type: ignore[assignment]
    if not settings.redis_url:
        return Rates(here)
    # The connections are ours, so that the library's own settings do not count.
    pool: Any = redis_at(settings.redis_url).connection_pool
    return Rates(here, RedisStorage(f"async+{settings.redis_url}", implementation="redispy", connection_pool=pool))
