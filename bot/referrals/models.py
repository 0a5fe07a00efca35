"""Routes for matters that this assistant does not answer: emergencies, petitions, courts, other registers."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from bot.db import Base


class Route(Base):
    """A matter that belongs elsewhere, with the answer that tells citizens where to go.

    A message with one of the `triggers` means this route, unless it has one of the `exceptions`;
    `docs/route-files.md` says how both are written.
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
