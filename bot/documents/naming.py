"""Finds documents by title or number."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.documents.models import Document


def documents_named(session: Session, name: str) -> list[Document]:
    """The documents whose title or number (文号) is exactly `name`; several may share a title, with one in force."""
    found = select(Document).where(or_(Document.title == name, Document.number == name))
    return list(session.scalars(found.order_by(Document.id)))
