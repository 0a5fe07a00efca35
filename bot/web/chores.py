"""Does what is due by time: deletions, approved changes and chores of the reviews each minute, others more rarely."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import count

from aiohttp import web

from bot.chore_runs import service as chore_runs
from bot.chore_runs.service import Chore
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


async def chores(app: web.Application) -> AsyncIterator[None]:
    doing = asyncio.create_task(_do_again_and_again(app))
    yield
    doing.cancel()
    with suppress(asyncio.CancelledError):
        await doing


async def _do_again_and_again(app: web.Application) -> None:
    database, settings = app[DATABASE], app[SETTINGS]
    for round_number in count():
        await asyncio.sleep(PAUSE_SECONDS)
        for chore, (every, do) in _CHORES.items():
            if round_number % every == 0:
                await _do_one(app, chore, partial(do, database, settings))


async def _do_one(app: web.Application, chore: Chore, do: Callable[[], Collection[str] | None]) -> None:
    try:
        changed = await asyncio.to_thread(do)
        await asyncio.to_thread(app[DATABASE].run, chore_runs.note, chore, utcnow())
    except Exception:  # whatever fails, the other chores and the next round are done
        logger.exception("the chore %s was not done; it will be, in its next round", chore)
    else:
        if changed:
            await app[LIVE].changed(*changed, QUEUE)


def _each_minute(database: Database, settings: Settings) -> list[str]:
    """The topics of `Live` that changed."""
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


def _watch_laws(database: Database, _: Settings) -> None:
    with database.transaction() as session:
        refresh(session, utcnow())


def _watch_publishing(database: Database, _: Settings) -> None:
    watch_publishing(database)


def watch_publishing(database: Database) -> None:
    """Raises what is late or missing, and proposes what several applicants were given."""
    with database.transaction() as session:
        publishing.refresh(session, utcnow())
    with database.transaction() as session:
        from_requests.refresh(session, utcnow())


def _find_gaps(database: Database, _: Settings) -> None:
    database.run(finding.refresh, utcnow())


def _remind(database: Database, settings: Settings) -> None:
    remind(database, settings, utcnow())


def remind(database: Database, settings: Settings, now: datetime) -> None:
    """Reminds applicants of their dates, where texts or mail can be sent."""
    if not settings.sending_channels:
        return
    quiet = QuietHours(settings.helpline.quiet_starts, settings.helpline.quiet_ends)
    reminders.send_due(database, Sealer.of(settings), quiet, settings.sending_channels, now)


# Chore → in how many rounds of a minute it is done once, and what does it.
_CHORES: dict[Chore, tuple[int, Callable[[Database, Settings], Collection[str] | None]]] = {
    Chore.MINUTE: (1, _each_minute),
    # Laws change by the day, and clerks can compare at once on the laws page.
    Chore.LAWS: (10, _watch_laws),
    # Terms end with the day, and each round reads all granted requests.
    Chore.PUBLISHING: (60, _watch_publishing),
    # Departments look at what was asked in a week.
    Chore.GAPS: (60, _find_gaps),
    # Dates change once a day, and each round reads all open requests.
    Chore.REMINDERS: (30, _remind),
}
