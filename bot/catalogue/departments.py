"""Finds the department that a matter belongs to, from the catalogue."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import Alias, Department, Item
from bot.language.text import normalise

MOST_SUGGESTIONS = 3
_LENGTH = 3
# Departments below this share of the best score are not suggested.
_CLOSE = 0.4


def all_departments(session: Session) -> list[Department]:
    return list(session.scalars(select(Department).order_by(Department.code)))


def get_department(session: Session, code: str) -> Department | None:
    return session.get(Department, code)


def department_named(departments: Iterable[Department], text: str) -> Department | None:
    """The department that `text` names by name or short name; the longest match counts. None if there are several."""
    plain = normalise(text)
    found = [
        (len(name), department)
        for department in departments
        for name in (department.name, *department.short_names)
        if normalise(name) in plain
    ]
    longest = max((length for length, _ in found), default=0)
    leaders = {department.code: department for length, department in found if length == longest}
    return next(iter(leaders.values())) if len(leaders) == 1 else None


def suggest_departments(session: Session, text: str, item_codes: Sequence[str] = ()) -> list[Department]:
    """At most three departments, likeliest first: the one named, those of the items, those whose items are similar.

    Empty if nothing in the catalogue is related to `text`.
    """
    departments = {department.code: department for department in all_departments(session)}
    named = department_named(departments.values(), text)
    meant = session.scalars(select(Item.department_code).where(Item.code.in_(item_codes))).all()
    likely = [named.code] if named else []
    likely += [*meant, *_alike(_vocabularies(session), text)]
    return [departments[code] for code in list(dict.fromkeys(likely))[:MOST_SUGGESTIONS]]


def _vocabularies(session: Session) -> dict[str, set[str]]:
    """Department code → the parts (`_parts`) of the names, results and aliases of its items."""
    found: dict[str, set[str]] = {}
    department_of: dict[str, str] = {}
    for code, department, name, result in session.execute(
        select(Item.code, Item.department_code, Item.name, Item.result)
    ):
        department_of[code] = department
        found.setdefault(department, set()).update(_parts(name), _parts(result))
    for code, text in session.execute(select(Alias.code, Alias.text)):
        if code in department_of:
            found[department_of[code]].update(_parts(text))
    return found


def _alike(vocabularies: dict[str, set[str]], text: str) -> list[str]:
    """Department codes, best first. A part counts more if fewer departments have it."""
    having = Counter(part for vocabulary in vocabularies.values() for part in vocabulary)
    plain = normalise(text)
    scores = {
        code: sum(math.log(1 + len(vocabularies) / having[part]) for part in vocabulary if part in plain)
        for code, vocabulary in vocabularies.items()
    }
    best = max(scores.values(), default=0)
    return [code for code in sorted(scores, key=lambda code: -scores[code]) if scores[code] > _CLOSE * best > 0]


def _parts(name: str) -> list[str]:
    """All parts of three characters, because two are too common in names. A shorter name, 低保, is a part itself."""
    plain = normalise(name)
    if len(plain) <= _LENGTH:
        return [plain] if len(plain) > 1 else []
    return [part for part in (plain[at : at + _LENGTH] for at in range(len(plain) - _LENGTH + 1)) if part.isalnum()]
