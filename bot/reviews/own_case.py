"""Actions of citizens on their own case: ask about its progress, add to it, urge it, withdraw it.

A case belongs to the conversation in which it was opened. In other conversations the citizen proves ownership by
its number and the contact left with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.language.masking import mask
from bot.reviews import promises
from bot.reviews.models import Case, CaseEvent
from bot.reviews.reasons import TOLD_TO_CITIZEN, ClosedAs, Kind, Reason
from bot.reviews.service import case_of_conversation, conversations_of, get_case, open_case
from bot.reviews.states import Action, CaseActionRefused, CaseState, change, citizen_action
from bot.reviews.takeover import hand_back
from bot.sealing import SealBroken, Sealer


def told_case(session: Session, conversation_id: str) -> Case | None:
    """The newest case whose number the citizen was told in this conversation: the open one, else the last closed.

    Cases that only staff know of (`bot.reviews.triggers`) are left out.
    """
    is_open = case_of_conversation(session, conversation_id)
    if is_open is not None and _was_told(is_open):
        return is_open
    closed = select(Case).where(Case.conversation_id == conversation_id).order_by(Case.id.desc())
    return next((case for case in session.scalars(closed) if _was_told(case)), None)


def is_of_conversation(session: Session, case: Case, conversation_id: str) -> bool:
    return conversation_id in conversations_of(session, case)


def is_proven_by(session: Session, sealer: Sealer, number: str, contact: str) -> bool:
    """Whether `contact`, as `bot.disclosures.answers.read` gives it, was left with the case of that number.

    Also False if there is no such case.
    """
    try:
        sealed = get_case(session, number).contact_sealed
        return sealed is not None and sealer.open(sealed) == contact
    except (LookupError, SealBroken):
        return False


def add_words(session: Session, case: Case, text: str, now: datetime) -> None:
    """Adds `text`, masked, to the history of the case; the citizen then waits for an answer.

    Raises:
        CaseActionRefused: it is closed.
    """
    action = citizen_action(case)
    try:
        change(
            session,
            case,
            action,
            None,
            now,
            mask(text),
            searched_text=f"{case.searched_text}\n{mask(text)}",
            citizen_waits=True,
            waiting_since=case.waiting_since if case.citizen_waits else now,
            snoozed_until=None,
        )
    except CaseActionRefused:
        if case.state == CaseState.CLOSED:
            raise
        # A clerk claimed it or replied at the same moment: try again.
        add_words(session, case, text, now)


def take_down(
    session: Session,
    conversation_id: str,
    channel: str,
    kind: Kind,
    text: str,
    transcript: Sequence[Mapping[str, str]],
    department_code: str | None,
    now: datetime,
) -> tuple[Case, bool]:
    """Opens a case for a letter, or adds it to the open case of the conversation.

    Returns the case and whether it is new.
    """
    letter = mask(text)
    case = open_case(
        session,
        conversation_id,
        channel,
        Reason.TAKEN_DOWN,
        transcript,
        now,
        question=text,
        kind=kind,
        department_code=department_code,
    )
    if case.question == letter and case.opened_at == now:
        return case, True
    add_words(session, case, text, now)
    return case, False


def move(session: Session, case: Case, department_code: str, text: str, now: datetime) -> None:
    """Moves a new case to the department that the citizen names; `text`, their message, goes into the history.

    A case that a clerk already has keeps its department; the clerk passes it on.

    Raises:
        CaseActionRefused: it is closed.
    """
    values = {"department_code": department_code} if case.state == CaseState.NEW else {}
    change(session, case, citizen_action(case), None, now, mask(text), **values)


def press(session: Session, case: Case, now: datetime) -> None:
    """Records that the citizen asked about an overdue case, unless that is already its latest event."""
    if not promises.is_overdue(case, now):
        return
    newest = session.scalars(
        select(CaseEvent.action).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id.desc()).limit(1)
    ).one_or_none()
    if newest != Action.URGE:
        change(session, case, Action.URGE, None, now)


def withdraw(session: Session, case: Case, now: datetime) -> None:
    """Closes the case because the citizen withdraws it; its history stays. The bot answers the conversation again.

    Raises:
        CaseActionRefused: it is closed already.
    """
    try:
        change(
            session,
            case,
            Action.WITHDRAW,
            None,
            now,
            outcome=ClosedAs.WITHDRAWN,
            closed_at=now,
            citizen_waits=False,
            snoozed_until=None,
        )
    except CaseActionRefused:
        if case.state == CaseState.CLOSED:
            raise
        withdraw(session, case, now)
        return
    hand_back(session, case, now)


def _was_told(case: Case) -> bool:
    return any(reason in TOLD_TO_CITIZEN for reason in case.reasons) or case.contact_sealed is not None
