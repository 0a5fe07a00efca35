"""The second factor: a code of six digits that changes every 30 seconds (TOTP, RFC 6238)."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.sealing import SealBroken, Sealer
from bot.staff.models import Person

ISSUER = "政务助手"
# A telephone's clock may be half a minute fast or slow (RFC 6238, 5.2).
_STEPS_EITHER_WAY = 1
# The stages of a sign-in that need a ticket: the code, choosing a new password, setting up the second factor.
CODE, NEW_PASSWORD, SET_UP = "code", "password", "set_up"
# The set-up has the longest time, since an authenticator may have to be installed first.
_TICKET_VALID = {CODE: timedelta(minutes=5), NEW_PASSWORD: timedelta(minutes=15), SET_UP: timedelta(minutes=30)}


def new_secret() -> str:
    """160 random bits in base32, the form that authenticators accept."""
    return pyotp.random_base32()


def otpauth_uri(secret: str, login: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def accepted_step(secret: str, code: str, now: datetime) -> int | None:
    """The number of the 30-second step of the code: the current step, the one before or after; else None."""
    digits = "".join(code.split())
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=now, valid_window=_STEPS_EITHER_WAY)
    except OTPVerificationError:
        return None


def set_up(person: Person, secret: str, last_step: int, sealer: Sealer) -> None:
    person.totp_sealed = sealer.seal_object({"secret": secret, "last_step": last_step})


def use_code(session: Session, person: Person, code: str, sealer: Sealer, now: datetime) -> bool:
    """Whether the code is right and new. A code is refused if it, or a later one, was accepted before.

    Raises SealBroken: sealed with another key.
    """
    sealed = person.totp_sealed
    if sealed is None:
        return False
    kept = sealer.open_object(sealed)
    step = accepted_step(kept["secret"], code, now)
    if step is None or step <= kept["last_step"]:
        return False
    # If two browsers send the same code at once, only the first still finds the row as both read it, and succeeds.
    taken = session.execute(
        update(Person)
        .where(Person.id == person.id, Person.totp_sealed == sealed)
        .values(totp_sealed=sealer.seal_object({**kept, "last_step": step}))
        .execution_options(synchronize_session=False)
    )
    session.refresh(person)
    return taken.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def otpauth_svg(secret: str, login: str) -> str:
    """The URI as a QR code (ISO/IEC 18004), an SVG to put into a page."""
    return segno.make(otpauth_uri(secret, login), error="m").svg_inline(scale=4, dark="#000", light="#fff")


def ticket(person: Person, sealer: Sealer, now: datetime, stage: str = CODE) -> str:
    """Proves for some minutes that the person passed all stages before this one; valid for this stage only."""
    until = (now + _TICKET_VALID[stage]).timestamp()
    claim = {"id": person.id, "password": _mark(person), "stage": stage, "until": until}
    return sealer.seal_object({"ticket": claim})


def holder_of_ticket(session: Session, text: str, sealer: Sealer, now: datetime, stage: str = CODE) -> Person | None:
    """The person of the ticket. None if the ticket is forged, expired or for another stage, if the password has changed
    since, or if the person has left.
    """
    try:
        claim = sealer.open_object(text).get("ticket")
    except SealBroken:
        return None
    if claim is None or claim["stage"] != stage or claim["until"] < now.timestamp():
        return None
    person = session.get(Person, claim["id"])
    return person if person is not None and person.is_active and _mark(person) == claim["password"] else None


def _mark(person: Person) -> str:
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()
