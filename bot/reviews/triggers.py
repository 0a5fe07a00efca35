"""Which answers a person is to look at. Pure: messages in, reasons out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.reviews.reasons import Reason

# Below this an answer may well be to another question than was asked.
LOW_CONFIDENCE = 0.6
SAMPLED_PERCENT = 10

_NOT_ANSWERED = (Outcome.NOTHING_FOUND, Outcome.ASKED_BACK, Outcome.NOT_IN_CATALOGUE)
_FACTUAL = (Outcome.ANSWERED_BY_RECORD, Outcome.ANSWERED_BY_PASSAGE)


@dataclass(frozen=True)
class Trigger:
    """`at_issue`: the message that a person is to read first."""

    reason: Reason
    at_issue: Message


def reasons_after(history: Sequence[Message], message: Message) -> list[Trigger]:
    """What `message`, just answered, gives reason for; `history`: what was said before it, oldest first.

    What a person answers gives none. Nor does a failure: an outage is one incident (`bot.incidents`), not a case a
    message. That a citizen asks for a person is not among them: the answer to that opens the
    case, since it tells its number.
    """
    if message.outcome == Outcome.WITH_PERSON:
        return []
    before = history[-1] if history else None
    found = []
    if before is not None and _fell_back(message) and _fell_back(before):
        found.append(Trigger(Reason.FELL_BACK_TWICE, message))
    if _look_ups_paused(message):
        found.append(Trigger(Reason.LOOK_UP_FAILED, message))
    if _is_unsure(message) and is_sampled(message.id):
        found.append(Trigger(Reason.LOW_CONFIDENCE, message))
    if message.intent == "feedback_wrong":
        found.append(Trigger(Reason.SAID_TO_BE_WRONG, before or message))
    return found


def is_sampled(message_id: int) -> bool:
    """The same answer for the same message, evenly over all."""
    digest = hashlib.sha256(str(message_id).encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < SAMPLED_PERCENT


def _fell_back(message: Message) -> bool:
    return message.outcome in _NOT_ANSWERED and bool(message.masked_text)


def _look_ups_paused(message: Message) -> bool:
    return message.outcome == Outcome.IDENTITY_REFUSED and any(
        (reply.get("custom") or {}).get("attempts_left") == 0 for reply in message.replies
    )


def _is_unsure(message: Message) -> bool:
    return (
        message.outcome in _FACTUAL
        and message.intent is not None
        and message.confidence is not None
        and message.confidence < LOW_CONFIDENCE
    )
