"""The periodic jobs: fulfils deletion requests within a minute or two, and deletes expired data once a day."""

from __future__ import annotations

import logging
from datetime import datetime

from bot.db import Database
from bot.privacy import deletion, retention
from bot.settings import Settings

logger = logging.getLogger(__name__)


def do_chores(database: Database, settings: Settings, now: datetime) -> None:
    done = deletion.do_what_waits(database, settings, now)
    if done:
        logger.info("forgotten at their citizens' wish: %s", ", ".join(done))
    count = retention.sweep_once_a_day(database, settings, now)
    if count is not None:
        logger.info("kept long enough and deleted: %s", ", ".join(f"{kind} {n}" for kind, n in count.items()))
