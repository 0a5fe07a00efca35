"""What citizens ask most: items and what is asked of them are counted, never the words of a question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.conversations.outcomes import Outcome
from bot.language.facets import FACET_TITLES

WITHIN = timedelta(days=30)
# What fewer people asked could tell of one of them.
LEAST_CONVERSATIONS = 3
# The newest messages say enough, however many there are.
MOST_MESSAGES = 20_000
_FACET = "ask_"


@dataclass(frozen=True)
class Hot:
    """`facet`: a key of `FACET_TITLES`. `count`: how many conversations asked it."""

    code: str
    facet: str
    count: int


def hot_questions(session: Session, now: datetime) -> list[Hot]:
    """What was answered from the catalogue, most asked first."""
    answered = (
        select(Message.conversation_id, Message.intent, Message.entities)
        .where(
            Message.received_at >= now - WITHIN,
            Message.outcome == Outcome.ANSWERED_BY_RECORD,
            cast(Message.entities, String).contains('"item"', autoescape=True),
        )
        .order_by(Message.id.desc())
        .limit(MOST_MESSAGES)
    )
    asked_by: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for conversation, intent, entities in session.execute(answered):
        facet = (intent or "").removeprefix(_FACET)
        for code in _codes(entities):
            asked_by[code, facet if facet in FACET_TITLES else "overview"].add(conversation)
    counted = [Hot(code, facet, len(by)) for (code, facet), by in asked_by.items() if len(by) >= LEAST_CONVERSATIONS]
    return sorted(counted, key=lambda one: (-one.count, one.code, one.facet))


def _codes(entities: Iterable[dict[str, str]]) -> set[str]:
    return {entity["value"] for entity in entities if entity["entity"] == "item"}
