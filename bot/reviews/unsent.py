"""Keeps what somebody types on the page of a case until it is sent, so that nothing typed is lost.

The texts are sealed. They leave when they are sent, when the field is emptied, and with the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from bot.db import added
from bot.reviews.handling import MOST_REPLY_CHARACTERS
from bot.reviews.models import Case, UnsentText
from bot.reviews.states import CaseActionRefused
from bot.staff.models import Person

REPLY, NOTE, DRAFT = "reply", "note", "draft"
ACTS = {REPLY: "回复", NOTE: "备注", DRAFT: "拟稿"}
# Whoever stopped typing longer ago is no longer writing, though the text is kept.
WRITES_FOR = timedelta(seconds=90)


def keep(session: Session, case: Case, person: Person, act: str, text: str, now: datetime) -> bool:
    """Keeps the text in place of the one kept before; an empty one is not kept.

    Returns whether colleagues see a change: the person begins to write, or the text is gone.

    Raises:
        CaseActionRefused: the act has no text to keep, or the text is too long.
    """
    if act not in ACTS:
        raise CaseActionRefused("这一格不存草稿")
    if len(text) > MOST_REPLY_CHARACTERS:
        raise CaseActionRefused(f"{ACTS[act]}最多 {MOST_REPLY_CHARACTERS} 个字")
    if not text.strip():
        return drop(session, case, person, act)
    row = UnsentText(case_id=case.id, person_id=person.id, act=act, text=text, at=now)
    before = _find(session, case, person, act)
    if before is None and added(session, row):
        return True
    # Found before, or another page of the same person has just added it.
    before = before or session.scalars(_of(case, person, act)).one()
    was_writing = before.at > now - WRITES_FOR
    before.text, before.at = text, now
    return not was_writing


def drop(session: Session, case: Case, person: Person, act: str) -> bool:
    """Forgets the text; returns whether there was one."""
    before = _find(session, case, person, act)
    if before is not None:
        session.execute(delete(UnsentText).where(UnsentText.id == before.id))
    return before is not None


def kept(session: Session, case: Case, person: Person) -> dict[str, str]:
    """What the person has not sent yet: act → text."""
    mine = select(UnsentText).where(UnsentText.case_id == case.id, UnsentText.person_id == person.id)
    return {one.act: one.text for one in session.scalars(mine)}


def writers(session: Session, case: Case, person: Person, now: datetime) -> Sequence[UnsentText]:
    """What others are writing to the citizen about this case just now, by the time of the last stroke; notes are left
    out, since two of them do no harm."""
    others = select(UnsentText).where(
        UnsentText.case_id == case.id,
        UnsentText.person_id != person.id,
        UnsentText.act != NOTE,
        UnsentText.at > now - WRITES_FOR,
    )
    return session.scalars(others.order_by(UnsentText.at)).all()


def _find(session: Session, case: Case, person: Person, act: str) -> UnsentText | None:
    return session.scalars(_of(case, person, act)).one_or_none()


def _of(case: Case, person: Person, act: str) -> Select[UnsentText]:
    return select(UnsentText).where(
        UnsentText.case_id == case.id, UnsentText.person_id == person.id, UnsentText.act == act
    )
