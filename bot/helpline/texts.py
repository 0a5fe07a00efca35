"""What passes between us and a carrier of texts: texts that arrived, texts to be sent, and reports on these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What came.

    `NOT_TEXT`: a picture, a voice message or the like, which `text` names. `FOLLOWED`, `LEFT`: somebody now follows the
    account, or no longer does. `TORN`: words of which a part got lost on the way.
    """

    TEXT = "text"
    NOT_TEXT = "not_text"
    FOLLOWED = "followed"
    LEFT = "left"
    TORN = "torn"


@dataclass(frozen=True)
class TextPart:
    """One of the parts that a telephone cut a long text into (3GPP TS 23.040, 9.2.3.24.1); `number` counts from 1."""

    reference: int
    total: int
    number: int


@dataclass(frozen=True)
class Arrived:
    """A text from a citizen. `gateway_id` is the carrier's id: the same id again means the same text again.

    `user` is who sent it as the carrier knows them: a telephone number, an openid. `sent_at` by the carrier's clock.
    """

    gateway_id: str
    user: str
    text: str
    sent_at: datetime
    part: TextPart | None = None
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Leaving:
    """A text to a citizen. A carrier that knows keys (SMS over HTTP) sends nothing for a `key` that it already has."""

    key: str
    user: str
    text: str


@dataclass(frozen=True)
class DeliveryReport:
    """What became of a text. `gateway_id`: the carrier's id of it, or our key. `why`: the reason if not delivered."""

    gateway_id: str
    is_delivered: bool
    why: str = ""
