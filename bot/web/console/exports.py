"""Records exported files and bulletins in the audit log, without making the download wait for the database lock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from bot.db import Database, utcnow
from bot.staff import audit
from bot.web.console.pages import person_of
from bot.web.keys import DATABASE

logger = logging.getLogger(__name__)

UNWRITTEN: web.AppKey[set[asyncio.Task[None]]] = web.AppKey("unwritten_exports")
_PAUSE_SECONDS = 1


async def note_export(request: web.Request, subject: str, action: str = "export") -> None:
    """Writes the entry at once, or in the background as soon as the database is free."""
    database, who = request.app[DATABASE], person_of(request).login
    entry = partial(audit.record, who=who, action=action, subject=subject, why="", at=utcnow())
    if await asyncio.to_thread(database.attempt, entry):
        return
    # If this process dies before the entry is in the table, this line is the only trace of the export.
    logger.warning("audit entry to be written later: %s %s %s", who, action, subject)
    task = asyncio.create_task(_until_written(database, entry))
    request.app[UNWRITTEN].add(task)
    task.add_done_callback(request.app[UNWRITTEN].discard)


async def unwritten(app: web.Application) -> AsyncIterator[None]:
    """Keeps the entries that are still to be written; before the process ends, waits until they are written."""
    app[UNWRITTEN] = set()
    yield
    await asyncio.gather(*app[UNWRITTEN])


async def _until_written(database: Database, entry: partial[None]) -> None:
    # Each try is short. One that waited for the lock would keep a thread from the pages that are only read.
    while not await asyncio.to_thread(database.attempt, entry):
        await asyncio.sleep(_PAUSE_SECONDS)
