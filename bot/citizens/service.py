"""Sessions of citizens, and the matters that are theirs.

A citizen is known by a subject: a keyed digest of issuer and identifier, so that neither name nor number is stored, and
nobody without the key can find a person's matters.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from bot.citizens.models import CitizenMatter, CitizenSignIn
from bot.sealing import Sealer

# Shorter than for staff: many citizens use a computer that is not theirs.
IDLE = timedelta(minutes=30)
AT_MOST = timedelta(hours=4)
_NOTED_EVERY = timedelta(minutes=1)


class MatterKind(StrEnum):
    REQUEST = "request"
    CASE = "case"
    COMPLAINT = "complaint"
    CORRECTION = "correction"


def subject_of(sealer: Sealer, issuer: str, identifier: str) -> str:
    """The pseudonym of the person whom this provider knows by this identifier."""
    return sealer.digest(f"citizen {issuer} {identifier}")


def begin(session: Session, subject: str, now: datetime, before: str = "") -> str:
    """Begins a session and gives the token for its cookie. Ends the one of the token `before`, and all expired ones."""
    expired = or_(CitizenSignIn.seen_at < now - IDLE, CitizenSignIn.began_at < now - AT_MOST)
    session.execute(delete(CitizenSignIn).where(expired))
    end(session, before)
    token = secrets.token_urlsafe(32)
    session.add(CitizenSignIn(token_hash=_hash(token), subject=subject, began_at=now, seen_at=now))
    session.flush()
    return token


def signed_in(session: Session, token: str, now: datetime) -> str | None:
    """The subject of that token, None if there is no such session or it has expired. Notes that it is in use."""
    found = session.get(CitizenSignIn, _hash(token)) if token else None
    if found is None or found.seen_at < now - IDLE or found.began_at < now - AT_MOST:
        return None
    if found.seen_at < now - _NOTED_EVERY:
        session.execute(update(CitizenSignIn).where(CitizenSignIn.token_hash == found.token_hash).values(seen_at=now))
    return found.subject


def end(session: Session, token: str) -> None:
    session.execute(delete(CitizenSignIn).where(CitizenSignIn.token_hash == _hash(token)))


def add_matter(session: Session, subject: str, kind: MatterKind, number: str, now: datetime) -> None:
    """Makes the matter one of theirs. Call it only after the person has filed it, or has proved that it is theirs."""
    if not owns(session, subject, kind, number):
        session.add(CitizenMatter(subject=subject, kind=kind.value, number=number, added_at=now))
        session.flush()


def owns(session: Session, subject: str, kind: MatterKind, number: str) -> bool:
    theirs = select(CitizenMatter.id).where(
        CitizenMatter.subject == subject, CitizenMatter.kind == kind, CitizenMatter.number == number
    )
    return session.scalar(theirs) is not None


def numbers_of(session: Session, subject: str, kind: MatterKind) -> Sequence[str]:
    """The newest first."""
    theirs = select(CitizenMatter.number).where(CitizenMatter.subject == subject, CitizenMatter.kind == kind)
    return session.scalars(theirs.order_by(CitizenMatter.id.desc())).all()


def forget(session: Session, subject: str) -> None:
    """Forgets which matters are theirs, and ends all their sessions. The matters themselves stay."""
    session.execute(delete(CitizenMatter).where(CitizenMatter.subject == subject))
    session.execute(delete(CitizenSignIn).where(CitizenSignIn.subject == subject))


def expired_matters(before: datetime) -> Select[int]:
    return select(CitizenMatter.id).where(CitizenMatter.added_at < before)


def forget_matters(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(CitizenMatter).where(CitizenMatter.id.in_(ids)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
