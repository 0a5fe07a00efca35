"""How many SMS may go out in a day. A supervisor may raise it for today; at midnight the usual number holds again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.conversations.channels import SMS
from bot.db import added
from bot.helpline.models import DayCeiling
from bot.helpline.outbox import sent_today
from bot.workdays import today_in_china

# A figure too many is a bill of ten times as much, so no more is taken; whoever needs more sets TEXTS_DAILY_CEILING.
MOST_TIMES_USUAL = 10


def of_today(session: Session, usual: int, now: datetime) -> int:
    """Today's ceiling. `usual`: `TEXTS_DAILY_CEILING`; a number set for the day holds if it is higher."""
    set_for_today = session.get(DayCeiling, today_in_china(now))
    return max(usual, set_for_today.texts) if set_for_today is not None else usual


def is_reached(session: Session, usual: int, now: datetime) -> bool:
    return sent_today(session, SMS, now) >= of_today(session, usual, now)


def set_for_today(session: Session, texts: int, now: datetime) -> None:
    day = today_in_china(now)
    if session.get(DayCeiling, day) is not None or not added(session, DayCeiling(day=day, texts=texts)):
        session.get_one(DayCeiling, day, populate_existing=True).texts = texts
