"""The table of proposed changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from bot.db import Base, UTCDateTime


class ProposedChange(Base):
    """A change of one record, or of one list, as proposed, decided and made live.

    `kind` is a `terms.Changeable`, `state` a `terms.ChangeState`. `subject`: what it changes, as the audit log has it:
    the code of an item, the key of a document, the name of a list. `wanted`: the new values, in the form of the kind's
    own module. `differences`: rows of [title, old, new] in words, as they were when it was proposed; a change whose
    differences are no longer these is not made. `reverse`: the `wanted` that undoes it, null if nothing does.
    `live_from`: not before; null for at once. `note`: why it was refused, or could not be made. `undoes_id`: the change
    that this one takes back.
    """

    __tablename__ = "proposed_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(Text)
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    differences: Mapped[list[list[str]]] = mapped_column(JSON, deferred=True)
    reverse: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    why: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(index=True)
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    live_from: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    note: Mapped[str] = mapped_column(Text)
    live_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("proposed_changes.id"))
