"""The periodic job for cases. Several processes may run it at once; each case is closed by only one of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.holding import lock_holder
from bot.reviews.service import abandoned, close_abandoned, conversations_of
from bot.reviews.takeover import hand_back


def do_chores(session: Session, now: datetime) -> list[str]:
    """Closes cases that waited too long for an answer from the citizen. Returns the ids of their conversations."""
    # Locks conversations before cases, in the same order as the gateway, to avoid deadlocks.
    for conversation_id in sorted({one for case in abandoned(session, now) for one in conversations_of(session, case)}):
        lock_holder(session, conversation_id)
    changed = []
    for case in close_abandoned(session, now):
        hand_back(session, case, now)
        changed += conversations_of(session, case)
    return changed
