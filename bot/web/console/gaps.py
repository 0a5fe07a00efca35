"""What citizens asked of a department's matters and did not get answered well: mended, answered, given back.

Departments see their own; reviewers see all, publish answers and decide whose a matter is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.documents.publishing import MOST_ANSWER_CHARACTERS, MOST_QUESTION_CHARACTERS
from bot.gaps import service
from bot.gaps.models import Gap
from bot.gaps.service import (
    MOST_WHY,
    STATE_TITLES,
    UNSETTLED,
    Asked,
    GapRefused,
    GapState,
    Nearest,
    NoSuchGap,
    WeekTold,
    monday_of,
)
from bot.staff.accounts import may, own_department
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import Handler, needs
from bot.web.console.fields import day_in, number_in
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.workdays import today_in_china

routes = web.RouteTableDef()

PATH = "/console/gaps"
MOST_EXAMPLES = 4
_FIRST_YEAR = 2000
WEEK = timedelta(days=7)

Form = Mapping[str, str]
Do = Callable[[Session, Gap, Person, Form, datetime], str]


@dataclass(frozen=True)
class _Shown:
    """A gap as the page shows it. `may`: the names of the acts that the person may do to it."""

    gap: Gap
    state: str
    asked: Asked
    nearest: Nearest | None
    may: frozenset[str]


@dataclass(frozen=True)
class _List:
    """`week_on`: the Monday asked for, None for all that is not settled. `lost`: gaps of which nobody knows whose."""

    week_on: date | None
    this_week: date
    told: WeekTold
    own: str | None
    shown: list[_Shown]
    lost: list[_Shown]
    departments: list[Department]


def _write_answer(session: Session, gap: Gap, person: Person, form: Form, now: datetime) -> str:
    service.write_answer(session, gap, person, form.get("question", ""), form.get("answer", ""), now)
    return "答案已提交，审核员通过后公开，助手马上就会这样答"


def _publish(session: Session, gap: Gap, person: Person, form: Form, now: datetime) -> str:
    service.publish(session, gap, person, form.get("question", ""), form.get("answer", ""), now)
    return "答案已公开，马上就能查到"


def _return_answer(session: Session, gap: Gap, person: Person, form: Form, now: datetime) -> str:
    service.return_answer(session, gap, person, form.get("why", ""), now)
    return "已退回部门"


def _give_back(session: Session, gap: Gap, person: Person, form: Form, now: datetime) -> str:
    service.give_back(session, gap, person, form.get("why", ""), now)
    return "已退给审核员改派"


def _assign(session: Session, gap: Gap, person: Person, form: Form, now: datetime) -> str:
    service.assign(session, gap, person, form.get("department", ""), now)
    return f"已派给{gap.department.name if gap.department else ''}"


def _settle(session: Session, gap: Gap, person: Person, form: Form, now: datetime) -> str:
    service.settle(session, gap, person, form.get("why", ""), now)
    return "已记为处理过"


def _leave(session: Session, gap: Gap, person: Person, form: Form, now: datetime) -> str:
    service.leave(session, gap, person, form.get("why", ""), now)
    return "已记为不用办"


@dataclass(frozen=True)
class _Act:
    """`states`: those of a gap in which the act is offered. `by_owner_only`: for the department, not for reviewers."""

    permission: Permission
    states: tuple[GapState, ...]
    do: Do
    by_owner_only: bool = False


ACTS: Mapping[str, _Act] = {
    "answer": _Act(Permission.MEND_ITEMS, (GapState.OPEN,), _write_answer),
    "settle": _Act(Permission.MEND_ITEMS, (GapState.OPEN,), _settle),
    "give-back": _Act(Permission.MEND_ITEMS, (GapState.OPEN,), _give_back, by_owner_only=True),
    "publish": _Act(Permission.APPROVE_ANSWERS, (GapState.ANSWERED,), _publish),
    "return": _Act(Permission.APPROVE_ANSWERS, (GapState.ANSWERED,), _return_answer),
    "assign": _Act(Permission.APPROVE_ANSWERS, (GapState.NOT_OURS, GapState.OPEN), _assign),
    "leave": _Act(Permission.APPROVE_ANSWERS, (GapState.NOT_OURS,), _leave),
}


@routes.get(PATH)
@needs(Permission.MEND_ITEMS)
async def listed(request: web.Request) -> web.Response:
    """With `week`, any day of a week: what was asked in it; otherwise all that is not settled."""
    return await _page(request)


def _act(name: str) -> Handler:
    async def act(request: web.Request) -> web.Response:
        form, person = await form_of(request), person_of(request)
        number = number_in(request.match_info["gap_id"]) or 0
        try:
            said = await transact(request, _perform, name, number, person, form)
        except NoSuchGap:
            return error_page(request, 404, "没有这组问题，或者不归您的部门")
        except GapRefused as refused:
            return await _page(request, 422, error=str(refused), typed={**form, "act": name, "gap": str(number)})
        return redirect(request, PATH, said)

    return needs(ACTS[name].permission)(act)


for _name in ACTS:
    routes.post(f"{PATH}/{{gap_id}}/{_name}")(_act(_name))


def _perform(session: Session, name: str, number: int, person: Person, form: Form) -> str:
    return ACTS[name].do(session, service.get_gap(session, number, person), person, form, utcnow())


async def _page(request: web.Request, status: int = 200, *, error: str = "", typed: Form | None = None) -> web.Response:
    found = await transact(request, _list, person_of(request), day_in(request.query.get("week", "")))
    return page(
        request,
        "gaps.html",
        status,
        found=found,
        week=WEEK,
        most_examples=MOST_EXAMPLES,
        most_question=MOST_QUESTION_CHARACTERS,
        most_answer=MOST_ANSWER_CHARACTERS,
        most_why=MOST_WHY,
        error=error,
        typed=typed or {},
    )


def _list(session: Session, person: Person, day: date | None) -> _List:
    own, this_week = own_department(person), monday_of(today_in_china(utcnow()))
    # No question is older than this; a day of the year 1 has no week before it.
    week_on = min(monday_of(day), this_week) if day is not None and day.year >= _FIRST_YEAR else None
    states = list(GapState) if week_on is not None else UNSETTLED
    gaps = service.gaps(session, own, week_on=week_on, states=states)
    is_reviewer = service.is_reviewer(person)
    lost = service.without_department(session) if is_reviewer and week_on is None else []
    return _List(
        week_on,
        this_week,
        service.week_told(session, own, week_on or this_week - WEEK),
        own,
        _shown(session, sorted(gaps, key=lambda gap: _rank(gap, own)), person),
        _shown(session, lost, person),
        all_departments(session) if is_reviewer else [],
    )


def _rank(gap: Gap, own: str | None) -> bool:
    """What waits for the one who looks comes first; the order stays otherwise."""
    return (gap.state == GapState.OPEN) != (own is not None)


def _shown(session: Session, gaps: list[Gap], person: Person) -> list[_Shown]:
    asked = service.asked_in(session, [gap.id for gap in gaps])
    return [
        _Shown(gap, STATE_TITLES[gap.state], asked[gap.id], service.nearest_of(session, gap), _may(gap, person))
        for gap in gaps
        if gap.id in asked
    ]


def _may(gap: Gap, person: Person) -> frozenset[str]:
    """A gap of nobody's is given to a department first."""
    if gap.department_code is None:
        return frozenset({"assign"} if service.is_reviewer(person) else ())
    return frozenset(
        name
        for name, act in ACTS.items()
        if gap.state in act.states
        and may(person, act.permission)
        and not (act.by_owner_only and own_department(person) is None)
        and not (name == "publish" and gap.by == person.login)
    )
