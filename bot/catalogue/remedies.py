"""Where citizens seek a remedy against an agency of the city: reconsideration, a court, or a complaint."""

from __future__ import annotations

import re
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.catalogue.models import Department, RemedyOffice


class Way(StrEnum):
    RECONSIDERATION = "reconsideration"
    LITIGATION = "litigation"
    COMPLAINT = "complaint"


# As the files of a city name them.
WAYS = {"行政复议": Way.RECONSIDERATION, "行政诉讼": Way.LITIGATION, "投诉举报": Way.COMPLAINT}

_GOVERNMENT = re.compile("人民政府$")
_OF_A_DISTRICT = re.compile("^(?:.{1,6}?市)?.{1,6}?[区县旗]")


def is_government(name: str) -> bool:
    return _GOVERNMENT.search(name) is not None


def remedy_offices(session: Session, department: Department) -> dict[Way, RemedyOffice]:
    """Where to go against that department: its own row for a way, or else the row for all departments.

    The row for all is for the city's own departments. A government, or a department of a district, has other organs
    above it (行政复议法 art. 24), so only its own rows count.
    """
    own = RemedyOffice.department_code == department.code
    has_own_only = is_government(department.name) or _OF_A_DISTRICT.match(department.name)
    found = session.scalars(
        select(RemedyOffice).where(own if has_own_only else or_(own, RemedyOffice.department_code.is_(None)))
    )
    general_first = sorted(found, key=lambda office: office.department_code is not None)
    return {Way(office.way): office for office in general_first}
