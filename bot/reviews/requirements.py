"""What several actions of staff require: the owner of the case, its department, a text that is neither empty nor long.

Each raises `CaseActionRefused`.
"""

from __future__ import annotations

from bot.reviews.models import Case
from bot.reviews.states import CaseActionRefused
from bot.staff.models import Person


def require_owner(case: Case, person: Person) -> None:
    if case.claimed_by_id != person.id:
        owner = case.claimed_by.name if case.claimed_by else "还没有人"
        raise CaseActionRefused(f"{case.number} 由{owner}负责，要先移交给您")


def require_owner_or_department(case: Case, person: Person) -> None:
    if person.department_code is None or person.department_code != case.department_code:
        require_owner(case, person)


def require_text(text: str, what: str, most: int = 500) -> str:
    text = text.strip()
    if not text:
        raise CaseActionRefused(f"请写明{what}")
    if len(text) > most:
        raise CaseActionRefused(f"{what}最多 {most} 个字")
    return text
