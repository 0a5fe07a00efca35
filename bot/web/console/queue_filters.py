"""The filters of the queue as addresses and forms have them: read, written and made into a query.

The page of a case has them too, so that it goes on with the list from which it was opened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from sqlalchemy.orm import Session

from bot.reviews.queue import OPEN, TO_DO, QueueFilter
from bot.reviews.reasons import Kind, Reason, Stars
from bot.reviews.states import STATE_TITLES, CaseState
from bot.staff.accounts import find_person
from bot.staff.models import Person
from bot.staff.roles import Role
from bot.web.console.fields import beginning_of, number_in

OLDER_THAN_TITLES = {"1": "1 小时以上", "4": "4 小时以上", "24": "1 天以上", "72": "3 天以上"}
_FIELDS = (
    *("text", "reason", "kind", "state", "department", "channel", "older_than"),
    *("owner", "stars", "tag", "since", "until"),
    *("overdue", "mine", "waits", "approve", "named", "snoozed", "reviewed", "came_back", "due_today"),
)
# Views that show all open cases that they fit.
_NARROW = ("overdue", "mine", "approve", "snoozed", "reviewed", "came_back", "due_today")
# Of these `state` has two values that are no states: all open cases, and all cases.
_OPEN, _ANY = "open", "any"
STATE_CHOICES = {_OPEN: "全部未办结", **STATE_TITLES, _ANY: "全部，含已办结"}

E = TypeVar("E", bound=StrEnum)


def asked_in(values: Mapping[str, str]) -> dict[str, str]:
    """The value of each filter, empty where none is asked for."""
    return {name: values.get(name, "").strip() for name in _FIELDS}


def asked_by(query: str) -> dict[str, str]:
    """The same from what `query_of` wrote. NUL, which no stored text contains, is left out."""
    return asked_in(dict(parse_qsl(query.replace("%00", ""))))


def query_of(asked: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in asked.items() if value})


def filter_of(session: Session, asked: Mapping[str, str], person: Person) -> QueueFilter:
    """A value that a filter does not know is ignored, as is a login that nobody has."""
    hours = asked["older_than"]
    owner = find_person(session, asked["owner"]) if asked["owner"] else None
    return QueueFilter(
        reason=_member(Reason, asked["reason"]),
        kind=_member(Kind, asked["kind"]),
        department=asked["department"] or None,
        channel=asked["channel"] or None,
        older_than=timedelta(hours=int(hours)) if hours in OLDER_THAN_TITLES else None,
        overdue=bool(asked["overdue"]),
        mine=bool(asked["mine"]),
        waits_now=bool(asked["waits"]),
        to_approve=bool(asked["approve"]),
        named=bool(asked["named"]),
        reviewed=bool(asked["reviewed"]),
        came_back=bool(asked["came_back"]),
        due_today=bool(asked["due_today"]),
        states=_states(asked, person),
        text=asked["text"],
        # Whoever looks for a case looks for those that are snoozed too.
        snoozed=True if asked["snoozed"] else None if _is_search(asked) else False,
        owner_id=owner.id if owner else None,
        stars=_grade(asked["stars"]),
        tag=asked["tag"],
        opened_from=beginning_of(asked["since"]),
        opened_before=beginning_of(asked["until"], days_later=1),
    )


def _is_search(asked: Mapping[str, str]) -> bool:
    return any(asked[name] for name in ("text", "owner", "stars", "tag", "since", "until"))


def _grade(value: str) -> Stars | None:
    number = number_in(value)
    return Stars(number) if number in list(Stars) else None


def _states(asked: Mapping[str, str], person: Person) -> Collection[CaseState]:
    """Without a wish: what the person can act on. A view that narrows the list otherwise shows all open cases.

    A search finds closed ones too: citizens quote the number of a case that was closed long ago.
    """
    state = _member(CaseState, asked["state"])
    if state is not None:
        return {state}
    if asked["state"] == _ANY or asked["named"] or (_is_search(asked) and not asked["state"]):
        return list(CaseState)
    if asked["state"] == _OPEN or any(asked[name] for name in _NARROW):
        return OPEN
    return TO_DO | {CaseState.WITH_DEPARTMENT} if person.role == Role.DEPARTMENT else TO_DO


def _member(kind: type[E], value: str) -> E | None:
    return kind(value) if value in list(kind) else None
