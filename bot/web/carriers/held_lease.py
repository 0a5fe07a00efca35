"""A lease that is renewed as long as the work takes, and is soon free if this process dies."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from types import TracebackType

from sqlalchemy.exc import SQLAlchemyError

from bot.db import Database, utcnow
from bot.helpline import leases
from bot.helpline.leases import Lease

logger = logging.getLogger(__name__)


class HeldLease:
    """`until`: when the lease ends, by its last renewal; needed to give it back.

    async with HeldLease(database, lease, subscriber_id, until) as held:
        ...  # renewed
    leases.give_back(session, lease, subscriber_id, held.until)
    """

    def __init__(self, database: Database, lease: Lease, subscriber_id: int, until: datetime) -> None:
        self.subscriber_id = subscriber_id
        self.until = until
        self._database = database
        self._lease = lease
        self._is_over = asyncio.Event()
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> HeldLease:
        self._renewing = asyncio.create_task(self._renew_again_and_again())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        """Waits for the renewal and does not cancel it, else it could change `until` afterwards."""
        self._is_over.set()
        if self._renewing is not None:
            await self._renewing

    async def _renew_again_and_again(self) -> None:
        """Renews until the work is over, or another process has the lease."""
        while not self._is_over.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(leases.RENEWED_EVERY.total_seconds()):
                    await self._is_over.wait()
                    return
            try:
                until = await asyncio.to_thread(self._renew)
            except SQLAlchemyError as error:
                logger.warning("a lease on %d was not renewed (%s)", self.subscriber_id, type(error).__name__)
                continue
            if until is None:
                logger.warning("a lease on %d ran out; another process has it", self.subscriber_id)
                return
            self.until = until

    def _renew(self) -> datetime | None:
        with self._database.transaction() as session:
            return leases.renew(session, self._lease, self.subscriber_id, self.until, utcnow())
