"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=15)


def pause(attempts: int, first: timedelta | None = None, longest: timedelta | None = None) -> timedelta:
    """Twice as long after each, from `FIRST` to `LONGEST` unless given.

    Anywhere in the upper half, so that not all come back at once.
    """
    at_most: timedelta = min((first or FIRST) * 2 ** min(attempts - 1, 20), longest or LONGEST)
    return at_most * random.uniform(0.5, 1)  # noqa: S311 # nothing secret hangs on it
