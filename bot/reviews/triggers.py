"""Decides which answers a person must look at. Pure functions of messages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import DisclosureIdentity
from bot.conversations.unanswered import UNANSWERED
from bot.reviews.reasons import Reason

# Below this confidence the answer may be to another question than the one asked.
LOW_CONFIDENCE = 0.6
SAMPLED_PERCENT = 10

_FACTUAL = (Outcome.ANSWERED_BY_RECORD, Outcome.ANSWERED_BY_PASSAGE)


@dataclass(frozen=True)
class Trigger:
    """A reason for a case. `at_issue`: the message that a person should read first."""

    reason: Reason
    at_issue: Message


def reasons_after(history: Sequence[Message], message: Message) -> list[Trigger]:
    """The reasons for a case that `message`, just answered, gives; `history`: the messages before it, oldest first.

    Messages that a person answers give none. Failures give none: an outage is one incident (`bot.incidents`), not a
    case for each message. Asking for a person is not handled here: its answer opens the case, to state the number.
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
    """Whether the message is in the random sample; always the same for the same message."""
    digest = hashlib.sha256(str(message_id).encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < SAMPLED_PERCENT


def _fell_back(message: Message) -> bool:
    return message.outcome in UNANSWERED and bool(message.masked_text)


def _look_ups_paused(message: Message) -> bool:
    return message.outcome == Outcome.IDENTITY_REFUSED and any(
        isinstance(about, DisclosureIdentity) and about.attempts_left == 0 for about in message.subjects
    )


def _is_unsure(message: Message) -> bool:
    return (
        message.outcome in _FACTUAL
        and message.intent is not None
        and message.confidence is not None
        and message.confidence < LOW_CONFIDENCE
    )
