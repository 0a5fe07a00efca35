"""Deletes what belongs to letters, before their cases are deleted or emptied. A published letter goes with it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.voices.models import Voice
from bot.voices.public import forget_letters


def forget_voices(session: Session, case_ids: Sequence[int]) -> None:
    ids = session.scalars(select(Voice.id).where(Voice.case_id.in_(case_ids))).all()
    forget_letters(session, ids)
    session.execute(delete(Voice).where(Voice.id.in_(ids)))
