"""Synonyms that staff maintain: a wording in questions or documents, and the name that search reads instead."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base


class Synonym(Base):
    """Wherever `written` occurs, in a document or a question, search reads `means`. Both are normalised."""

    __tablename__ = "synonyms"

    written: Mapped[str] = mapped_column(primary_key=True)
    means: Mapped[str]
