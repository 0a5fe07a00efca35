"""What changed in the published documents, when and by whom; withdrawing a document and taking it back.

A document that is withdrawn is quoted no more. Nothing of it is lost: staff find it, and storing it again returns it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.documents.models import ChangeKind, Document, DocumentChange
from bot.paging import ListPart

PAGE_ROWS = 50


def note(session: Session, document: Document, kind: ChangeKind, *, who: str, at: datetime) -> None:
    change = DocumentChange(document_id=document.id, at=at, who=who, kind=kind.value, version=document.current_version)
    session.add(change)


def withdraw(session: Session, document: Document, *, who: str, at: datetime) -> bool:
    """Marks the document as withdrawn; False if it is already."""
    if document.withdrawn_at is not None:
        return False
    document.withdrawn_at = at
    note(session, document, ChangeKind.WITHDRAWN, who=who, at=at)
    session.flush()
    return True


def take_back(session: Session, document: Document, *, who: str, at: datetime) -> bool:
    """Ends the withdrawal; False if the document is not withdrawn."""
    if document.withdrawn_at is None:
        return False
    document.withdrawn_at = None
    note(session, document, ChangeKind.RETURNED, who=who, at=at)
    session.flush()
    return True


def changes(session: Session, number: int = 1) -> ListPart[tuple[DocumentChange, Document]]:
    """A page of all changes; a number beyond the last page gives the last one."""
    total = session.scalar(select(func.count()).select_from(DocumentChange)) or 0
    rows = (
        select(DocumentChange, Document)
        .join(Document, DocumentChange.document_id == Document.id)
        .order_by(DocumentChange.id.desc())
        .limit(PAGE_ROWS)
    )

    def read(first: int) -> list[tuple[DocumentChange, Document]]:
        return [(change, document) for change, document in session.execute(rows.offset(first))]

    return ListPart.read(total, number, PAGE_ROWS, read)
