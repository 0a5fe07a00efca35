"""Failed sign-ins, counted by account and client, so that a stranger cannot lock out the owner (`bot.guessing`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot import guessing
from bot.staff.models import Person, SignInFailure


def record(session: Session, person: Person, client: str, now: datetime) -> None:
    """Counts a failure and deletes old ones. `client`: as `bot.staff.devices.Client.counted_as` gives it."""
    session.execute(delete(SignInFailure).where(SignInFailure.at <= now - guessing.REMEMBERED))
    session.add(SignInFailure(person_id=person.id, client=client, at=now))
    session.flush()


def is_paused(session: Session, person: Person, client: str, now: datetime, *, is_known: bool) -> bool:
    """Whether the client has to wait before it may try again.

    `is_known`: the person has signed in with this browser before; failures of others do not reduce its free tries.
    """
    since = now - guessing.REMEMBERED
    of_person = select(SignInFailure.at).where(SignInFailure.person_id == person.id, SignInFailure.at > since)
    own = list(session.scalars(of_person.where(SignInFailure.client == client).order_by(SignInFailure.id)))
    of_all = session.scalar(select(func.count()).select_from(of_person.subquery())) or 0
    until = guessing.paused_until(own, guessing.FREE_TRIES if is_known else guessing.free_tries(of_all))
    return until is not None and now < until


def forget(session: Session, person: Person, client: str) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.person_id == person.id, SignInFailure.client == client))


def forget_all(session: Session, person: Person) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.person_id == person.id))


def count_remembered(session: Session, person: Person, now: datetime) -> int:
    since = now - guessing.REMEMBERED
    of_person = select(func.count()).where(SignInFailure.person_id == person.id, SignInFailure.at > since)
    return session.scalar(of_person) or 0


def counts_remembered(session: Session, now: datetime) -> dict[int, int]:
    """Id of each person as whom somebody failed to sign in → how often, as far as it is remembered."""
    since = now - guessing.REMEMBERED
    counted = select(SignInFailure.person_id, func.count()).where(SignInFailure.at > since)
    return dict(session.execute(counted.group_by(SignInFailure.person_id)).all())  # type: ignore[arg-type]
