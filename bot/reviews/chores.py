"""The periodic job for cases. Several processes may run it at once; each case is closed by only one of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.holding import lock_holder
from bot.reviews.contacts import digest_older
from bot.reviews.service import abandoned, close_abandoned, close_settled, conversations_of, settled
from bot.reviews.states import ACTION_TITLES, Action
from bot.reviews.takeover import hand_back
from bot.sealing import own_sealer
from bot.staff import audit


def do_chores(session: Session, now: datetime) -> list[str]:
    """Closes cases that waited too long for their citizen, and answered ones that are settled.

    Returns the ids of their conversations. The audit log has an entry for each case.
    """
    digest_older(session, own_sealer())
    # Locks conversations before cases, in the same order as the gateway, to avoid deadlocks.
    cases = [*abandoned(session, now), *(case for case, _ in settled(session, now))]
    for conversation_id in sorted({one for case in cases for one in conversations_of(session, case)}):
        lock_holder(session, conversation_id)
    closed = [(case, Action.CLOSE_ABANDONED) for case in close_abandoned(session, now)]
    changed = []
    for case, action in [*closed, *close_settled(session, now)]:
        why = ACTION_TITLES[action]
        audit.record(session, who=audit.BY_ITSELF, action="close_case", subject=case.number, why=why, at=now)
        hand_back(session, case, now)
        changed += conversations_of(session, case)
    return changed
