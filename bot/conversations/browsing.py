"""The list of all conversations: those with a message that fits the filter, by the newest such message.

The list goes on from a message's id (keyset), so that the hundredth page costs what the first one does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased, load_only

from bot.conversations.marks import Mark
from bot.conversations.models import AnswerMark, Conversation, Message
from bot.conversations.outcomes import Outcome
from bot.conversations.unanswered import UNANSWERED

PAGE_ROWS = 50


class Ending(StrEnum):
    """How a turn ended, in five groups of `Outcome`. Turns of a form, small talk and commands are in none."""

    ANSWERED = "answered"
    LIKELY = "likely"
    REFUSED = "refused"
    HANDED_OVER = "handed_over"
    FAILED = "failed"


_ENDINGS: dict[Ending, tuple[Outcome, ...]] = {
    Ending.ANSWERED: (Outcome.ANSWERED_BY_RECORD, Outcome.ANSWERED_BY_PASSAGE, Outcome.ROUTED),
    Ending.LIKELY: (Outcome.CHOICES_OFFERED,),
    Ending.REFUSED: (*UNANSWERED, Outcome.OUT_OF_SCOPE, Outcome.IDENTITY_REFUSED),
    Ending.HANDED_OVER: (Outcome.HANDED_OVER, Outcome.PERSON_OFFERED, Outcome.TAKEN_DOWN, Outcome.WITH_PERSON),
    Ending.FAILED: (Outcome.FAILED_ENGINE, Outcome.FAILED_ACTIONS, Outcome.SWITCHED_OFF),
}
_ENDING_OF = {outcome.value: ending for ending, outcomes in _ENDINGS.items() for outcome in outcomes}


class Marked(StrEnum):
    """What reviewers have said of an answer."""

    NOT_YET = "not_yet"
    USEFUL = "useful"
    USELESS = "useless"


@dataclass(frozen=True)
class Wanted:
    """Which messages a conversation must have one of.

    `since`, `before`: the first instant included, and the first one excluded. `stars`: the citizen's grade. `matters`:
    codes of items, joint services or routes; `title`: a part of the title of a document, or of a code; the answer told
    one of these, or the message names one of `matters`. `text`: words separated by spaces, each in the masked text.
    """

    since: datetime | None = None
    before: datetime | None = None
    channel: str = ""
    ending: Ending | None = None
    stars: int | None = None
    matters: Collection[str] = ()
    title: str = ""
    marked: Marked | None = None
    text: str = ""


@dataclass(frozen=True)
class Listed:
    """A conversation of the list. `message`: the newest that fits; only its masked text, instant and ids are read.

    `endings`: how many of its turns ended so. `worst_stars`: the worst grade of the citizen. `marks`: how many of its
    answers are marked so.
    """

    message: Message
    channel: str
    turn_count: int
    endings: dict[Ending, int] = field(default_factory=dict)
    worst_stars: int | None = None
    marks: dict[str, int] = field(default_factory=dict)


def browse(
    session: Session, wanted: Wanted, *, older_than: int | None = None, count: int = PAGE_ROWS
) -> tuple[list[Listed], bool]:
    """The next conversations of the list, newest first, and whether there are more.

    Args:
        older_than: the id of the last message on the page before.
    """
    later = aliased(Message)
    is_newest = ~exists().where(
        later.conversation_id == Message.conversation_id, later.id > Message.id, *_fitting(later, wanted)
    )
    found = (
        select(Message, Conversation.channel)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(*_fitting(Message, wanted), is_newest)
        .options(load_only(Message.conversation_id, Message.masked_text, Message.received_at))
        .order_by(Message.id.desc())
        .limit(count + 1)
    )
    if wanted.channel:
        found = found.where(Conversation.channel == wanted.channel)
    if older_than is not None:
        found = found.where(Message.id < older_than)
    rows = session.execute(found).all()
    return _with_counts(session, [(message, channel) for message, channel in rows[:count]]), len(rows) > count


def ending_of(outcome: str | None, is_likely: bool) -> Ending | None:
    ending = _ENDING_OF.get(outcome or "")
    return Ending.LIKELY if ending == Ending.ANSWERED and is_likely else ending


def _fitting(table: type[Message], wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        table.masked_text.icontains(word, autoescape=True) for word in wanted.text.split()
    ]
    if wanted.since is not None:
        conditions.append(table.received_at >= wanted.since)
    if wanted.before is not None:
        conditions.append(table.received_at < wanted.before)
    if wanted.ending is not None:
        conditions.append(_ended(table, wanted.ending))
    if wanted.stars is not None:
        conditions.append(table.stars == wanted.stars)
    if wanted.title:
        conditions.append(_is_about(table, wanted))
    if wanted.marked is not None:
        conditions.append(_MARKED[wanted.marked](table))
    return conditions


def _ended(table: type[Message], ending: Ending) -> ColumnElement[bool]:
    has_outcome = table.outcome.in_(_ENDINGS[ending])
    if ending == Ending.ANSWERED:
        return and_(has_outcome, table.is_likely.is_(False))
    if ending == Ending.LIKELY:
        return or_(has_outcome, and_(table.outcome.in_(_ENDINGS[Ending.ANSWERED]), table.is_likely.is_(True)))
    return has_outcome


def _is_about(table: type[Message], wanted: Wanted) -> ColumnElement[bool]:
    """Codes are ASCII, so each occurs unescaped and in quotation marks in the JSON text."""
    entities = cast(table.entities, String)
    return or_(
        table.matter.in_(wanted.matters),
        table.matter.icontains(wanted.title, autoescape=True),
        *(entities.contains(f'"{code}"', autoescape=True) for code in wanted.matters),
    )


def _has_mark(table: type[Message], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(AnswerMark.message_id == table.id, *conditions)


_MARKED: dict[Marked, Callable[[type[Message]], ColumnElement[bool]]] = {
    Marked.NOT_YET: lambda table: and_(table.outcome.in_(_ENDING_OF), not_(_has_mark(table))),
    Marked.USEFUL: lambda table: _has_mark(table, AnswerMark.mark == Mark.USEFUL),
    Marked.USELESS: lambda table: _has_mark(table, AnswerMark.mark != Mark.USEFUL),
}


def _with_counts(session: Session, rows: Sequence[tuple[Message, str]]) -> list[Listed]:
    ids = [message.conversation_id for message, _ in rows]
    turns: Counter[str] = Counter()
    endings: dict[str, Counter[Ending]] = {one: Counter() for one in ids}
    worst: dict[str, int] = {}
    marks: dict[str, Counter[str]] = {one: Counter() for one in ids}
    counted = (
        select(
            Message.conversation_id, Message.outcome, Message.is_likely, AnswerMark.mark, func.count(),
            func.min(Message.stars),
        )
        .outerjoin(AnswerMark, AnswerMark.message_id == Message.id)
        .where(Message.conversation_id.in_(ids))
        .group_by(Message.conversation_id, Message.outcome, Message.is_likely, AnswerMark.mark)
    )  # fmt: skip
    for conversation_id, outcome, is_likely, mark, count, stars in session.execute(counted):
        turns[conversation_id] += count
        if ending := ending_of(outcome, is_likely):
            endings[conversation_id][ending] += count
        if mark is not None:
            marks[conversation_id][mark] += count
        if stars is not None:
            worst[conversation_id] = min(stars, worst.get(conversation_id, stars))
    return [
        Listed(message, channel, turns[one], dict(endings[one]), worst.get(one), dict(marks[one]))
        for message, channel in rows
        for one in (message.conversation_id,)
    ]
