"""Sessions in a browser: a random token in a cookie, its SHA-256 in the table."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from bot.staff.models import Person, SignIn

IDLE = timedelta(minutes=30)
AT_MOST = timedelta(hours=12)
# Every page would write otherwise.
_NOTED_EVERY = timedelta(minutes=1)


def begin(session: Session, person: Person, now: datetime) -> str:
    """The token for the cookie. Sign-ins of anybody that have run out are removed on this occasion."""
    session.execute(delete(SignIn).where(or_(SignIn.seen_at < now - IDLE, SignIn.began_at < now - AT_MOST)))
    token = secrets.token_urlsafe(32)
    csrf_token = secrets.token_urlsafe(32)
    session.add(SignIn(token_hash=_hash(token), person_id=person.id, csrf_token=csrf_token, began_at=now, seen_at=now))
    session.flush()
    return token


def current(session: Session, token: str, now: datetime) -> SignIn | None:
    """The sign-in of that token, with its person; None if there is none, it has run out or the person has left."""
    found = valid(session, token, now)
    if found is not None and found.seen_at < now - _NOTED_EVERY:
        found.seen_at = now
    return found


def valid(session: Session, token: str, now: datetime) -> SignIn | None:
    """As `current`, but it does not count as use: for what an open page does by itself."""
    found = session.get(SignIn, _hash(token))
    if found is None or found.seen_at < now - IDLE or found.began_at < now - AT_MOST or not found.person.is_active:
        return None
    return found


def end(session: Session, sign_in: SignIn) -> None:
    session.execute(delete(SignIn).where(SignIn.token_hash == sign_in.token_hash))


def end_all(session: Session, person: Person) -> None:
    session.execute(delete(SignIn).where(SignIn.person_id == person.id))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
