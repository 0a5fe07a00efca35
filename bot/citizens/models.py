"""The tables of citizens who sign in. Nobody is named in them: `subject` is a keyed digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base, UTCDateTime


class CitizenSignIn(Base):
    """A session in a browser. `token_hash`: SHA-256 of the token in its cookie."""

    __tablename__ = "citizen_sign_ins"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class CitizenMatter(Base):
    """A matter of a citizen, of a `MatterKind`. It has no foreign key, because what it names may be deleted first."""

    __tablename__ = "citizen_matters"
    __table_args__ = (UniqueConstraint("subject", "kind", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    kind: Mapped[str]
    number: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
