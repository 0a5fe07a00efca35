"""The history of an item or a document: who did what to it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.staff import audit
from bot.staff.models import AuditEntry


def history_of(session: Session, subject: str, actions: frozenset[str]) -> list[AuditEntry]:
    """The entries of the audit log whose subject is exactly `subject`, newest first.

    Only the first page of the search is read: older entries are found on the page of the audit log.
    """
    found = audit.search(session, subject=subject).rows
    return [entry for entry in found if entry.subject == subject and entry.action in actions]
