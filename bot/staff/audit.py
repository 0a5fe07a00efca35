"""Writing the audit log. There is no function that changes or removes an entry."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.staff.models import AuditEntry


def record(session: Session, *, who: str, action: str, subject: str, why: str, at: datetime) -> None:
    """Notes that `who` did `action` to `subject`, in the same transaction as the act itself."""
    session.add(AuditEntry(at=at, who=who, action=action, subject=subject, why=why))
    session.flush()
