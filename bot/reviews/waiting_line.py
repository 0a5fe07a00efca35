"""How far a citizen is on the way to a person: the place in the line, taken up, or in talk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.reviews import promises
from bot.reviews.models import Case
from bot.reviews.queue import is_waiting, waits_now
from bot.reviews.service import case_of_conversation
from bot.reviews.states import CaseState


class Stage(StrEnum):
    NOBODY = "nobody"
    WAITS = "waits"
    TAKEN = "taken"
    TALKS = "talks"


@dataclass(frozen=True)
class PersonNear:
    """`place`: the place in the line, from 1, while the citizen waits. `on_duty`: staff are at their desks now."""

    stage: Stage
    place: int | None = None
    on_duty: bool = True


NOBODY = PersonNear(Stage.NOBODY)


def person_near(session: Session, conversation_id: str, now: datetime) -> PersonNear:
    """Where the citizen of this conversation stands. Cases that only staff know of count as nobody."""
    conversation = session.get(Conversation, conversation_id)
    case = case_of_conversation(session, conversation_id) if conversation is not None else None
    if conversation is None or case is None:
        return NOBODY
    on_duty = promises.in_force().is_on_duty(now)
    if conversation.held_case_id == case.id:
        return PersonNear(Stage.TALKS, on_duty=on_duty)
    if not is_waiting(session, case, now):
        return NOBODY
    if case.state != CaseState.NEW:
        return PersonNear(Stage.TAKEN, on_duty=on_duty)
    return PersonNear(Stage.WAITS, 1 + _before(session, case, now), on_duty)


def in_line(session: Session, now: datetime) -> tuple[int, datetime | None, int]:
    """How many citizens wait for a person to take them up, since when the first one, and for how many it is too late
    to keep the promise."""
    late = func.count().filter(Case.due_at < now)
    found = select(func.count(), func.min(Case.waiting_since), late)
    number, oldest_at, late_number = session.execute(
        found.where(Case.state == CaseState.NEW, waits_now(Case, now))
    ).one()
    return number, oldest_at, late_number


def _before(session: Session, case: Case, now: datetime) -> int:
    """How many who wait for a person come first, in the order of the queue (`bot.reviews.queue`)."""
    is_earlier = or_(
        Case.due_at < case.due_at,
        and_(Case.due_at == case.due_at, Case.waiting_since < case.waiting_since),
        and_(Case.due_at == case.due_at, Case.waiting_since == case.waiting_since, Case.id < case.id),
    )
    ahead = select(func.count()).where(Case.state == CaseState.NEW, waits_now(Case, now), is_earlier)
    return session.scalar(ahead) or 0
