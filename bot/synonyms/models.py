"""Wordings that staff keep: what people and documents write, and the one name under which search compares it."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base


class Synonym(Base):
    """Wherever `written` occurs, in a document or a question, search reads `means`. Both are normalised."""

    __tablename__ = "synonyms"

    written: Mapped[str] = mapped_column(primary_key=True)
    means: Mapped[str]
