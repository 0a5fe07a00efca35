"""Notes what was done, and tells what was last done when."""

from __future__ import annotations

import os
import socket
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.chore_runs.models import ChoreRun
from bot.db import added


class Chore(StrEnum):
    MINUTE = "minute"
    """Deletions, approved changes, chores of the reviews, and what else is looked at every minute."""
    LAWS = "laws"
    PUBLISHING = "publishing"
    GAPS = "gaps"
    REMINDERS = "reminders"


def note(session: Session, chore: Chore, now: datetime) -> None:
    by = f"{socket.gethostname()}:{os.getpid()}"
    # Two processes may do a chore for the first time at once.
    if session.get(ChoreRun, chore) is not None or not added(session, ChoreRun(name=chore, done_at=now, by=by)):
        run = session.get_one(ChoreRun, chore, populate_existing=True)
        run.done_at, run.by = now, by


def last_runs(session: Session) -> dict[str, ChoreRun]:
    """By name, those that were ever done."""
    return {run.name: run for run in session.scalars(select(ChoreRun))}
