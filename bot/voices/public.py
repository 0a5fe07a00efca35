"""The published letters as everybody reads them: the list, one letter, and sharing its concern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.db import added
from bot.sealing import own_sealer
from bot.search.filters import Values
from bot.voices.models import Concern, PublicLetter
from bot.voices.terms import NoSuchVoice

FILTERS = {"kind": "种类", "department": "答复部门", "year": "答复年份"}


@dataclass(frozen=True)
class ListedLetter:
    """A published letter as lists show it. `values`: see `FILTERS`."""

    id: int
    kind: str
    title: str
    question: str
    department: str
    asked_on: date
    answered_on: date
    published_at: datetime
    concern_count: int
    values: Values


def listed_letters(session: Session) -> list[ListedLetter]:
    """All published letters, the newest answer first."""
    counts = concern_counts(session)
    wanted = select(PublicLetter).order_by(PublicLetter.answered_on.desc(), PublicLetter.id.desc())
    return [_listed(letter, counts.get(letter.id, 0)) for letter in session.scalars(wanted)]


def get_letter(session: Session, letter_id: int) -> PublicLetter:
    """Raises NoSuchVoice also for a letter that is not published."""
    found = session.get(PublicLetter, letter_id)
    if found is None:
        raise NoSuchVoice(letter_id)
    return found


def letters_by_id(session: Session, ids: Sequence[int]) -> list[PublicLetter]:
    """The published ones among `ids`, in that order."""
    found = {one.id: one for one in session.scalars(select(PublicLetter).where(PublicLetter.id.in_(ids)))}
    return [found[letter_id] for letter_id in ids if letter_id in found]


def concern_counts(session: Session, ids: Sequence[int] | None = None) -> dict[int, int]:
    """Letter → how many share its concern; of all letters unless `ids` names some."""
    counted = select(Concern.letter_id, func.count()).group_by(Concern.letter_id)
    if ids is not None:
        counted = counted.where(Concern.letter_id.in_(ids))
    return dict(session.execute(counted).all())


def share_concern(session: Session, letter_id: int, client: str) -> bool:
    """Counts the visitor once. False if they were counted before.

    `client` is the visitor's network. Only a keyed digest is kept, a different one for each letter, so that nobody can
    tell what else the visitor cares about.

    Raises:
        NoSuchVoice
    """
    get_letter(session, letter_id)
    digest = own_sealer().digest(f"concern {letter_id} {client}")
    return added(session, Concern(letter_id=letter_id, visitor_digest=digest))


def forget_letters(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(Concern).where(Concern.letter_id.in_(ids)))
    session.execute(delete(PublicLetter).where(PublicLetter.id.in_(ids)))


def _listed(letter: PublicLetter, concern_count: int) -> ListedLetter:
    department = letter.department.name if letter.department else ""
    return ListedLetter(
        id=letter.id,
        kind=letter.kind,
        title=letter.title,
        question=letter.question,
        department=department,
        asked_on=letter.asked_on,
        answered_on=letter.answered_on,
        published_at=letter.published_at,
        concern_count=concern_count,
        values={
            "kind": [letter.kind],
            "department": [department] if department else [],
            "year": [str(letter.answered_on.year)],
        },
    )
