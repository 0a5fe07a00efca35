"""What passes between us and whoever carries texts: what arrived, what is to leave, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What came: words; a picture, a voice or the like, which `text` names; that somebody follows us, or no more.

    `TORN`: words of which a part got lost on the way.
    """

    TEXT = "text"
    NOT_TEXT = "not_text"
    FOLLOWED = "followed"
    LEFT = "left"
    TORN = "torn"


@dataclass(frozen=True)
class Part:
    """One of the parts that a telephone cut a long text into (3GPP TS 23.040, 9.2.3.24.1); `number` counts from 1."""

    reference: int
    total: int
    number: int


@dataclass(frozen=True)
class Arrived:
    """A text from a citizen. `gateway_id` is the carrier's own: the same one again is the same text again.

    `user` is who sent it as the carrier knows them: a telephone number, an openid. `sent_at` by the carrier's clock.
    """

    gateway_id: str
    user: str
    text: str
    sent_at: datetime
    part: Part | None = None
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Leaving:
    """A text to a citizen. A carrier that is given the same `key` again has it already and sends nothing."""

    key: str
    user: str
    text: str


@dataclass(frozen=True)
class Report:
    """What became of a text: `gateway_id` is what the carrier called it when it took it. `why`, if not delivered."""

    gateway_id: str
    is_delivered: bool
    why: str = ""
