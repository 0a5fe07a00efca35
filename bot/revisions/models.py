"""One number for each subject that answers read from: it changes with every change of the subject's tables."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base


class Revision(Base):
    """`subject` is one of `bot.revisions.service.Subject`. `number` is drawn by chance at each change, by triggers of
    the database (migrations 0055, 0056), so that it changes whoever makes the change, and no two databases have the
    same.
    """

    __tablename__ = "revisions"

    subject: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
