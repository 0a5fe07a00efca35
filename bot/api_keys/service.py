"""Makes, checks and revokes the keys of programs. Making and revoking are in the audit log."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.api_keys.models import ApiKey, KeyScope
from bot.staff import audit

PREFIX = "city_"
DEFAULT_PER_MINUTE = 600
SCOPES = {KeyScope.CHAT: "提问", KeyScope.DOCUMENTS: "发布文件"}


class KeyNameTaken(ValueError):
    """There is already a key of that name, maybe a revoked one."""


class NoSuchKey(LookupError):
    """No key of that name is in use."""


def add(
    session: Session, name: str, per_minute: int, *, who: str, now: datetime, scope: KeyScope = KeyScope.CHAT
) -> str:
    """Makes a key and returns it; it cannot be shown again. Raises KeyNameTaken."""
    if session.scalars(select(ApiKey).where(ApiKey.name == name)).one_or_none() is not None:
        raise KeyNameTaken(name)
    key = PREFIX + secrets.token_urlsafe(32)
    session.add(ApiKey(name=name, key_digest=_digest(key), per_minute=per_minute, scope=scope.value, made_at=now))
    why = f"{SCOPES[scope]}，每分钟 {per_minute} 条"
    audit.record(session, who=who, action="add_api_key", subject=name, why=why, at=now)
    return key


def revoke(session: Session, name: str, *, who: str, now: datetime) -> None:
    """Revokes a key from the next message on. Raises NoSuchKey."""
    found = session.scalars(select(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))).one_or_none()
    if found is None:
        raise NoSuchKey(name)
    found.revoked_at = now
    audit.record(session, who=who, action="revoke_api_key", subject=name, why="", at=now)


def all_keys(session: Session) -> list[ApiKey]:
    return list(session.scalars(select(ApiKey).order_by(ApiKey.id)))


def key_in_use(session: Session, key: str) -> ApiKey | None:
    return session.scalars(
        select(ApiKey).where(ApiKey.key_digest == _digest(key), ApiKey.revoked_at.is_(None))
    ).one_or_none()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
