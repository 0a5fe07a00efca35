"""Gives out the numbers of notices. A number is taken in the transaction that stores its notice, so none is lost."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.db import added, locked
from bot.notices.models import NoticeCounter


def next_serial(session: Session, series: str) -> int:
    """The next serial of the series. Locks its counter until the transaction ends."""
    counter = locked(session, NoticeCounter, series)
    if counter is None:
        added(session, NoticeCounter(series=series, next_serial=1))
        counter = locked(session, NoticeCounter, series)
    if counter is None:
        raise LookupError(f"the counter of {series} is gone")
    serial = counter.next_serial
    counter.next_serial = serial + 1
    session.flush()
    return serial
