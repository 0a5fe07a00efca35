"""What a carrier of texts must do for us, and the two ways in which it may not do it."""

from __future__ import annotations

from typing import Protocol

from bot.helpline.texts import Leaving


class TryLater(Exception):
    """The carrier did not take the text now, or nobody knows whether it did; the same key goes out again.

    The message says why, for staff, without a word of the text and without a number.
    """


class Refused(Exception):
    """The carrier will never take this text; the message says why, for staff."""


class Carrier(Protocol):
    """One way out. `send` gives what the carrier calls the text, by which its report will name it.

    Raises:
        TryLater, Refused
    """

    async def send(self, leaving: Leaving) -> str: ...
