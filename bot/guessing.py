"""What slows down whoever guesses a secret, and does not shut out its owner.

Failures are counted by what is guessed at and by who guesses. After a few free tries each further failure brings a
pause, longer each time. A thing that is guessed at from many sides leaves each newcomer one free try in place of
several, so its owner, who is right at the first try, always comes in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

FREE_TRIES = 5
# After the fifth failure, the sixth, …; the last one stays.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
# A failure is forgotten after that; so is all before a success of the same one.
REMEMBERED = timedelta(days=1)
# So many failures on one thing within `REMEMBERED`, by whomever: it is under attack.
MANY = 50


def free_tries(failures_of_all: int) -> int:
    """For a newcomer, when so many failures of all are remembered."""
    return FREE_TRIES if failures_of_all < MANY else 1


def paused_until(failures: Sequence[datetime], free: int) -> datetime | None:
    """When the pause that the last failure brought ends, None if it brought none. `failures` in order."""
    beyond = len(failures) - free
    return failures[-1] + PAUSES[min(beyond, len(PAUSES) - 1)] if failures and beyond >= 0 else None


def tries_left(failures: Sequence[datetime], free: int, now: datetime) -> int:
    """Before the next pause; 0 within one, 1 after it."""
    until = paused_until(failures, free)
    if until is not None and now < until:
        return 0
    return max(1, free - len(failures))
