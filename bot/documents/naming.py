"""Finds documents by title or number, and lists them."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.documents.models import Document


def documents_named(session: Session, name: str) -> list[Document]:
    """The documents whose title or number (文号) is exactly `name`, without those withdrawn.

    Several may share a title, with one in force.
    """
    is_named = or_(Document.title == name, Document.number == name)
    found = select(Document).where(is_named, Document.withdrawn_at.is_(None))
    return list(session.scalars(found.order_by(Document.id)))


def all_documents(session: Session) -> list[Document]:
    """All documents but those withdrawn, in force or not, by id."""
    return list(session.scalars(select(Document).where(Document.withdrawn_at.is_(None)).order_by(Document.id)))
