"""Where a matter belongs that is not this assistant's to answer: emergencies, petitions, courts, other registers."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from bot.db import Base


class Route(Base):
    """A door, with what to say to the citizen who stands before the wrong one.

    `triggers` prove that it is meant, `exceptions` that it is not; `docs/route-files.md` tells how both are written.
    """

    __tablename__ = "routes"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    category: Mapped[str]
    triggers: Mapped[list[str]] = mapped_column(JSON)
    exceptions: Mapped[list[str]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(Text)
    in_charge: Mapped[str]
    phone: Mapped[str]
    legal_basis: Mapped[str]
    url: Mapped[str]
