"""Opening cases and reading the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.masking import mask
from bot.reviews.models import Case
from bot.workdays import CHINA, is_working_day

NEW = "new"
CLOSED = "closed"

DUTY_STARTS, DUTY_ENDS = time(9), time(17, 30)
DUTY_HOURS = f"工作日 {DUTY_STARTS:%H:%M}—{DUTY_ENDS:%H:%M}"


def open_case(
    session: Session,
    conversation_id: str,
    channel: str,
    reason: str,
    transcript: Sequence[dict[str, Any]],
    now: datetime,
) -> Case:
    """Opens a case, or adds the reason and the newest transcript to the one already open."""
    masked = [{**line, "text": mask(line["text"])} for line in transcript]
    case = session.scalars(select(Case).where(Case.conversation_id == conversation_id, Case.state != CLOSED)).first()
    if case is None:
        case = Case(
            conversation_id=conversation_id,
            channel=channel,
            reasons=[reason],
            state=NEW,
            opened_at=now,
            waiting_since=now,
            transcript=masked,
        )
        session.add(case)
    else:
        case.reasons = [*case.reasons, reason] if reason not in case.reasons else case.reasons
        case.transcript = masked
    session.flush()
    return case


def open_cases(session: Session) -> list[Case]:
    """The queue: who has waited longest comes first."""
    return list(session.scalars(select(Case).where(Case.state != CLOSED).order_by(Case.waiting_since, Case.id)))


def is_on_duty(now: datetime) -> bool:
    """Whether staff are at their desks at that instant."""
    local = now.astimezone(CHINA)
    return is_working_day(local.date()) and DUTY_STARTS <= local.time() < DUTY_ENDS
