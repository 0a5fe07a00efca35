"""How often somebody may: counted in this process, or over Redis by all processes together."""

from __future__ import annotations

from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter

from bot.settings import Settings


def rate_limiter(settings: Settings) -> MovingWindowRateLimiter:
    if settings.redis_url:
        return MovingWindowRateLimiter(RedisStorage(f"async+{settings.redis_url}", implementation="redispy"))
    return MovingWindowRateLimiter(MemoryStorage())
