"""The web process before a fake engine, in a thread of its own, for clients that know nothing of asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from aiohttp.test_utils import TestServer

from bot.db import Database
from bot.web.app import make_app
from tests.databases import set_up
from tests.web.console import settings_in
from tests.web.engine import Engine

Fill = Callable[[Database], None]


@contextmanager
def served(folder: Path, fill: Fill, **environ: str) -> Iterator[str]:
    """Yields its address. `fill`: puts into the database what is asked for."""
    loop, opened = asyncio.new_event_loop(), AsyncExitStack()

    async def start() -> str:
        port = await opened.enter_async_context(Engine().serving())
        settings = settings_in(folder, ENGINE_PORT=port, **environ)
        database = Database(settings.database_url)
        set_up(database, fill)
        database.close()
        server = await opened.enter_async_context(TestServer(make_app(settings), host="127.0.0.1"))
        return str(server.make_url("")).rstrip("/")

    running = threading.Thread(target=loop.run_forever, daemon=True)
    running.start()
    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(opened.aclose(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        running.join()
        loop.close()
