"""One process at a time answers one citizen, and one at a time sends to them: so their texts keep their order."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.helpline.models import Subscriber

# Longer than the engine, or a carrier, may take.
LASTS = timedelta(seconds=45)

Lease = InstrumentedAttribute[datetime | None]
"""`Subscriber.answering_until` or `Subscriber.sending_until`."""


def take(session: Session, lease: Lease, subscriber_id: int, now: datetime) -> bool:
    """False if another process has it. Of one that died it is free after `LASTS`."""
    taken = session.execute(
        update(Subscriber)
        .where(Subscriber.id == subscriber_id, or_(lease.is_(None), lease < now))
        .values({lease.key: now + LASTS})
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def give_back(session: Session, lease: Lease, subscriber_id: int) -> None:
    session.execute(
        update(Subscriber)
        .where(Subscriber.id == subscriber_id)
        .values({lease.key: None})
        .execution_options(synchronize_session=False)
    )


def free_all(session: Session) -> None:
    """For the only process that there is, when it starts: who held them is dead."""
    session.execute(update(Subscriber).values(answering_until=None, sending_until=None))
