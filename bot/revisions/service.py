"""Keeps what was read until its subject changes.

    @kept(Subject.CATALOGUE)
    def get_city(session: Session) -> City: ...

    with database.transaction() as session:
        answer_from_kept(session)
        get_city(session)  # reads the database only if the catalogue has changed since the last message

A session that did not ask for it reads the database each time. What is kept belongs to no session and must not be
changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.revisions.models import Revision

P = ParamSpec("P")
T = TypeVar("T")

# When so many results are kept, all are forgotten: a city with ten thousand items is not to be held in memory.
MOST_KEPT = 1000
# Where a session has the numbers that it found when it began.
_NUMBERS = "revisions"


class Subject(StrEnum):
    """The tables of each are named in migration 0055, those of the documents in 0056."""

    CATALOGUE = "catalogue"
    DOCUMENTS = "documents"
    LAWS = "laws"
    SWITCHES = "switches"


@dataclass(frozen=True)
class _Kept:
    database: str
    number: int
    results: dict[Hashable, object] = field(default_factory=dict)


_kept: dict[Subject, _Kept] = {}


def answer_from_kept(session: Session) -> None:
    """From now on, in this session, functions that are `kept` take their results from memory. Costs one small query."""
    session.info[_NUMBERS] = _numbers(session)


def kept(
    subject: Subject, *, in_every_session: bool = False
) -> Callable[[Callable[Concatenate[Session, P], T]], Callable[Concatenate[Session, P], T]]:
    """The function reads from tables of the subject alone; its arguments say all that its result depends on.

    `in_every_session`: also in those that did not call `answer_from_kept`; each call then costs the small query.
    """

    def keeping(read: Callable[Concatenate[Session, P], T]) -> Callable[Concatenate[Session, P], T]:
        @wraps(read)
        def reading(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> T:
            numbers: dict[str, int] = session.info.get(_NUMBERS) or (_numbers(session) if in_every_session else {})
            number = numbers.get(subject)
            if number is None:  # nothing is kept for this session, or the database has no number
                return read(session, *args, **kwargs)
            results, place = _results(session, subject, number), (read, args, tuple(kwargs.items()))
            if place not in results:
                # A session of its own, which forgets the rows when it closes: several threads will read them.
                with Session(session.connection()) as apart:
                    results[place] = read(apart, *args, **kwargs)
            return results[place]  # type: ignore[return-value]

        return reading

    return keeping


def _numbers(session: Session) -> dict[str, int]:
    """Subject → a number that changes when the subject does."""
    return {row.subject: row.number for row in session.execute(select(Revision.subject, Revision.number))}


def _results(session: Session, subject: Subject, number: int) -> dict[Hashable, object]:
    database, held = str(session.connection().engine.url), _kept.get(subject)
    if held is None or (held.database, held.number) != (database, number) or len(held.results) >= MOST_KEPT:
        held = _kept[subject] = _Kept(database, number)
    return held.results
