"""A TCP relay between an assistant and whom it talks to, which can be slow, or as silent as a cut cable."""

from __future__ import annotations

import asyncio

from bot.running.ports import free_port


class TcpRelay:
    """Listens on `port` while it is open, and passes what comes on to `to_port` and back; each piece `delay` seconds
    late. `fall_silent` and `speak` cut the cable and mend it."""

    def __init__(self, to_port: int) -> None:
        self.port, self._to_port = free_port(), to_port
        self.delay = 0.0
        self._is_silent = False
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        # The lines on which something passes.
        self._heard: set[object] = set()
        self._held = 0

    @property
    def held(self) -> int:
        """How many lines the other side holds open."""
        return self._held

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for each in self._lines:
            each.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    def fall_silent(self) -> None:
        """Nothing passes on any line, not even that one side has closed it; new ones are taken as if all were well."""
        self._is_silent = True
        self._heard.clear()

    def speak(self) -> None:
        """New lines pass again. Those that were open stay silent, and nobody is told."""
        self._is_silent = False

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 # asyncio calls this in one
        self._lines.add(task)
        line = object()
        if not self._is_silent:
            self._heard.add(line)
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            self._lines.discard(task)
            writer.close()
            return
        try:
            self._held += 1
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass_on(line, reader, there_writer))
                both.create_task(self._pass_back(line, there_reader, writer))
        finally:
            self._lines.discard(task)
            self._heard.discard(line)
            writer.close()
            there_writer.close()

    async def _pass_back(self, line: object, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._pass_on(line, reader, writer)
        finally:
            self._held -= 1

    async def _pass_on(self, line: object, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65536):
                await asyncio.sleep(self.delay)
                if line in self._heard:
                    writer.write(piece)
                    await writer.drain()
        except OSError:
            pass  # closed without a word, which is no end of another kind here
        if line in self._heard:
            writer.close()
