"""Says which department a letter or a question concerns."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments, department_named
from bot.letters.offices import department_for, duty_of
from bot.referrals.models import Route


def department_in_charge(session: Session, text: str, route: Route | None) -> str | None:
    """The code of the department: by the letter's topic, else by its route, else the only one that the letter names."""
    departments = all_departments(session)
    duty = duty_of(text)
    learnt = department_for(duty, [(one.code, one.name) for one in departments]) if duty else None
    if learnt:
        return learnt
    named = department_named(departments, route.in_charge) if route else None
    named = named or department_named(departments, text)
    return named.code if named else None
