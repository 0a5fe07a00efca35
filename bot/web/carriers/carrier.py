"""The interface of a carrier of texts, and the two ways in which sending may fail."""

from __future__ import annotations

from typing import Protocol

from bot.helpline.texts import Leaving


class TryLater(Exception):
    """The carrier did not take the text, or it is not known whether it did; the text is sent again with the same key.

    The message says why, for staff, without a word of the text and without a telephone number.
    """


class Refused(Exception):
    """The carrier will never take this text; the message says why, for staff."""


class Carrier(Protocol):
    """Sends texts. `send` returns the id that the carrier gives the text and uses in its report.

    Raises:
        TryLater, Refused
    """

    async def send(self, leaving: Leaving) -> str: ...
