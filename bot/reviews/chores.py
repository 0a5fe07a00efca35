"""What falls due by itself, for a periodic job. Several processes may do it at once: each case is closed by one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.holding import lock_holder
from bot.reviews.service import abandoned, close_abandoned, conversations_of
from bot.reviews.takeover import hand_back


def do_chores(session: Session, now: datetime) -> list[str]:
    """Closes what has waited too long for its citizen. The conversations in which something changed."""
    # Conversations first, then the cases: the order in which the gateway locks them, so that neither waits for ever.
    for conversation_id in sorted({one for case in abandoned(session, now) for one in conversations_of(session, case)}):
        lock_holder(session, conversation_id)
    changed = []
    for case in close_abandoned(session, now):
        hand_back(session, case, now)
        changed += conversations_of(session, case)
    return changed
