"""Slows down anybody who guesses a secret, without shutting out its owner.

Failures are counted by what is guessed at and by who guesses. After a few free tries each further failure causes a
pause, longer each time. If many guess at one thing, each newcomer has one free try instead of several, so its owner,
who is right at the first try, always gets in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

FREE_TRIES = 5
# Pauses after the fifth failure, the sixth, …; the last pause is repeated.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
# A failure is forgotten after this time. A success also clears the earlier failures of the same client.
REMEMBERED = timedelta(days=1)
# With this many failures on one thing within `REMEMBERED`, by anybody, it is under attack.
MANY = 50


def free_tries(failures_of_all: int) -> int:
    """The free tries of a newcomer. `failures_of_all`: remembered failures on the same thing by anybody."""
    return FREE_TRIES if failures_of_all < MANY else 1


def paused_until(failures: Sequence[datetime], free: int) -> datetime | None:
    """When the pause after the last failure ends; None if there is no pause. `failures` in order of time."""
    beyond = len(failures) - free
    return failures[-1] + PAUSES[min(beyond, len(PAUSES) - 1)] if failures and beyond >= 0 else None


def tries_left(failures: Sequence[datetime], free: int, now: datetime) -> int:
    """The tries left before the next pause; 0 during a pause, 1 after it."""
    until = paused_until(failures, free)
    if until is not None and now < until:
        return 0
    return max(1, free - len(failures))
