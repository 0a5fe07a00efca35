"""Work of the database that is done again when the database comes back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError

from bot.db import is_away
from bot.helpline.backoff import pause

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.3), timedelta(seconds=3)

P = ParamSpec("P")
T = TypeVar("T")


async def once_there(within_seconds: float, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of `work`, which is one transaction and runs in a thread.

    It may run twice, since a connection can break off just after the commit.

    Raises DBAPIError: the database stayed away so long, or something else is wrong.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + within_seconds
    for attempt in count(1):
        try:
            return await asyncio.to_thread(work, *args, **kwargs)
        except DBAPIError as error:
            if not is_away(error) or loop.time() > until:
                raise
            logger.warning("the database is away: %s", type(error.orig).__name__)
        await asyncio.sleep(pause(attempt, FIRST_PAUSE, LONGEST_PAUSE).total_seconds())
    raise AssertionError("unreachable")
