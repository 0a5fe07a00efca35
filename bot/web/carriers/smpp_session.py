"""A session with an SMSC over SMPP 3.4, from the bind to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from bot.web.carriers import smpp_pdus as pdus
from bot.web.carriers.smpp_pdus import Pdu

logger = logging.getLogger(__name__)

Deliver = Callable[[Pdu], Awaitable[tuple[int, str | None]]]


@dataclass(frozen=True)
class Timers:
    """In seconds. `send` is for a whole text."""

    response: float = 10
    send: float = 30
    enquire: float = 30
    first_pause: float = 1
    longest_pause: float = 60


class BindRefused(Exception):
    """The SMSC does not let us in; the message is its reason."""


class Session:
    """One connection, from the bind to its end.

    `unproven`: name → digest of texts for which it is not proven that the SMSC has our answer.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timers: Timers) -> None:
        self._reader = reader
        self._writer = writer
        self._timers = timers
        self._sequences = count(1)
        self._outstanding: dict[int, asyncio.Future[Pdu]] = {}
        self._arrived: asyncio.Queue[Pdu | None] = asyncio.Queue()
        self._answered: set[str] = set()
        self._is_over = False
        self.unproven: dict[str, str] = {}

    @property
    def waits_for_answers(self) -> bool:
        return bool(self._outstanding)

    async def hold(self, bind: Mapping[str, str], deliver: Deliver, on_bound: Callable[[], None]) -> None:
        """Binds and serves until the SMSC unbinds or the task is cancelled; when cancelled, it unbinds.

        `bind`: the fields of the bind_transceiver (4.1.5). `deliver` returns the status of the answer, and the name of
        the text if it is one.

        Raises:
            OSError, TimeoutError, BindRefused, asyncio.IncompleteReadError
        """
        tasks = [asyncio.create_task(self._read_all())]
        try:
            answer = await self.request("bind_transceiver", **bind)
            if answer.status:
                raise BindRefused(pdus.meaning(answer.status))
            on_bound()
            answering = asyncio.create_task(self._answer_all(deliver))
            tasks += [answering, asyncio.create_task(self._enquire())]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                await self._take_leave(answering)
                raise
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._writer.close()

    async def request(self, command: str, **fields: Any) -> Pdu:
        """The answer. It proves that the SMSC has all that we answered before the request, since it reads in order.

        Raises:
            OSError, TimeoutError
        """
        sequence = next(self._sequences)
        if self._is_over:
            raise ConnectionResetError
        self._outstanding[sequence] = asyncio.get_running_loop().create_future()
        proven = set(self._answered)
        try:
            self._write(command, sequence, **fields)
            async with asyncio.timeout(self._timers.response):
                await self._writer.drain()
                answer = await self._outstanding[sequence]
        finally:
            del self._outstanding[sequence]
        self._answered -= proven
        for name in proven:
            self.unproven.pop(name, None)
        return answer

    async def _take_leave(self, answering: asyncio.Task[None]) -> None:
        """Stores and answers what has arrived, then unbinds; the answer to that proves that the SMSC has ours."""
        self._arrived.put_nowait(None)
        await asyncio.wait([answering], timeout=self._timers.response)
        with suppress(OSError, TimeoutError):
            await self.request("unbind")

    async def _read_all(self) -> None:
        try:
            while True:
                pdu = await self._read()
                if pdu.command & pdus.IS_RESPONSE:
                    waiting = self._outstanding.get(pdu.sequence)
                    if waiting and not waiting.done():
                        waiting.set_result(pdu)
                elif pdu.command == pdus.DELIVER_SM and pdu.fields is not None:
                    self._arrived.put_nowait(pdu)
                elif pdu.command == pdus.DELIVER_SM:
                    logger.warning("the SMSC sent a deliver_sm that cannot be read")
                    self._write("generic_nack", pdu.sequence, status=pdus.INVALID_LENGTH)
                elif pdu.command == pdus.ENQUIRE_LINK:
                    self._write("enquire_link_resp", pdu.sequence)
                elif pdu.command == pdus.UNBIND:
                    self._write("unbind_resp", pdu.sequence)
                    await self._writer.drain()
                    return
                elif pdu.command != pdus.ALERT_NOTIFICATION:  # which has no answer (4.12)
                    self._write("generic_nack", pdu.sequence, status=pdus.INVALID_COMMAND)
        finally:
            self._is_over = True
            for waiting in self._outstanding.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionResetError())

    async def _read(self) -> Pdu:
        """The next PDU. Raises: OSError, asyncio.IncompleteReadError"""
        length = await self._reader.readexactly(4)
        if not 16 <= int.from_bytes(length) <= pdus.LONGEST_PDU:
            raise ConnectionAbortedError("the SMSC sent what is no PDU")
        return pdus.read(length + await self._reader.readexactly(int.from_bytes(length) - 4))

    async def _answer_all(self, deliver: Deliver) -> None:
        """One after another, so that a citizen's texts keep their order."""
        while (pdu := await self._arrived.get()) is not None:
            status, name = await deliver(pdu)
            self._write("deliver_sm_resp", pdu.sequence, status=status)
            await self._writer.drain()
            if name:
                self._answered.add(name)

    async def _enquire(self) -> None:
        """Sends enquire_link (4.11), also while texts pass, since its answer proves that the SMSC has ours."""
        while True:
            await asyncio.sleep(self._timers.enquire)
            await self.request("enquire_link")

    def _write(self, command: str, sequence: int, **fields: Any) -> None:
        self._writer.write(pdus.write(command, sequence, **fields))
