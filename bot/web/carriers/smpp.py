"""Texts over SMPP 3.4, for operators whose short message centre (SMSC) offers no HTTP.

We are an ESME, bound as a transceiver for as long as `SmppCarrier.run` runs. smpplib writes and reads the PDUs
(`smpp_pdus`); the session around them is ours (`smpp_session`), since smpplib's own blocks. Section numbers are those
of “SMPP Protocol Specification v3.4”, issue 1.2.

Guarantees and their limits:

- In: a deliver_sm is answered only after the text is stored. If storing fails, the SMSC is told so and sends it again.
- In: a text that the SMSC sends again is recognised (see `_Names`), unless it was stored just before this process died:
  SMPP gives a citizen's text no id, so such a text comes twice.
- Out: SMPP has no key by which an SMSC could recognise a text. If the answer to a submit_sm is lost, nobody knows
  whether it was taken; it is sent again, and may arrive twice. Parts that were taken are not sent again.
- Out: only the last part of a long text asks for a receipt, which counts for the whole text.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count

from bot.helpline.backoff import pause
from bot.helpline.texts import Arrived, DeliveryReport, Leaving, TextPart
from bot.settings import SmppSettings
from bot.web.carriers import smpp_pdus as pdus
from bot.web.carriers.carrier import Refused, TryLater
from bot.web.carriers.smpp_pdus import Pdu
from bot.web.carriers.smpp_session import BindRefused, Session, Timers

logger = logging.getLogger(__name__)

Receive = Callable[[Arrived], Awaitable[object]]
Reported = Callable[[DeliveryReport], Awaitable[bool]]

# The SMSC sends texts without an answer again within this time after we are bound again.
_DOUBT_SECONDS = 600
_SUBMITS_AT_ONCE = 10
_TEXTS_REMEMBERED = 1000


@dataclass(frozen=True)
class _Doubt:
    digest: str
    name: str
    until: float


class _Names:
    """Tells a text that the SMSC sends again from a new text with the same words.

    A deliver_sm (4.6.1) has no id and no time, and its sequence number changes when it is sent again. But an SMSC
    sends again only a text without an answer, and we know which these are: our answer did not leave, or the session
    ended before anything proved that the answer had arrived. So a text is compared only with these texts in doubt, by a
    digest of its fields. If a citizen sends “1” twice, both are answered; a text in doubt is found only once.
    The user_message_reference (5.3.2.17) alone proves no repetition: some SMSCs always send the same one.
    """

    def __init__(self) -> None:
        self._doubts: list[_Doubt] = []

    def name(self, digest: str, now: float) -> str:
        self._doubts = [doubt for doubt in self._doubts if doubt.until > now]
        for doubt in self._doubts:
            if doubt.digest == digest:
                self._doubts.remove(doubt)
                return doubt.name
        return uuid.uuid4().hex

    def doubt(self, digest: str, name: str, now: float) -> None:
        if not any(doubt.name == name for doubt in self._doubts):
            self._doubts.append(_Doubt(digest, name, now + _DOUBT_SECONDS))

    def begin_again(self, now: float) -> None:
        """Called when we are bound again: the time of all doubts starts anew, as nothing could be sent again before."""
        self._doubts = [_Doubt(doubt.digest, doubt.name, now + _DOUBT_SECONDS) for doubt in self._doubts]


@dataclass
class _Begun:
    """A text that is being sent. `names`: ids that the SMSC gave to the parts that it took, in order."""

    reference: int
    names: list[str] = field(default_factory=list)


class SmppCarrier:
    """Sends and receives. One process at a time may `run` it; others have no session, and send nothing.

    gateway = SmppCarrier(settings)
    task = asyncio.create_task(gateway.run(receive, report))
    await gateway.bound.wait()
    await gateway.send(Leaving(…))
    """

    def __init__(self, settings: SmppSettings, timers: Timers | None = None) -> None:
        self.bound = asyncio.Event()
        self._settings = settings
        self._timers = timers or Timers()
        self._session: Session | None = None
        self._names = _Names()
        self._begun: dict[str, _Begun] = {}
        self._references = count(random.randrange(256))  # noqa: S311 # no secret depends on it
        self._window = asyncio.Semaphore(_SUBMITS_AT_ONCE)

    async def run(self, receive: Receive, report: Reported) -> None:
        """Keeps a session open until cancelled.

        `receive` returns when the text is stored; `report` returns whether a text with that id went out.
        """
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            started = clock()
            try:
                await self._hold_a_session(receive, report)
                logger.info("the SMSC ended the session")
            except BindRefused as error:
                logger.error("the SMSC does not let us in: %s", error)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                logger.warning("no session with the SMSC: %s", type(error).__name__)
            except Exception as error:  # the channel outlives a session; only the type, as the message may quote a text
                logger.error("the session with the SMSC was given up: %s", type(error).__name__)
            failures = 0 if clock() - started > self._timers.longest_pause else failures + 1
            first, longest = timedelta(seconds=self._timers.first_pause), timedelta(seconds=self._timers.longest_pause)
            await asyncio.sleep(pause(failures + 1, first, longest).total_seconds())

    async def send(self, leaving: Leaving) -> str:
        """The SMSC's id of the text, or of its last part. Another call with the same key goes on where it stopped.

        Raises:
            TryLater, Refused
        """
        if not re.fullmatch(r"\+?[0-9]{1,20}", leaving.user):
            raise Refused("not a telephone number")
        pieces = pdus.pieces(leaving.text)
        if len(pieces) > pdus.MOST_PARTS:
            raise Refused(f"too long for SMS: {len(pieces)} parts")
        begun = self._remember(leaving.key)
        try:
            async with asyncio.timeout(self._timers.send):
                for number in range(len(begun.names) + 1, len(pieces) + 1):
                    begun.names.append(await self._submit(leaving.user, pieces, number, begun.reference))
        except TimeoutError:
            raise TryLater("the SMSC gave no answer; it may have taken the text") from None
        except OSError:
            raise TryLater("the session with the SMSC broke; it may have taken the text") from None
        except Refused:
            self._begun.pop(leaving.key, None)
            raise
        return begun.names[-1]

    async def _submit(self, user: str, pieces: list[bytes], number: int, reference: int) -> str:
        """Sends one part (4.4.1). Raises: TryLater, Refused, OSError, TimeoutError"""
        part = TextPart(reference, len(pieces), number) if len(pieces) > 1 else None
        fields = pdus.submit_sm(
            self._settings.source, user, pieces[number - 1], part, wants_receipt=number == len(pieces)
        )
        async with self._window:
            if self._session is None:
                raise TryLater("no session with the SMSC")
            answer = await self._session.request("submit_sm", **fields)
        if answer.status in pdus.FINAL:
            raise Refused(pdus.meaning(answer.status))
        if answer.status or answer.command == pdus.GENERIC_NACK or answer.fields is None:
            raise TryLater(pdus.meaning(answer.status))
        return pdus.message_id(answer)

    def _remember(self, key: str) -> _Begun:
        begun = self._begun.get(key)
        if begun is None:
            begun = self._begun[key] = _Begun(next(self._references) % 256)
            if len(self._begun) > _TEXTS_REMEMBERED:
                del self._begun[next(iter(self._begun))]
        return begun

    async def _hold_a_session(self, receive: Receive, report: Reported) -> None:
        clock = asyncio.get_running_loop().time
        async with asyncio.timeout(self._timers.response):
            reader, writer = await asyncio.open_connection(self._settings.host, self._settings.port)
        session = Session(reader, writer, self._timers)
        settings = self._settings
        bind = {
            "system_id": settings.system_id,
            "password": settings.password,
            "system_type": settings.system_type,
        }

        def on_bound() -> None:
            self._names.begin_again(clock())
            self._session = session
            self.bound.set()
            logger.info("bound to the SMSC")

        try:
            await session.hold(bind, partial(self._deliver, session, receive, report), on_bound)
        finally:
            self.bound.clear()
            self._session = None
            for name, digest in session.unproven.items():
                self._names.doubt(digest, name, clock())

    async def _deliver(self, session: Session, receive: Receive, report: Reported, pdu: Pdu) -> tuple[int, str | None]:
        """The status to answer with, and the name of the text if one was stored."""
        kind = pdu.fields.esm_class & pdus.TYPE_BITS
        try:
            if kind == pdus.RECEIPT:
                return await self._pass_on(session, report, pdu), None
            if kind:  # acknowledgements by handsets and notices on the way are no texts of citizens
                return pdus.OK, None
            return await self._take_in(session, receive, pdu)
        except Exception as error:  # the SMSC must keep the text, whatever failed; the message may quote it
            logger.error("what the SMSC brought was not stored, it is to send it again: %s", type(error).__name__)
            return pdus.TRY_LATER, None

    async def _take_in(self, session: Session, receive: Receive, pdu: Pdu) -> tuple[int, str | None]:
        clock = asyncio.get_running_loop().time
        started, digest = clock(), pdus.digest(pdu)
        name = self._names.name(digest, started)
        session.unproven[name] = digest
        try:
            await receive(pdus.arrived(pdu, name))
        except Exception:
            del session.unproven[name]
            self._names.doubt(digest, name, clock())
            raise
        if clock() - started > self._timers.response:  # the SMSC may have stopped waiting, and send it again
            self._names.doubt(digest, name, clock())
        return pdus.OK, name

    async def _pass_on(self, session: Session, report: Reported, pdu: Pdu) -> int:
        found = pdus.report(pdu)
        if found is None or await report(found):
            return pdus.OK
        # The receipt may come before our own record of the text that was sent.
        is_ours = any(found.gateway_id in begun.names for begun in self._begun.values())
        return pdus.TRY_LATER if is_ours or session.waits_for_answers else pdus.OK
