"""Does what is due by time: deletions, approved changes and chores of the reviews each minute, others more rarely."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from itertools import count

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations import talk_links
from bot.conversations.once import forget_done
from bot.db import Database, utcnow
from bot.disclosures import errands
from bot.gaps import finding
from bot.helpline import nonces, reminders
from bot.helpline.forgetting import forget_asked_once
from bot.helpline.hours import QuietHours
from bot.laws.watch import refresh
from bot.privacy import chores as privacy
from bot.proposed_changes.service import make_due_live
from bot.publishing import from_requests
from bot.publishing import tasks as publishing
from bot.reviews.chores import do_chores
from bot.sealing import Sealer
from bot.settings import Settings
from bot.web.keys import DATABASE, LIVE, SETTINGS
from bot.web.live import QUEUE

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 60
# In rounds. Ten minutes are soon enough: laws change by the day, and clerks can compare at once on the laws page.
_LAW_WATCH_EVERY = 10
# In rounds. Half an hour is soon enough: dates change once a day, and each round reads all open requests.
_REMINDERS_EVERY = 30
# In rounds. An hour is soon enough: departments look at what was asked in a week.
_GAPS_EVERY = 60
# In rounds. Terms end with the day, and each round reads all granted requests.
_PUBLISHING_EVERY = 60


async def chores(app: web.Application) -> AsyncIterator[None]:
    doing = asyncio.create_task(_do_again_and_again(app))
    yield
    doing.cancel()
    with suppress(asyncio.CancelledError):
        await doing


async def _do_again_and_again(app: web.Application) -> None:
    for round_number in count():
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            changed = await asyncio.to_thread(_do, app[DATABASE], app[SETTINGS])
            if round_number % _LAW_WATCH_EVERY == 0:
                await asyncio.to_thread(_watch_laws, app[DATABASE])
            if round_number % _PUBLISHING_EVERY == 0:
                await asyncio.to_thread(watch_publishing, app[DATABASE])
            if round_number % _GAPS_EVERY == 0:
                await asyncio.to_thread(app[DATABASE].run, finding.refresh, utcnow())
            if round_number % _REMINDERS_EVERY == 0:
                await asyncio.to_thread(remind, app[DATABASE], app[SETTINGS], utcnow())
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
        errands.forget_old(session, utcnow())
        talk_links.forget_expired(session, utcnow())
        forget_asked_once(session, utcnow())
    make_due_live(database, settings, utcnow())
    with database.transaction() as session:
        return do_chores(session, utcnow())


def _watch_laws(database: Database) -> None:
    with database.transaction() as session:
        refresh(session, utcnow())


def watch_publishing(database: Database) -> None:
    """Raises what is late or missing, and proposes what several applicants were given."""
    with database.transaction() as session:
        publishing.refresh(session, utcnow())
    with database.transaction() as session:
        from_requests.refresh(session, utcnow())


def remind(database: Database, settings: Settings, now: datetime) -> None:
    """Reminds applicants of their dates, where texts or mail can be sent."""
    if not settings.sending_channels:
        return
    quiet = QuietHours(settings.helpline.quiet_starts, settings.helpline.quiet_ends)
    reminders.send_due(database, Sealer.of(settings), quiet, settings.sending_channels, now)
