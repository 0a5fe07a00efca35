"""Hands on the open cases of staff who leave or change their role (首问负责)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.reviews.service import open_cases_of
from bot.reviews.states import Action, change
from bot.staff import accounts
from bot.staff.models import Person
from bot.staff.roles import Permission, Role


class CasesLeft(accounts.AccountRefused):
    """The person still has open cases, and no successor was named."""

    def __init__(self, person: Person, numbers: list[str]) -> None:
        named = "、".join(numbers[:10]) + ("等" if len(numbers) > 10 else "")
        super().__init__(f"{person.name}手上还有 {len(numbers)} 件没有办结（{named}），请选一位能办件的人接手")


def deactivate(session: Session, person: Person, *, successor: Person | None, who: str, now: datetime) -> int:
    """Deactivates the account. Returns the number of cases that went to the successor.

    Raises:
        CasesLeft: there are open cases, and no successor.
        bot.staff.accounts.AccountRefused: the successor cannot take them, or it is the caller's own account.
    """
    count = _hand_on(session, person, successor, who, now, f"{person.name}停用")
    accounts.deactivate(session, person, who=who, now=now)
    return count


def change_role(
    session: Session,
    person: Person,
    role: Role,
    *,
    successor: Person | None,
    who: str,
    now: datetime,
    department_code: str | None = None,
) -> int:
    """Changes the role as `accounts.change_role` does; hands on open cases if the new role cannot handle cases.

    Raises: as `deactivate`.
    """
    accounts.change_role(session, person, role, who=who, now=now, department_code=department_code)
    if accounts.may(person, Permission.HANDLE_CASES):
        return 0
    return _hand_on(session, person, successor, who, now, f"{person.name}改任")


def _hand_on(session: Session, person: Person, successor: Person | None, who: str, now: datetime, why: str) -> int:
    cases = open_cases_of(session, person.id)
    if not cases:
        return 0
    if successor is None:
        raise CasesLeft(person, [case.number for case in cases])
    if successor.id == person.id or not successor.is_active or not accounts.may(successor, Permission.HANDLE_CASES):
        raise accounts.AccountRefused(f"{successor.name}不能接手：要在岗、角色能办件的另一个人")
    by = accounts.find_person(session, who)
    for case in cases:
        change(session, case, Action.REASSIGN, by, now, f"{successor.name}接手：{why}", claimed_by_id=successor.id)
    return len(cases)
