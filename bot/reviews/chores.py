"""What falls due by itself, for a periodic job. Several processes may do it at once: each case is closed by one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.reviews.service import close_abandoned, conversations_of
from bot.reviews.takeover import hand_back


def do_chores(session: Session, now: datetime) -> list[str]:
    """Closes what has waited too long for its citizen. The conversations in which something changed."""
    changed = []
    for case in close_abandoned(session, now):
        hand_back(session, case, now)
        changed += conversations_of(session, case)
    return changed
