"""Links that open a conversation for reading, for some days, for whoever has them; nobody can go on in it by a link.

A link is for the citizen who asked for it to be sent to a telephone or by mail. It names no conversation: the id of one
is a secret by which one may go on in it.
"""

from __future__ import annotations

import hashlib
import secrets
import string
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.conversations.models import TalkLink

LASTS = timedelta(days=7)
# 136 bits. Letters only: figures could look like a number or a query code, which are taken out of what is sent.
_TOKEN_LETTERS = 24


def make_link(session: Session, conversation_id: str, now: datetime) -> str:
    """Makes a link and returns its token, which is stored nowhere."""
    token = "".join(secrets.choice(string.ascii_letters) for _ in range(_TOKEN_LETTERS))
    session.add(TalkLink(token_digest=_digest(token), conversation_id=conversation_id, made_at=now))
    session.flush()
    return token


def opened(session: Session, token: str, now: datetime) -> TalkLink | None:
    """The link of that token; None if there is none, or it has expired, or was revoked."""
    found = session.get(TalkLink, _digest(token))
    return found if found is not None and found.made_at > now - LASTS else None


def made_since(session: Session, conversation_id: str, since: datetime) -> int:
    counted = select(func.count()).where(TalkLink.conversation_id == conversation_id, TalkLink.made_at > since)
    return session.scalar(counted) or 0


def forget_links_of(session: Session, conversation_id: str) -> None:
    session.execute(delete(TalkLink).where(TalkLink.conversation_id == conversation_id))


def forget_expired(session: Session, now: datetime) -> None:
    session.execute(delete(TalkLink).where(TalkLink.made_at <= now - LASTS))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
