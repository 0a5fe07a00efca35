"""Small factories for staff."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.staff import accounts
from bot.staff.models import Person
from bot.staff.roles import Role

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PASSWORD = "green tea at 7"


def add_department(session: Session, code: str = "GA", name: str = "公安局") -> Department:
    department = Department(code=code, name=name, short_names=[], phone="0990-1")
    session.add(department)
    session.flush()
    return department


def add_person(
    session: Session,
    login: str = "zhang",
    role: Role = Role.CLERK,
    password: str | None = PASSWORD,
    department_code: str | None = None,
) -> Person:
    return accounts.add_person(
        session,
        login=login,
        name="张三",
        role=role,
        password=password,
        who="terminal:root",
        now=NOW,
        department_code=department_code,
    )
