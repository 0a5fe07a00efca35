"""Lets a clerk take over a conversation from the bot and give it back.

The citizen is told of both. In between the bot does not answer (`bot.conversations.holding`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations import holding, staff_messages
from bot.reviews import notices as wording
from bot.reviews.models import Case
from bot.reviews.service import conversations_of
from bot.reviews.states import CaseActionRefused, CaseState
from bot.staff.models import Person

# The sender of the notices that a clerk has joined or left.
NOBODY = ""


def take_over(session: Session, case: Case, person: Person, now: datetime) -> None:
    """Takes over the conversations of the case. A second call changes nothing.

    Raises:
        CaseActionRefused: the person does not own the case, or it is closed, perhaps since a moment ago: nobody would
            give its conversations back to the bot.
    """
    if case.state == CaseState.CLOSED:
        raise CaseActionRefused(f"{case.number} 已经办结，不能再接管对话")
    if case.claimed_by_id != person.id:
        raise CaseActionRefused(f"{case.number} 不由您负责，不能接管对话")
    _in_each(session, case, True, wording.joined(_department(person)), now)


def hand_back(session: Session, case: Case, now: datetime) -> None:
    """Gives the conversations back to the bot, which keeps its context. Also called when the case is closed."""
    _in_each(session, case, False, wording.LEFT, now)


def tell_of_new_owner(session: Session, case: Case, person: Person, now: datetime) -> None:
    """Tells citizens who talk with the owner of the case that another one goes on. The conversations stay held."""
    for conversation_id in conversations_of(session, case):
        if holding.lock_holder(session, conversation_id) == case.id:
            text = wording.handed_on(_department(person))
            staff_messages.say(session, conversation_id, case_id=case.id, by_name=NOBODY, text=text, now=now)


def is_taken_over(session: Session, case: Case) -> bool:
    return any(holding.lock_holder(session, one) == case.id for one in conversations_of(session, case))


def _in_each(session: Session, case: Case, is_held: bool, notice: str, now: datetime) -> None:
    case_id = case.id
    for conversation_id in conversations_of(session, case):
        changed = (
            holding.hold(session, conversation_id, case_id) if is_held else holding.release(session, conversation_id)
        )
        if changed:
            staff_messages.say(session, conversation_id, case_id=case_id, by_name=NOBODY, text=notice, now=now)


def _department(person: Person) -> str | None:
    return person.department.name if person.department else None
