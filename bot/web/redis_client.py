"""Redis as web processes use it. It answers at once, or it is away: nobody may wait for it while a citizen waits."""

from __future__ import annotations

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

ANSWERS_WITHIN_SECONDS = 1.0
# Once more, on a connection of its own: the first may be one that Redis has closed, as when it was started again.
RETRY = Retry(NoBackoff(), 1)


def redis_at(url: str) -> redis.asyncio.Redis:
    """A client that raises RedisError soon."""
    return redis.asyncio.from_url(
        url,
        socket_timeout=ANSWERS_WITHIN_SECONDS,
        socket_connect_timeout=ANSWERS_WITHIN_SECONDS,
        retry=RETRY,
    )
