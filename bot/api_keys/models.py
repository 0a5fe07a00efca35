"""The keys of programs. Only a digest is kept: a key is shown once, when it is made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base, UTCDateTime


class ApiKey(Base):
    """`key_digest`: SHA-256 of the key, which is random and long. `per_minute`: how many messages it may send."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    key_digest: Mapped[str] = mapped_column(unique=True)
    per_minute: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
