"""One row a chore."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Base, UTCDateTime


class ChoreRun(Base):
    """`name`: one of `bot.chore_runs.service.Chore`. `done_at`: when it last ended well, `by`: in which process."""

    __tablename__ = "chore_runs"

    name: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UTCDateTime)
    by: Mapped[str]
