"""The second factor: a code of six digits that changes every 30 seconds (TOTP, RFC 6238)."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.sealing import SealBroken, Sealer
from bot.staff.models import Person

ISSUER = "政务助手"
# A telephone's clock may be half a minute off, either way (RFC 6238, 5.2).
_STEPS_EITHER_WAY = 1
_TICKET_VALID = timedelta(minutes=5)


def new_secret() -> str:
    """160 bits in base32, as authenticators take it."""
    return pyotp.random_base32()


def otpauth_uri(secret: str, login: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def accepted_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step whose code it is, now or just before or after; None if of none."""
    digits = "".join(code.split())
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=now, valid_window=_STEPS_EITHER_WAY)
    except OTPVerificationError:
        return None


def set_up(person: Person, secret: str, last_step: int, sealer: Sealer) -> None:
    person.totp_sealed = sealer.seal(json.dumps({"secret": secret, "last_step": last_step}))


def use_code(session: Session, person: Person, code: str, sealer: Sealer, now: datetime) -> bool:
    """Whether the code is right and not used yet. No code is taken twice, nor one older than the last one taken.

    Raises SealBroken: sealed with another key.
    """
    sealed = person.totp_sealed
    if sealed is None:
        return False
    kept = json.loads(sealer.open(sealed))
    step = accepted_step(kept["secret"], code, now)
    if step is None or step <= kept["last_step"]:
        return False
    # Of two browsers that send one code at once, one finds the row as both have read it.
    taken = session.execute(
        update(Person)
        .where(Person.id == person.id, Person.totp_sealed == sealed)
        .values(totp_sealed=sealer.seal(json.dumps({**kept, "last_step": step})))
        .execution_options(synchronize_session=False)
    )
    session.refresh(person)
    return taken.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def ticket(person: Person, sealer: Sealer, now: datetime) -> str:
    """Proves for five minutes that the password was right; worth nothing without a code."""
    claim = {"id": person.id, "password": _mark(person), "until": (now + _TICKET_VALID).timestamp()}
    return sealer.seal(json.dumps({"ticket": claim}))


def holder_of_ticket(session: Session, text: str, sealer: Sealer, now: datetime) -> Person | None:
    """None if it is not one of ours, too old, or the password has changed since."""
    try:
        claim = json.loads(sealer.open(text)).get("ticket")
    except SealBroken:
        return None
    if claim is None or claim["until"] < now.timestamp():
        return None
    person = session.get(Person, claim["id"])
    return person if person is not None and person.is_active and _mark(person) == claim["password"] else None


def _mark(person: Person) -> str:
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()
