"""Which of several web processes does the chores: the one that holds the lease in Redis.

Each chore is written so that two processes may do it at once; that one does them all saves the work of the others. So
where Redis is not set up, or does not answer, every process does them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import redis.asyncio
from aiohttp import web
from redis.exceptions import LockError, RedisError

from bot.web.keys import SETTINGS
from bot.web.metrics import METRICS
from bot.web.redis_client import redis_at

logger = logging.getLogger(__name__)

_NAME = "assistant:chores"
LEASE_SECONDS, RENEWED_EVERY_SECONDS = 30.0, 10.0


class Leader:
    """`leads` says whether this process does the chores now; `run` keeps that true to the lease until cancelled.

    A leader that dies is followed by another within `LEASE_SECONDS` and `RENEWED_EVERY_SECONDS`; one that stops gives
    the lease back.
    """

    def __init__(self, redis_url: str | None) -> None:
        self.leads = redis_url is None
        self._server = redis_at(redis_url) if redis_url else None
        self._lease = self._server.lock(_NAME, timeout=LEASE_SECONDS) if self._server else None

    async def run(self) -> None:
        while self._lease is not None:
            await self.look()
            await asyncio.sleep(RENEWED_EVERY_SECONDS)

    async def look(self) -> None:
        """Renews the lease or takes a free one."""
        if self._lease is None:
            return
        led = self.leads
        try:
            self.leads = await self._holds(self._lease)
        except RedisError as error:
            logger.warning("nobody can say who does the chores, so this process does them too: %s", error)
            self.leads = True
        if self.leads != led:
            logger.info("this process %s the chores", "does" if self.leads else "no longer does")

    async def _holds(self, lease: redis.asyncio.lock.Lock) -> bool:
        if await lease.owned():
            with suppress(LockError):  # it ran out at this moment
                return bool(await lease.reacquire())
        return bool(await lease.acquire(blocking=False))

    async def stop(self) -> None:
        if self._server is None or self._lease is None:
            return
        with suppress(RedisError):
            if await self._lease.owned():
                await self._lease.release()
        await self._server.aclose()


LEADER = web.AppKey("leader", Leader)


async def follow_leader(app: web.Application) -> AsyncIterator[None]:
    """Keeps `app[LEADER]`, for `cleanup_ctx`."""
    app[LEADER] = leader = Leader(app[SETTINGS].redis_url)
    app[METRICS].does_chores.set_function(lambda: leader.leads)
    keeping = asyncio.create_task(leader.run())
    yield
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    await leader.stop()
