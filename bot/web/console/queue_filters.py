"""The filters of the queue as addresses and forms have them: read, written and made into a query.

The page of a case has them too, so that it goes on with the list from which it was opened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

from bot.reviews.queue import OPEN, TO_DO, QueueFilter
from bot.reviews.reasons import Kind, Reason
from bot.reviews.states import STATE_TITLES, CaseState
from bot.staff.models import Person
from bot.staff.roles import Role

OLDER_THAN_TITLES = {"1": "1 小时以上", "4": "4 小时以上", "24": "1 天以上", "72": "3 天以上"}
_FIELDS = (
    *("text", "reason", "kind", "state", "department", "channel", "older_than"),
    *("overdue", "mine", "waits", "approve", "named", "snoozed"),
)
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


def filter_of(asked: Mapping[str, str], person: Person) -> QueueFilter:
    """A value that a filter does not know is ignored."""
    hours = asked["older_than"]
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
        states=_states(asked, person),
        text=asked["text"],
        snoozed=bool(asked["snoozed"]),
    )


def _states(asked: Mapping[str, str], person: Person) -> Collection[CaseState]:
    """Without a wish: what the person can act on. A view that narrows the list otherwise shows all open cases.

    A search finds closed ones too: citizens quote the number of a case that was closed long ago.
    """
    state = _member(CaseState, asked["state"])
    if state is not None:
        return {state}
    if asked["state"] == _ANY or asked["named"] or (asked["text"] and not asked["state"]):
        return list(CaseState)
    if asked["state"] == _OPEN or any(asked[name] for name in ("overdue", "mine", "approve", "snoozed")):
        return OPEN
    return TO_DO | {CaseState.WITH_DEPARTMENT} if person.role == Role.DEPARTMENT else TO_DO


def _member(kind: type[E], value: str) -> E | None:
    return kind(value) if value in list(kind) else None
