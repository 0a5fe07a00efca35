"""The text channels: stores texts that arrive by SMS or WeChat, has them answered as at the portal, and sends texts and
mail.

A text is acknowledged to its carrier as soon as it is stored. Three loops then work on what is stored: one asks the
bot, one sends, one collects what staff wrote. Many citizens are served at once, but the texts of one citizen one after
another, also with several processes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from aiohttp import web

from bot.db import Database, utcnow
from bot.helpline import answers, inbox, leases, outbox, staff_lines
from bot.helpline.hours import QuietHours
from bot.helpline.models import Inbound
from bot.helpline.texts import Arrived, DeliveryReport
from bot.replies import helpline as wording
from bot.sealing import Sealer
from bot.settings import Settings
from bot.web.carriers.answering import TextAnswering
from bot.web.carriers.carrier import Carrier
from bot.web.carriers.sending import Sending
from bot.web.carriers.work_loop import LOOK_EVERY_SECONDS, WorkLoop
from bot.web.chat import Chat
from bot.web.live import QUEUE, Live
from bot.web.metrics import Metrics
from bot.web.rates import rate_limiter

logger = logging.getLogger(__name__)

ANSWERED_AT_ONCE = 8
SENT_AT_ONCE = 16


class Helpline:
    """`carriers`: channel → the carrier that sends its texts.

    helpline = Helpline(…)
    await helpline.start()
    await helpline.receive(SMS, Arrived(…))
    """

    def __init__(
        self,
        database: Database,
        chat: Chat,
        live: Live,
        metrics: Metrics,
        settings: Settings,
        carriers: Mapping[str, Carrier],
    ) -> None:
        self._database = database
        self._live = live
        self._metrics = metrics
        self._most_per_hour = settings.helpline.per_number_hour
        self._quiet = QuietHours(settings.helpline.quiet_starts, settings.helpline.quiet_ends)
        self._is_alone = settings.redis_url is None
        self._channels = frozenset(carriers)
        self._sealer = Sealer.of(settings)
        answering = TextAnswering(
            database, self._sealer, chat, live, settings.helpline.short_link, on_answered=self._tell_of_answer
        )
        sending = Sending(database, self._sealer, settings.helpline, rate_limiter(settings), metrics, carriers)
        self._answering = WorkLoop(answering.find, answering.answer_next_of, ANSWERED_AT_ONCE)
        self._sending = WorkLoop(sending.find, sending.send_next_to, SENT_AT_ONCE)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        if self._is_alone:
            await asyncio.to_thread(self._free_leases)
        loops = (self._answering.run(), self._sending.run(), self._collect_what_staff_write())
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Stops the work under way; it is stored, and the next process takes it up."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def receive(self, channel: str, arrived: Arrived) -> int:
        """Stores a text and returns its id here; the carrier may then be told. The same text again keeps its id."""
        inbound_id = await asyncio.to_thread(self._keep, channel, arrived)
        self._metrics.texts.labels(channel, "in").inc()
        self._answering.wake()
        self._sending.wake()
        return inbound_id

    async def report(self, channel: str, report: DeliveryReport) -> bool:
        """Notes what became of a text; False if no text with that id went out."""
        return await asyncio.to_thread(self._note_report, channel, report)

    async def answer_within(self, inbound_id: int, seconds: float, fits: Callable[[Sequence[str]], bool]) -> list[str]:
        """The texts that answer a text, as many as fit; none if it takes longer. What is returned counts as sent.

        A second call returns the same texts, since a carrier that did not get them asks again. Several calls, also in
        several processes, may wait for one answer.
        """
        with self._live.listening(_answer_to(inbound_id)) as answered:
            if not await asyncio.to_thread(self._is_answered, inbound_id):
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await answered.wait()
            return await asyncio.to_thread(self._take_for_passive_reply, inbound_id, fits)

    async def _tell_of_answer(self, inbound_id: int) -> None:
        self._sending.wake()
        await self._live.changed(_answer_to(inbound_id))

    async def _collect_what_staff_write(self) -> None:
        """Puts what staff wrote into the outbox. Also has texts answered of which a part got lost."""
        with self._live.listening(QUEUE) as changed:
            while True:
                changed.clear()
                try:
                    if await asyncio.to_thread(self._collect):
                        self._sending.wake()
                    if await asyncio.to_thread(self._join_late):
                        self._answering.wake()
                except Exception:  # else nothing would be collected until the next start
                    logger.exception("what staff wrote was not collected; it will be")
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_SECONDS):
                        await changed.wait()

    def _keep(self, channel: str, arrived: Arrived) -> int:
        now = utcnow()
        with self._database.transaction() as session:
            kept = inbox.keep(session, self._sealer, channel, arrived, self._most_per_hour, now)
            if kept.is_first_too_often:
                answers.say(session, session.get_one(Inbound, kept.inbound_id), wording.too_fast(), now)
            return kept.inbound_id

    def _collect(self) -> bool:
        """Puts what staff wrote into the outbox; False if there was nothing."""
        now = utcnow()
        with self._database.transaction() as session:
            lines = staff_lines.not_collected(session, self._sealer, now, self._channels)
        for line in lines:
            try:
                with self._database.transaction() as session:
                    staff_lines.collect(session, self._sealer, self._quiet, line, now)
            except Exception:  # the other lines do not wait for it
                logger.exception("line %d of staff was not collected; it will be", line.staff_message_id)
        return bool(lines)

    def _join_late(self) -> bool:
        with self._database.transaction() as session:
            return inbox.join_late(session, self._sealer, utcnow())

    def _free_leases(self) -> None:
        with self._database.transaction() as session:
            leases.free_all(session)

    def _note_report(self, channel: str, report: DeliveryReport) -> bool:
        with self._database.transaction() as session:
            return outbox.note_report(session, channel, report, utcnow())

    def _is_answered(self, inbound_id: int) -> bool:
        with self._database.transaction() as session:
            return inbox.is_answered(session, inbound_id)

    def _take_for_passive_reply(self, inbound_id: int, fits: Callable[[Sequence[str]], bool]) -> list[str]:
        with self._database.transaction() as session:
            return outbox.take_for_passive_reply(session, inbound_id, utcnow(), fits)


HELPLINE = web.AppKey("helpline", Helpline)


def _answer_to(inbound_id: int) -> str:
    """The topic in `Live` of the answer to this text."""
    return f"answer to text {inbound_id}"
