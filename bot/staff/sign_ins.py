"""Sessions in a browser: a random token in a cookie, and its SHA-256 in the table."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from bot.staff.models import Person, SignIn

IDLE = timedelta(minutes=30)
AT_MOST = timedelta(hours=12)
_NOTED_EVERY = timedelta(minutes=1)


def begin(session: Session, person: Person, now: datetime) -> str:
    """Begins a session and gives the token for its cookie. Also deletes all expired sessions."""
    session.execute(delete(SignIn).where(or_(SignIn.seen_at < now - IDLE, SignIn.began_at < now - AT_MOST)))
    token = secrets.token_urlsafe(32)
    csrf_token = secrets.token_urlsafe(32)
    session.add(SignIn(token_hash=_hash(token), person_id=person.id, csrf_token=csrf_token, began_at=now, seen_at=now))
    session.flush()
    return token


def valid(session: Session, token: str, now: datetime) -> SignIn | None:
    """The sign-in of that token, with its person; None if there is none, it has expired or the person has left."""
    found = session.get(SignIn, _hash(token))
    if found is None or found.seen_at < now - IDLE or found.began_at < now - AT_MOST or not found.person.is_active:
        return None
    return found


def is_to_be_noted(sign_in: SignIn, now: datetime) -> bool:
    """Whether the last noted use is over a minute ago, so that not every page writes to the table."""
    return sign_in.seen_at < now - _NOTED_EVERY


def note_use(session: Session, sign_in: SignIn, now: datetime) -> None:
    session.execute(update(SignIn).where(SignIn.token_hash == sign_in.token_hash).values(seen_at=now))


def end(session: Session, sign_in: SignIn) -> None:
    session.execute(delete(SignIn).where(SignIn.token_hash == sign_in.token_hash))


def end_all(session: Session, person: Person) -> None:
    session.execute(delete(SignIn).where(SignIn.person_id == person.id))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
