"""Finds documents by title or number, and lists them."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.documents.models import Document


def documents_named(session: Session, name: str) -> list[Document]:
    """The documents whose title or number (文号) is exactly `name`; several may share a title, with one in force."""
    found = select(Document).where(or_(Document.title == name, Document.number == name))
    return list(session.scalars(found.order_by(Document.id)))


def all_documents(session: Session) -> list[Document]:
    """All documents, in force or not, by id."""
    return list(session.scalars(select(Document).order_by(Document.id)))


def revision_of_documents(session: Session) -> object:
    """A value that changes whenever a document is added, gets a new version or is marked as repealed."""
    return tuple(session.execute(select(func.count(Document.id), func.sum(Document.current_version))).one())
