"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=15)


def pause(attempts: int, first: timedelta | None = None, longest: timedelta | None = None) -> timedelta:
    """Twice as long after each attempt, from `first` to `longest`; by default from `FIRST` to `LONGEST`.

    A random time in the upper half of that, so that not all retries come at once.
    """
    at_most: timedelta = min((first or FIRST) * 2 ** min(attempts - 1, 20), longest or LONGEST)
    return at_most * random.uniform(0.5, 1)  # noqa: S311 # no secret depends on it
