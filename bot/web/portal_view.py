"""What an open chat page is shown of its conversation, read from the database."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy.orm import Session

from bot.conversations import service as conversations
from bot.conversations import staff_messages
from bot.conversations.models import Conversation, Message, StaffMessage
from bot.db import Database, utcnow
from bot.disclosures.kept_drafts import drop_draft
from bot.reviews.ratings import rate_in, rateable
from bot.reviews.reasons import Stars
from bot.reviews.service import asks_why, case_of_conversation
from bot.workdays import CHINA

_OUR_ID = re.compile(r"[A-Za-z0-9_-]{24}")


class Standing(Enum):
    """Whether a page may go on in a conversation."""

    FREE = "nothing was said in it yet"
    OPEN = "it goes on"
    OVER = "it has ended, or is none of the page's"


@dataclass(frozen=True)
class View:
    """What a page may have to be told, oldest first. `to_rate`: of the lines of staff those that may be rated."""

    messages: Sequence[Message]
    lines: Sequence[StaffMessage]
    to_rate: Mapping[int, str]


def standing(database: Database, conversation_id: str, idle: timedelta) -> tuple[Standing, timedelta]:
    """And how long the conversation may stay silent before it has to be looked at again."""
    with database.transaction() as session:
        if not _OUR_ID.fullmatch(conversation_id):
            return Standing.OVER, idle
        conversation = session.get(Conversation, conversation_id)
        if conversation is None:
            return Standing.FREE, idle
        left = _time_left(session, conversation, utcnow(), idle)
        return (Standing.OPEN, left) if left > timedelta(0) else (Standing.OVER, idle)


def _time_left(session: Session, conversation: Conversation, now: datetime, idle: timedelta) -> timedelta:
    """Whoever waits for a person may be silent as long as the case is open."""
    if conversation.channel != "portal" or conversation.ended_at is not None:
        return timedelta(0)
    left = conversation.last_message_at + idle - now
    return left if left > timedelta(0) or case_of_conversation(session, conversation.id) is None else idle


def read_all(database: Database, conversation_id: str) -> View:
    with database.transaction() as session:
        lines = staff_messages.staff_messages(session, conversation_id)
        return View(conversations.history(session, conversation_id), lines, rateable(session, lines))


def read_news(
    database: Database, conversation_id: str, *, after: int, also: Collection[int], again: Collection[str], line: int
) -> View:
    """What came since.

    Args:
        after: the newest message that the page knows.
        also: older ones whose answer it lacks.
        again: the page's own numbers of those that it asked once more.
        line: the newest line of staff that it has.
    """
    with database.transaction() as session:
        lines = [each for each in staff_messages.staff_messages(session, conversation_id) if each.id > line]
        messages = conversations.messages_after(session, conversation_id, after, also=also, again=again)
        return View(messages, lines, rateable(session, lines))


def in_order(view: View) -> list[Message | StaffMessage]:
    both: list[tuple[datetime, Message | StaffMessage]] = [(each.received_at, each) for each in view.messages]
    both += [(each.at, each) for each in view.lines]
    return [each for _, each in sorted(both, key=lambda pair: pair[0])]


def as_asked(message: Message) -> dict[str, Any]:
    return {"id": number_of(message), "at": _minute(message.received_at), "text": message.text}


def as_line(line: StaffMessage, to_rate: Mapping[int, str]) -> dict[str, str]:
    shown = {"at": _minute(line.at), "by": line.by_name, "text": line.text}
    return {**shown, "rate": to_rate[line.id]} if line.id in to_rate else shown


def number_of(message: Message) -> str:
    """The page's own number of it; of a message that came another way, one that no page gives."""
    return message.client_id or f"message-{message.id}"


def mark_delivered(database: Database, lines: Sequence[StaffMessage]) -> None:
    with database.transaction() as session:
        staff_messages.mark_delivered([session.merge(line) for line in lines], utcnow())


def store_rating(database: Database, conversation_id: str, number: str, stars: Stars, why: str) -> bool:
    """Whether the citizen is to be asked why."""
    with database.transaction() as session:
        return asks_why(rate_in(session, conversation_id, number, stars, why, utcnow()))


def end(database: Database, conversation_id: str) -> None:
    """The citizen leaves: nobody goes on in this conversation, and a draft that nobody can reach is deleted."""
    with database.transaction() as session:
        drop_draft(session, conversation_id)
        conversations.end_conversation(session, conversation_id, utcnow())


def _minute(instant: datetime) -> str:
    return f"{instant.astimezone(CHINA):%m-%d %H:%M}"
