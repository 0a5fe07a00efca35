"""Records outages: one incident for each outage, however many messages it affects."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.incidents.models import Incident

# A failure so soon after the end of an incident continues that incident.
SAME_WITHIN = timedelta(minutes=5)


class Kind(StrEnum):
    ENGINE = "engine"
    """The engine, or the action server behind it, did not answer."""
    ACTIONS = "actions"
    """An action failed."""


def meet(session: Session, kind: Kind, now: datetime) -> Incident:
    """Counts one message affected by a failure; opens an incident if none of that kind is open."""
    session.expire_all()
    if not _count(session, kind, now):
        ended_lately = session.scalars(
            select(Incident)
            .where(Incident.kind == kind, Incident.ended_at >= now - SAME_WITHIN)
            .order_by(Incident.id.desc())
            .limit(1)
        ).one_or_none()
        try:
            with session.begin_nested():
                if ended_lately is not None:
                    ended_lately.ended_at, ended_lately.last_at = None, now
                    ended_lately.message_count += 1
                else:
                    session.add(Incident(kind=kind, began_at=now, last_at=now, message_count=1))
        except IntegrityError:  # another process opened it just now
            _count(session, kind, now)
    session.expire_all()
    return session.scalars(select(Incident).where(Incident.kind == kind, Incident.ended_at.is_(None))).one()


def end(session: Session, now: datetime, *kinds: Kind) -> bool:
    """Ends the open incidents of these kinds, because a message was answered again. Whether there were any."""
    ended = session.execute(
        update(Incident)
        .where(Incident.kind.in_(kinds), Incident.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(ended.rowcount)  # type: ignore[attr-defined]


def since(session: Session, begin: datetime) -> list[Incident]:
    """The incidents that are open or ended at `begin` or later, newest first."""
    wanted = Incident.ended_at.is_(None) | (Incident.ended_at >= begin)
    return list(session.scalars(select(Incident).where(wanted).order_by(Incident.id.desc())))


def _count(session: Session, kind: Kind, now: datetime) -> bool:
    counted = session.execute(
        update(Incident)
        .where(Incident.kind == kind, Incident.ended_at.is_(None))
        .values(message_count=Incident.message_count + 1, last_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(counted.rowcount)  # type: ignore[attr-defined]
