"""Cases that a clerk enters: what citizens told by telephone or at the counter."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from bot.catalogue.departments import get_department
from bot.conversations.channels import DESK_TITLES
from bot.reviews import handling
from bot.reviews.models import Case
from bot.reviews.reasons import KIND_TITLES, Kind, Reason
from bot.reviews.requirements import require_text
from bot.reviews.service import open_case
from bot.reviews.states import CaseActionRefused
from bot.staff import audit
from bot.staff.models import Person

MOST_WORDS = 4000


def enter(
    session: Session,
    person: Person,
    now: datetime,
    *,
    channel: str,
    kind: str,
    words: str,
    contact_sealed: str | None = None,
    department_code: str | None = None,
) -> Case:
    """Opens a case that belongs to the clerk who enters it. The citizen has no conversation with the bot.

    Args:
        channel: one of `DESK_TITLES`.
        words: what the citizen told; masked before it is stored.
        contact_sealed: where the answer is to be sent.
        department_code: the department meant; the clerk still has to pass the case on.

    Raises:
        CaseActionRefused: a field is missing or has an unknown value.
    """
    if channel not in DESK_TITLES:
        raise CaseActionRefused("请选是来电还是来访")
    if kind not in KIND_TITLES:
        raise CaseActionRefused("请选种类")
    words = require_text(words, "对方说的事", MOST_WORDS)
    if department_code is not None and get_department(session, department_code) is None:
        raise CaseActionRefused(f"没有编码为“{department_code}”的部门")
    case = open_case(
        session,
        f"desk-{secrets.token_urlsafe(18)}",
        channel,
        Reason.ENTERED,
        [{"by": "citizen", "text": words}],
        now,
        kind=Kind(kind),
        department_code=department_code,
    )
    case.contact_sealed = contact_sealed
    handling.claim(session, case, person, now)
    audit.record(session, who=person.login, action="enter_case", subject=case.number, why=DESK_TITLES[channel], at=now)
    return case
