"""Who did what to a thing of the desk: an item, a document."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.staff import audit
from bot.staff.models import AuditEntry


def history_of(session: Session, subject: str, actions: frozenset[str]) -> list[AuditEntry]:
    """The entries of the audit log on exactly this, the newest first; the oldest of very many are left to its page."""
    found = audit.search(session, subject=subject).entries
    return [entry for entry in found if entry.subject == subject and entry.action in actions]
