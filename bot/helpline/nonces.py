"""Remembers the nonces of signed requests, so that a copy of one is not taken again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.db import added
from bot.helpline.models import Nonce

# Longer than a signature is valid, which is some minutes before and after our clock.
REMEMBERED_FOR = timedelta(minutes=15)


def is_new(session: Session, nonce: str, now: datetime) -> bool:
    """Remembers the nonce; False if this or another process has done so before."""
    return added(session, Nonce(nonce=nonce, at=now))


def forget_old(session: Session, now: datetime) -> None:
    session.execute(delete(Nonce).where(Nonce.at < now - REMEMBERED_FOR))
