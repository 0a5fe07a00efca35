"""Files and bulletins that leave the house stand in the audit log; whoever takes them need not wait for a writer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web
from sqlalchemy.exc import OperationalError

from bot.db import Database, utcnow
from bot.staff import audit
from bot.web.console.pages import person_of
from bot.web.keys import DATABASE

logger = logging.getLogger(__name__)

UNWRITTEN: web.AppKey[set[asyncio.Task[None]]] = web.AppKey("unwritten_exports")
_PAUSE_SECONDS = 1


async def note_export(request: web.Request, subject: str, action: str = "export") -> None:
    """Writes the entry at once, or as soon as whoever holds the database lets go."""
    database, who = request.app[DATABASE], person_of(request).login
    entry = partial(audit.record, who=who, action=action, subject=subject, why="", at=utcnow())
    if await asyncio.to_thread(database.attempt, entry):
        return
    # The log has it even if this process dies before the table does.
    logger.warning("audit entry to be written later: %s %s %s", who, action, subject)
    task = asyncio.create_task(_until_written(database, entry))
    request.app[UNWRITTEN].add(task)
    task.add_done_callback(request.app[UNWRITTEN].discard)


async def unwritten(app: web.Application) -> AsyncIterator[None]:
    """Holds what is still to be written, and writes it before the process ends."""
    app[UNWRITTEN] = set()
    yield
    await asyncio.gather(*app[UNWRITTEN])


async def _until_written(database: Database, entry: partial[None]) -> None:
    while True:
        try:
            await asyncio.to_thread(_write, database, entry)
        except OperationalError:
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


def _write(database: Database, entry: partial[None]) -> None:
    with database.transaction() as session:
        entry(session)
