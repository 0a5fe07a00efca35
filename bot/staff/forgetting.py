"""What goes of the audit log when its time is up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from bot.staff.models import AuditEntry


def expired_entries(before: datetime) -> Select[int]:
    """The database itself refuses to give up what is younger than three years (migration 0021)."""
    return select(AuditEntry.id).where(AuditEntry.at < before)


def forget_entries(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.id.in_(ids)))
