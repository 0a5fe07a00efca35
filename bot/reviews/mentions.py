"""Colleagues whom a note names by `@login`: they are told until they open the case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from bot.reviews.models import Case, Mention
from bot.reviews.service import is_visible_to
from bot.reviews.states import CaseActionRefused
from bot.staff.accounts import NoSuchPerson, get_person, may
from bot.staff.models import Person
from bot.staff.roles import Permission

# Not within a mail address.
_NAMED = re.compile(r"(?<![A-Za-z0-9._%+-])[@＠]([A-Za-z0-9][A-Za-z0-9._-]*)")


def named_in(session: Session, case: Case, text: str) -> list[Person]:
    """The people named in the text, each once.

    Raises:
        CaseActionRefused: nobody has that login, or the person does not see the case.
    """
    logins = dict.fromkeys(found[1].rstrip(".-_") for found in _NAMED.finditer(text))
    return [_colleague(session, case, login) for login in logins]


def tell(session: Session, case: Case, people: Sequence[Person], now: datetime) -> None:
    session.add_all(Mention(case_id=case.id, person_id=one.id, at=now) for one in people)


def see(session: Session, case: Case, person: Person, now: datetime) -> None:
    """Notes that the person has opened the case; nothing is written unless a note named them."""
    unseen = (Mention.case_id == case.id, Mention.person_id == person.id, Mention.seen_at.is_(None))
    if session.scalar(select(exists().where(*unseen))):
        session.execute(update(Mention).where(*unseen).values(seen_at=now))


def is_named(person: Person) -> ColumnElement[bool]:
    """A note on the case names this person, who has not opened it since."""
    return exists().where(Mention.case_id == Case.id, Mention.person_id == person.id, Mention.seen_at.is_(None))


def _colleague(session: Session, case: Case, login: str) -> Person:
    try:
        person = get_person(session, login)
    except NoSuchPerson:
        raise CaseActionRefused(f"没有登录名是“{login}”的同事") from None
    if not person.is_active or not may(person, Permission.SEE_QUEUE) or not is_visible_to(case, person):
        raise CaseActionRefused(f"{person.name}看不到这件，@了也没有用")
    return person
