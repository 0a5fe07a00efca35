"""A clerk answers in the bot's place, and gives the conversation back.

The citizen is told of both. Nothing of the bot reaches them in between (`bot.conversations.holding`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations import holding, staff_messages
from bot.reviews import notices as wording
from bot.reviews.models import Case
from bot.reviews.service import conversations_of
from bot.reviews.states import CaseActionRefused
from bot.staff.models import Person

# Notices of joining and leaving are by nobody.
NOBODY = ""


def take_over(session: Session, case: Case, person: Person, now: datetime) -> None:
    """Only who is responsible for the case may. Doing it twice changes nothing.

    Raises:
        CaseActionRefused
    """
    if case.claimed_by_id != person.id:
        raise CaseActionRefused(f"{case.number} 不由您负责，不能接管对话")
    _in_each(session, case, True, wording.joined(_department(person)), now)


def hand_back(session: Session, case: Case, now: datetime) -> None:
    """The bot goes on with all that it knew. Also when the case is closed, whoever closes it."""
    _in_each(session, case, False, wording.LEFT, now)


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
