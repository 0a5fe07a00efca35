"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=15)


def pause(attempts: int) -> timedelta:
    """Twice as long after each, up to `LONGEST`; anywhere in the upper half, so that not all come back at once."""
    longest: timedelta = min(FIRST * 2 ** min(attempts - 1, 20), LONGEST)
    return longest * random.uniform(0.5, 1)  # noqa: S311 # nothing secret hangs on it
