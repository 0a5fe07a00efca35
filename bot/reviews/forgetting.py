"""Deletes cases when their retention ends, or only their texts when the citizen asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from bot.conversations.models import StaffMessage
from bot.conversations.talk_files import forget_files_of_staff_messages
from bot.reviews.models import (
    AnswerDraft,
    CallBack,
    Case,
    CaseEvent,
    CityOrder,
    Mention,
    Note,
    Rating,
    UnsentText,
    WorkOrder,
)
from bot.reviews.states import CaseState

FORGOTTEN = "（已按本人要求删除）"


def expired_cases(before: datetime) -> Select[int]:
    return select(Case.id).where(Case.state == CaseState.CLOSED, Case.closed_at < before)


def staff_message_ids(session: Session, case_ids: Sequence[int]) -> list[int]:
    """Ids of the staff messages of these cases; texts sent to citizens may refer to them."""
    return list(session.scalars(select(StaffMessage.id).where(StaffMessage.case_id.in_(case_ids))))


def forget_cases(session: Session, ids: Sequence[int]) -> None:
    forget_files_of_staff_messages(session, staff_message_ids(session, ids))
    # An order may refer to the one before it, a call-back to the message that asked for it.
    session.execute(update(WorkOrder).where(WorkOrder.case_id.in_(ids)).values(redo_of_id=None))
    _delete(
        session,
        (CallBack, StaffMessage, CaseEvent, Note, Mention, AnswerDraft, UnsentText, Rating, WorkOrder, CityOrder),
        ids,
    )
    session.execute(update(Case).where(Case.merged_into_id.in_(ids)).values(merged_into_id=None))
    session.execute(delete(Case).where(Case.id.in_(ids)))


def open_cases_of(session: Session, conversation_id: str) -> list[Case]:
    return list(session.scalars(_of(conversation_id).where(Case.state != CaseState.CLOSED)))


def closed_cases_of(session: Session, conversation_id: str) -> list[Case]:
    return list(session.scalars(_of(conversation_id).where(Case.state == CaseState.CLOSED)))


def empty_cases(session: Session, cases: Sequence[Case]) -> None:
    """Deletes all texts and the contact of the cases; number, department and times stay for the statistics."""
    ids = [case.id for case in cases]
    for case in cases:
        case.question, case.transcript, case.searched_text = FORGOTTEN, [], ""
        case.contact_sealed = case.contact_digest = None
        case.conversation_id = f"forgotten-{case.id}"
    session.execute(update(CallBack).where(CallBack.case_id.in_(ids)).values(staff_message_id=None, words=""))
    session.execute(update(WorkOrder).where(WorkOrder.case_id.in_(ids)).values(words="", result="", asked_why=""))
    session.execute(update(CityOrder).where(CityOrder.case_id.in_(ids)).values(body={}, answer="", reason=""))
    forget_files_of_staff_messages(session, staff_message_ids(session, ids))
    _delete(session, (StaffMessage, Note, AnswerDraft, UnsentText), ids)
    session.execute(update(CaseEvent).where(CaseEvent.case_id.in_(ids)).values(why=""))
    session.execute(update(Rating).where(Rating.case_id.in_(ids)).values(why=""))


def cases(session: Session, ids: Sequence[int]) -> list[Case]:
    return list(session.scalars(select(Case).where(Case.id.in_(ids))))


def is_closed(case: Case) -> bool:
    return case.state == CaseState.CLOSED


_OfCase = (
    type[StaffMessage]
    | type[CallBack]
    | type[CaseEvent]
    | type[Note]
    | type[Mention]
    | type[AnswerDraft]
    | type[UnsentText]
    | type[Rating]
    | type[WorkOrder]
    | type[CityOrder]
)


def _delete(session: Session, tables: Sequence[_OfCase], case_ids: Sequence[int]) -> None:
    for table in tables:
        session.execute(delete(table).where(table.case_id.in_(case_ids)))


def _of(conversation_id: str) -> Select[Case]:
    return select(Case).where(Case.conversation_id == conversation_id).order_by(Case.id)
