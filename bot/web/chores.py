"""Does once a minute what is due by time: deletions, old nonces, chores of the reviews; at times the law watch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations.once import forget_done
from bot.db import Database, utcnow
from bot.helpline import nonces
from bot.laws.watch import refresh
from bot.privacy import chores as privacy
from bot.reviews.chores import do_chores
from bot.settings import Settings
from bot.web.keys import DATABASE, LIVE, SETTINGS
from bot.web.live import QUEUE

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 60
# Laws change by the day, and records by the hand of a clerk, who may look at once (`/console/laws/refresh`).
_ROUNDS_BETWEEN_LAW_WATCHES = 10


async def chores(app: web.Application) -> AsyncIterator[None]:
    doing = asyncio.create_task(_do_again_and_again(app))
    yield
    doing.cancel()
    with suppress(asyncio.CancelledError):
        await doing


async def _do_again_and_again(app: web.Application) -> None:
    for number in count():
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            changed = await asyncio.to_thread(_do, app[DATABASE], app[SETTINGS])
            if number % _ROUNDS_BETWEEN_LAW_WATCHES == 0:
                await asyncio.to_thread(_watch_laws, app[DATABASE])
        except SQLAlchemyError:
            logger.exception("the chores were not done; they will be, in a minute")
        else:
            if changed:
                await app[LIVE].changed(*changed, QUEUE)


def _do(database: Database, settings: Settings) -> list[str]:
    privacy.do_chores(database, settings, utcnow())
    with database.transaction() as session:
        nonces.forget_old(session, utcnow())
        forget_done(session, utcnow())
    with database.transaction() as session:
        return do_chores(session, utcnow())


def _watch_laws(database: Database) -> None:
    with database.transaction() as session:
        refresh(session, utcnow())
