"""Which department a matter belongs to, as far as the catalogue shows it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import Alias, Department, Item
from bot.text import normalise

MOST_SUGGESTIONS = 3
# Below this share of the best one a department is not worth naming.
_CLOSE = 0.4


def all_departments(session: Session) -> list[Department]:
    return list(session.scalars(select(Department).order_by(Department.code)))


def get_department(session: Session, code: str) -> Department | None:
    return session.get(Department, code)


def department_named(departments: Iterable[Department], text: str) -> Department | None:
    """The one department that `text` names, by its name or the longest of its short names."""
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
    """At most three, likeliest first: the one named, those of the items meant, those whose items speak of the same.

    Empty if nothing in the catalogue bears on `text`.
    """
    departments = {department.code: department for department in all_departments(session)}
    named = department_named(departments.values(), text)
    meant = session.scalars(select(Item.department_code).where(Item.code.in_(item_codes))).all()
    likely = [named.code] if named else []
    likely += [*meant, *_alike(_vocabularies(session), text)]
    return [departments[code] for code in list(dict.fromkeys(likely))[:MOST_SUGGESTIONS]]


def _vocabularies(session: Session) -> dict[str, Counter[str]]:
    """Department → the pairs of characters in the names of its items, their results and what people call them."""
    found: dict[str, Counter[str]] = {}
    department_of: dict[str, str] = {}
    for code, department, name, result in session.execute(
        select(Item.code, Item.department_code, Item.name, Item.result)
    ):
        department_of[code] = department
        found.setdefault(department, Counter()).update(_pairs(f"{name} {result}"))
    for code, text in session.execute(select(Alias.code, Alias.text)):
        if code in department_of:
            found[department_of[code]].update(_pairs(text))
    return found


def _alike(vocabularies: dict[str, Counter[str]], text: str) -> list[str]:
    """Codes, best first. A pair counts the more, the fewer departments have it."""
    having = Counter(pair for vocabulary in vocabularies.values() for pair in vocabulary)
    scores = {
        code: sum(math.log(1 + len(vocabularies) / having[pair]) for pair in set(_pairs(text)) if pair in vocabulary)
        for code, vocabulary in vocabularies.items()
    }
    best = max(scores.values(), default=0)
    return [code for code in sorted(scores, key=lambda code: -scores[code]) if scores[code] > _CLOSE * best > 0]


def _pairs(text: str) -> list[str]:
    plain = normalise(text)
    return [plain[start : start + 2] for start in range(len(plain) - 1) if plain[start : start + 2].isalnum()]
