"""Remembers the nonces of signed requests, so that a copy of one is not taken again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.helpline.models import Nonce

# Longer than the time for which a signature holds, to both sides of our clock.
REMEMBERED_FOR = timedelta(minutes=15)


def is_new(session: Session, nonce: str, now: datetime) -> bool:
    """Remembers it; False if it was remembered already, by whichever process."""
    try:
        with session.begin_nested():
            session.add(Nonce(nonce=nonce, at=now))
    except IntegrityError:
        return False
    return True


def forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(Nonce).where(Nonce.at < now - REMEMBERED_FOR))
