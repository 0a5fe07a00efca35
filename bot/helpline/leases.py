"""One process at a time answers one citizen, and one at a time sends to them: so their texts keep their order."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.helpline.models import Subscriber

# A lease is renewed during the work, so it need only outlast short stalls and clock differences.
LASTS = timedelta(seconds=15)
RENEWED_EVERY = LASTS / 3
# A lease that ends later than this was taken before the clock was set back. Clocks of machines differ by less.
LONGEST = timedelta(minutes=5)

Lease = InstrumentedAttribute[datetime | None]
"""`Subscriber.answering_until` or `Subscriber.sending_until`."""


def take(session: Session, lease: Lease, subscriber_id: int, now: datetime) -> datetime | None:
    """Takes the lease and returns its end; None if another process has it. A dead one loses it after `LASTS`."""
    until = now + LASTS
    return until if _set(session, lease, subscriber_id, is_free(lease, now), until) else None


def is_free(lease: Lease, now: datetime) -> ColumnElement[bool]:
    return or_(lease.is_(None), lease < now, lease > now + LONGEST)


def renew(session: Session, lease: Lease, subscriber_id: int, until: datetime, now: datetime) -> datetime | None:
    """Renews the lease and returns its new end; None if another process took it meanwhile, and does the work too."""
    longer = now + LASTS
    return longer if _set(session, lease, subscriber_id, lease == until, longer) else None


def give_back(session: Session, lease: Lease, subscriber_id: int, until: datetime) -> bool:
    """Gives back the lease that ends at `until`. False if another process took it meanwhile, and does the work too."""
    return _set(session, lease, subscriber_id, lease == until, None)


def _set(session: Session, lease: Lease, subscriber_id: int, if_now: ColumnElement[bool], to: datetime | None) -> bool:
    changed = session.execute(
        update(Subscriber)
        .where(Subscriber.id == subscriber_id, if_now)
        .values({lease.key: to})
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def free_all(session: Session) -> None:
    """Frees all leases. For the start of the only process: those that held them are dead."""
    session.execute(update(Subscriber).values(answering_until=None, sending_until=None))
