"""Deletes entries of the audit log when their time is up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from bot.staff.models import AuditEntry


def expired_entries(before: datetime) -> Select[int]:
    """The ids of the entries older than `before`. The database refuses to delete entries of the last 1095 days."""
    return select(AuditEntry.id).where(AuditEntry.at < before)


def forget_entries(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(AuditEntry).where(AuditEntry.id.in_(ids)))
