"""Reads from the database what an open chat page shows of its conversation."""

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
from bot.conversations.grades import grade, may_be_graded
from bot.conversations.models import Conversation, Message, StaffMessage, TalkFile
from bot.conversations.talk_files import files_of
from bot.db import Database, utcnow
from bot.disclosures.kept_drafts import drop_draft
from bot.reviews.call_backs import CallBackAnswer, answer_in, waiting_in
from bot.reviews.ratings import rate_in, rateable
from bot.reviews.reasons import Stars
from bot.reviews.service import asks_why, case_of_conversation
from bot.reviews.waiting_line import PersonNear, person_near
from bot.web.characters import Verbatim
from bot.web.received_files import size_in_words
from bot.workdays import CHINA

# How many messages a page shows at first, and with each step back.
PAGE_MESSAGES = 20
LONGEST_NUMBER = 64
_OUR_ID = re.compile(r"[A-Za-z0-9_-]{24}")


class PageStanding(Enum):
    """Whether a page may go on in a conversation."""

    FREE = "nothing was said in it yet"
    OPEN = "it goes on"
    OVER = "it has ended, or is none of the page's"


@dataclass(frozen=True)
class View:
    """What a page may need, oldest first. `to_rate`: id of a line that may be rated → number of its case.

    `call_backs`: ids of lines that ask whether it is solved, and are not answered yet. `earlier`: id of the oldest of
    `messages`, if there are others before it. `files`: those that came with these.
    """

    messages: Sequence[Message]
    lines: Sequence[StaffMessage]
    to_rate: Mapping[int, str]
    call_backs: frozenset[int] = frozenset()
    earlier: int | None = None
    files: Sequence[TalkFile] = ()


def standing(database: Database, conversation_id: str, idle: timedelta) -> tuple[PageStanding, timedelta]:
    """The standing, and how long the conversation may stay silent before it is to be checked again."""
    with database.transaction() as session:
        if not _OUR_ID.fullmatch(conversation_id):
            return PageStanding.OVER, idle
        conversation = session.get(Conversation, conversation_id)
        if conversation is None:
            return PageStanding.FREE, idle
        left = _time_left(session, conversation, utcnow(), idle)
        return (PageStanding.OPEN, left) if left > timedelta(0) else (PageStanding.OVER, idle)


def is_of_page(session: Session, conversation_id: str) -> bool:
    """Whether whoever knows the id may go on in it: it is a page's, not a program's, and nobody has left it."""
    found = session.get(Conversation, conversation_id)
    return found is not None and found.channel == "portal" and found.owner_digest is None and found.ended_at is None


def _time_left(session: Session, conversation: Conversation, now: datetime, idle: timedelta) -> timedelta:
    """How long the conversation may still be silent. It does not end while its case is open."""
    if conversation.channel != "portal" or conversation.ended_at is not None:
        return timedelta(0)
    left = conversation.last_message_at + idle - now
    return left if left > timedelta(0) or case_of_conversation(session, conversation.id) is None else idle


def read_page(database: Database, conversation_id: str, before: int | None = None) -> View:
    """The newest messages, or the newest before the one with the id `before`, and what staff wrote among them."""
    with database.transaction() as session:
        found = conversations.history(session, conversation_id, PAGE_MESSAGES + 1, before=before)
        messages = found[-PAGE_MESSAGES:]
        earlier = messages[0].id if len(found) > len(messages) else None
        after = messages[0].received_at if earlier else None
        next_one = session.get(Message, before) if before is not None else None
        until = next_one.received_at if next_one else None
        lines = [
            line
            for line in staff_messages.staff_messages(session, conversation_id)
            if (after is None or line.at >= after) and (until is None or line.at < until)
        ]
        files = files_of(session, [conversation_id])
        return View(messages, lines, rateable(session, lines), waiting_in(session, lines), earlier, files)


def read_news(
    database: Database, conversation_id: str, *, after: int, also: Collection[int], again: Collection[str], line: int
) -> View:
    """What came since the page last looked.

    Args:
        after: id of the newest message that the page has.
        also: ids of older messages whose answer the page lacks.
        again: the page's own numbers of the messages that it sent again.
        line: id of the newest line of staff that the page has.
    """
    with database.transaction() as session:
        lines = [each for each in staff_messages.staff_messages(session, conversation_id) if each.id > line]
        messages = conversations.messages_after(session, conversation_id, after, also=also, again=again)
        files = files_of(session, [conversation_id]) if messages or lines else ()
        return View(messages, lines, rateable(session, lines), waiting_in(session, lines), files=files)


def read_person(database: Database, conversation_id: str) -> PersonNear:
    """How far the citizen is on the way to a person."""
    with database.transaction() as session:
        return person_near(session, conversation_id, utcnow())


def in_order(view: View) -> list[Message | StaffMessage]:
    both: list[tuple[datetime, Message | StaffMessage]] = [(each.received_at, each) for each in view.messages]
    both += [(each.at, each) for each in view.lines]
    return [each for _, each in sorted(both, key=lambda pair: pair[0])]


def as_asked(message: Message, files: Sequence[TalkFile] = ()) -> dict[str, Any]:
    """`files`: of the conversation; the one that came with the message is `file`."""
    text = message.text if message.is_pressed else Verbatim(message.text)
    told = {"id": number_of(message), "at": _minute(message.received_at), "text": text}
    return told | as_file(next((each for each in files if each.message_id == message.id), None))


def as_file(file: TalkFile | None) -> dict[str, Any]:
    if file is None:
        return {}
    return {"file": {"id": file.id, "name": Verbatim(file.name), "size": size_in_words(file.size)}}


def as_answered(message: Message, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`stars` is there if the answer can be graded, and 0 before it is."""
    told: dict[str, Any] = {"messages": messages}
    return {**told, "stars": message.stars or 0} if may_be_graded(message) else told


def as_line(line: StaffMessage, seen: View) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": line.id, "at": _minute(line.at), "by": line.by_name, "text": line.text}
    shown |= as_file(next((each for each in seen.files if each.staff_message_id == line.id), None))
    if line.id in seen.call_backs:
        shown["call_back"] = True
    return {**shown, "rate": seen.to_rate[line.id]} if line.id in seen.to_rate else shown


def number_of(message: Message) -> str:
    """The page's own number of the message; if it has none, a number that no page gives."""
    return message.client_id or f"message-{message.id}"


def mark_delivered(database: Database, lines: Sequence[StaffMessage]) -> None:
    with database.transaction() as session:
        staff_messages.mark_delivered([session.merge(line) for line in lines], utcnow())


def store_rating(database: Database, conversation_id: str, number: str, stars: Stars, why: str) -> bool:
    """Stores a rating. True if the citizen is to be asked why."""
    with database.transaction() as session:
        return asks_why(rate_in(session, conversation_id, number, stars, why, utcnow()))


def store_call_back(database: Database, conversation_id: str, line_id: int, answer: CallBackAnswer) -> bool:
    """Stores the answer to a call-back. True if the case was opened again. Raises NotAskedHere, CaseActionRefused."""
    with database.transaction() as session:
        return answer_in(session, conversation_id, line_id, answer, utcnow())


def store_grade(database: Database, conversation_id: str, number: str, stars: int) -> None:
    """Raises GradeRefused, ValueError."""
    with database.transaction() as session:
        grade(session, conversation_id, number, stars)


def end(database: Database, conversation_id: str) -> None:
    """Ends the conversation that the citizen leaves, and deletes its draft, which nobody can reach any more."""
    with database.transaction() as session:
        drop_draft(session, conversation_id)
        conversations.end_conversation(session, conversation_id, utcnow())


def _minute(instant: datetime) -> str:
    return f"{instant.astimezone(CHINA):%m-%d %H:%M}"
