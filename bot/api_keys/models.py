"""The keys of programs. Only a digest is stored: a key is shown once, when it is made."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base, UTCDateTime


class KeyScope(StrEnum):
    """What a key is for, and for nothing else."""

    CHAT = "chat"
    DOCUMENTS = "documents"


class ApiKey(Base):
    """A key. `key_digest`: SHA-256 of the key, which is long and random. `per_minute`: limit of requests per minute.

    `scope`: see `KeyScope`.
    """

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    key_digest: Mapped[str] = mapped_column(unique=True)
    per_minute: Mapped[int]
    scope: Mapped[str] = mapped_column(default=KeyScope.CHAT.value, server_default=KeyScope.CHAT.value)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
