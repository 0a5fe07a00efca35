"""Sends the texts in the outbox, by the carrier of their channel and at the agreed rate."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping

from limits import RateLimitItemPerSecond

from bot.conversations.channels import SMS
from bot.db import Database, locked, utcnow
from bot.helpline import ceiling, leases, outbox
from bot.helpline.models import Outgoing, Subscriber
from bot.helpline.texts import Leaving
from bot.sealing import SealBroken, Sealer
from bot.settings import HelplineSettings
from bot.web.carriers.carrier import Carrier, Refused, TryLater
from bot.web.carriers.held_lease import HeldLease
from bot.web.metrics import Metrics
from bot.web.rates import Rates

logger = logging.getLogger(__name__)

_LEASE = Subscriber.sending_until


class Sending:
    """`carriers`: channel → its carrier; texts of a channel without a carrier wait."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        settings: HelplineSettings,
        limiter: Rates,
        metrics: Metrics,
        carriers: Mapping[str, Carrier],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._daily_ceiling = settings.daily_ceiling
        self._pace = RateLimitItemPerSecond(settings.per_second)
        self._pause_seconds = 1 / settings.per_second
        self._limiter = limiter
        self._metrics = metrics
        self._carriers = carriers
        # The channels that had reached today's ceiling when there was last looked for what to send.
        self._full: Collection[str] = ()

    def find(self, but: Collection[int]) -> list[int]:
        now = utcnow()
        with self._database.transaction() as session:
            self._full = (SMS,) if ceiling.is_reached(session, self._daily_ceiling, now) else ()
            return outbox.subscribers_to_send_to(session, list(self._carriers), now, but, full=self._full)

    async def send_next_to(self, subscriber_id: int) -> None:
        taken = await asyncio.to_thread(self._take, subscriber_id)
        if taken is None:
            return
        lease, outgoing_id, channel, leaving = taken
        gateway_id, trouble, is_over = None, "", False
        async with lease:
            while not await self._limiter.hit(self._pace, "texts", channel):
                await asyncio.sleep(self._pause_seconds)
            try:
                gateway_id = await self._carriers[channel].send(leaving)
            except TryLater as error:
                trouble = str(error)
            except Refused as error:
                trouble, is_over = str(error), True
            except Exception as error:
                logger.exception("text %d was not sent", outgoing_id)
                trouble = type(error).__name__
        self._metrics.texts.labels(channel, "out" if gateway_id is not None else "not_out").inc()
        await asyncio.to_thread(self._note, lease, outgoing_id, leaving.key, gateway_id, trouble, is_over)

    def _take(self, subscriber_id: int) -> tuple[HeldLease, int, str, Leaving] | None:
        """The next text to this citizen, with the lease to send it; None if another process was faster."""
        now = utcnow()
        with self._database.transaction() as session:
            until = leases.take(session, _LEASE, subscriber_id, now)
            if until is None:
                return None
            outgoing = outbox.next_to(session, subscriber_id, now, full=self._full)
            if outgoing is None:
                leases.give_back(session, _LEASE, subscriber_id, until)
                return None
            try:
                user = self._sealer.open(outgoing.subscriber.user_sealed)
            except SealBroken:
                outbox.give_up(outgoing, "号码是用另一个密钥加密的，解不开", now)
                leases.give_back(session, _LEASE, subscriber_id, until)
                return None
            outbox.begin_attempt(outgoing)
            lease = HeldLease(self._database, _LEASE, subscriber_id, until)
            return lease, outgoing.id, outgoing.channel, Leaving(outgoing.key, user, outgoing.text)

    def _note(
        self,
        lease: HeldLease,
        outgoing_id: int,
        key: str,
        gateway_id: str | None,
        trouble: str,
        is_over: bool,
    ) -> None:
        now = utcnow()
        with self._database.transaction() as session:
            leases.give_back(session, _LEASE, lease.subscriber_id, lease.until)
            outgoing = locked(session, Outgoing, outgoing_id)
            if outgoing is None or outgoing.key != key:  # meanwhile reported as undelivered, and sent again by staff
                return
            if gateway_id is not None:
                outbox.mark_sent(session, outgoing, gateway_id, now)
            elif is_over:
                outbox.give_up(outgoing, trouble, now)
            else:
                outbox.put_off(outgoing, trouble, now)
