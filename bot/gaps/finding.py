"""Finds gaps: groups of similar questions without a good answer, and whose matter each is. A periodic job.

A question has no good answer if nothing was found for it, or if its citizen graded the answer badly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session, defer

from bot.answering.judging import unit_told
from bot.answering.service import newest_answering
from bot.catalogue.departments import all_departments, department_named, suggest_departments
from bot.catalogue.service import get_item
from bot.conversations.grades import BAD
from bot.conversations.models import Message
from bot.conversations.subjects import PolicyAnswer
from bot.conversations.unanswered import UNANSWERED
from bot.db import added
from bot.documents.models import Document
from bot.gaps.models import Gap, GapMessage
from bot.gaps.service import GapState, monday_of
from bot.language.text import bare, normalise
from bot.lessons.clusters import MOST_TEXTS, groups
from bot.lessons.service import taught_texts
from bot.workdays import CHINA, today_in_china

# From this probability on that one of the nearest three helps, the nearest one tells whose matter it is; below it, what
# is nearest is a chance likeness (measured: docs/gaps.md).
NEAR = 0.5
# Finding what a group is near takes some 15 ms: the biggest groups come first, the rest in the next round.
MOST_NEW = 100
_ITEM, _DOCUMENT = "item:", "doc:"


@dataclass(frozen=True)
class _Addition:
    """Messages for a gap that there is, or for a new one near `unit`."""

    messages: Sequence[Message]
    gap_id: int | None = None
    unit: str = ""
    department_code: str | None = None


def refresh(session: Session, now: datetime) -> None:
    """Adds the questions of this week and the last to their gaps; gaps whose messages are deleted go.

    All is read and weighed before anything is written: nobody waits for it.
    """
    this_week = monday_of(today_in_china(now))
    weeks = (this_week - timedelta(days=7), this_week)
    planned = [(week_on, _additions(session, week_on)) for week_on in weeks]
    session.execute(delete(Gap).where(~exists().where(GapMessage.gap_id == Gap.id)))
    for week_on, additions in planned:
        for addition in additions:
            _add(session, week_on, addition)


def _additions(session: Session, week_on: date) -> list[_Addition]:
    told = _told_before(session, week_on)
    by_text: dict[str, list[Message]] = {}
    for message in _new_messages(session, week_on):
        by_text.setdefault(message.masked_text, []).append(message)
    said_again = [_Addition(by_text.pop(text), told[text]) for text in list(by_text) if text in told]
    if not by_text:
        return said_again
    # One text stands for each gap that there is.
    known = {gap_id: text for text, gap_id in reversed(told.items())}
    texts = [*known.values(), *by_text]
    groupings = ([texts[place] for place in places] for places in groups([normalise(text) for text in texts]))
    alike = [(said, [message for text in said for message in by_text.get(text, ())]) for said in groupings]
    joined = [_Addition(found, gap_id) for said, found in alike if found and (gap_id := _gap_in(said, told))]
    new = sorted((found for said, found in alike if found and not _gap_in(said, told)), key=len, reverse=True)
    return [*said_again, *joined, *(_new_gap(session, messages) for messages in new[:MOST_NEW])]


def _gap_in(texts: Sequence[str], told: Mapping[str, int]) -> int | None:
    return next((told[text] for text in texts if text in told), None)


def _new_gap(session: Session, messages: Sequence[Message]) -> _Addition:
    unit = nearest(session, messages)
    return _Addition(messages, None, unit, owner_of(session, unit, messages[0].masked_text))


def _new_messages(session: Session, week_on: date) -> list[Message]:
    """The messages of the week without a good answer that are in no gap, newest first; not what was taught since."""
    taught = taught_texts(session)
    begin = datetime.combine(week_on, time(), CHINA)
    is_unanswered = Message.outcome.in_([outcome.value for outcome in UNANSWERED]) & Message.is_pressed.is_(False)
    found = session.scalars(
        select(Message)
        .options(defer(Message.text))
        .where(Message.received_at >= begin, Message.received_at < begin + timedelta(days=7))
        .where(or_(is_unanswered, Message.stars.in_(BAD)), Message.masked_text != "")
        .where(~exists().where(GapMessage.message_id == Message.id))
        .order_by(Message.id.desc())
        .limit(MOST_TEXTS)
    )
    return [message for message in found if (key := bare(message.masked_text)) and key not in taught]


def _told_before(session: Session, week_on: date) -> dict[str, int]:
    """Text → gap, of the questions that are in the gaps of the week already."""
    rows = session.execute(
        select(Message.masked_text, GapMessage.gap_id)
        .join(GapMessage, GapMessage.message_id == Message.id)
        .join(Gap, Gap.id == GapMessage.gap_id)
        .where(Gap.week_on == week_on)
        .order_by(Message.id)
    )
    return {text: gap_id for text, gap_id in rows}  # noqa: C416


def _add(session: Session, week_on: date, addition: _Addition) -> None:
    gap_id = addition.gap_id
    if gap_id is None:
        gap = Gap(week_on=week_on, department_code=addition.department_code, unit=addition.unit, state=GapState.OPEN)
        session.add(gap)
        session.flush()
        gap_id = gap.id
    for message in addition.messages:
        # Another process may be doing the same; a message is then in its gap.
        added(session, GapMessage(message_id=message.id, gap_id=gap_id))


def nearest(session: Session, messages: Iterable[Message]) -> str:
    """The item or document that was shown, or else the nearest to the first message; empty if none is near."""
    texts = []
    for message in messages:
        for about in message.subjects:
            if told := unit_told(about):
                return ":".join(told.split(":")[:2])
            if isinstance(about, PolicyAnswer) and about.sources:
                titled = select(Document.key).where(Document.title == about.sources[0].document).limit(1)
                if key := session.scalar(titled):
                    return f"{_DOCUMENT}{key}"
        texts.append(message.masked_text)
    near = newest_answering(session).near(texts[0])
    return near.units[0].owner if near.units and near.any >= NEAR else ""


def owner_of(session: Session, unit: str, text: str) -> str | None:
    """The code of the department that the text names, that of the item, or that which issued the document.

    Near another kind of unit, the one whose items have such names. None if nobody seems to be in charge.
    """
    departments = all_departments(session)
    if named := department_named(departments, text):
        return named.code
    if unit.startswith(_ITEM) and (item := get_item(session, unit.removeprefix(_ITEM))):
        return item.department_code
    if unit.startswith(_DOCUMENT):
        issuer = session.scalar(select(Document.issuer).where(Document.key == unit.removeprefix(_DOCUMENT))) or ""
        issued_by = department_named(departments, issuer)
        return issued_by.code if issued_by else None
    alike = suggest_departments(session, text) if unit else []
    return alike[0].code if alike else None
