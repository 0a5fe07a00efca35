"""People, a department and cases to try things on."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.reviews import service
from bot.reviews.models import Case
from bot.reviews.reasons import Reason
from bot.staff.models import Person
from bot.staff.roles import Role

# Monday 2 March 2026, 12:00 in China: staff are on duty.
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def add_department(session: Session, code: str = "GA", name: str = "公安局") -> Department:
    department = Department(code=code, name=name, short_names=[], phone="0990-8810110")
    session.add(department)
    session.flush()
    return department


def add_person(
    session: Session, name: str, role: Role = Role.CLERK, department: Department | None = None, is_active: bool = True
) -> Person:
    person = Person(
        login=f"login-{name}",
        name=name,
        role=role,
        department=department,
        is_active=is_active,
        created_at=NOON,
    )
    session.add(person)
    session.flush()
    return person


def open_case(session: Session, conversation_id: str = "c1", at: datetime = NOON, text: str = "居住证怎么办") -> Case:
    lines = [{"by": "citizen", "text": text}]
    return service.open_case(session, conversation_id, "portal", Reason.ASKED_FOR_PERSON, lines, at)
