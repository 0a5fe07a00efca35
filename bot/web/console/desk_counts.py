"""How much there is to do now, for the top of every page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.gaps.service import waiting_count
from bot.proposed_changes.service import waiting_for
from bot.reviews.desk_news import News, counts, news_of
from bot.settings import Settings
from bot.staff.accounts import may
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.navigation import CHANGES_BACK, CHANGES_TO_APPROVE, GAPS


def desk_counts(session: Session, settings: Settings, person: Person, now: datetime) -> dict[str, int]:
    """By kind; kinds of which there is nothing may be left out."""
    return counted(session, settings, person, news_of(session, person, now))


def counted(session: Session, settings: Settings, person: Person, news: list[News]) -> dict[str, int]:
    """The same, of news that has been read already."""
    if not may(person, Permission.MEND_ITEMS):
        return counts(news)
    waiting = waiting_for(session, settings, person)
    of_items = {
        CHANGES_TO_APPROVE: waiting.to_approve,
        CHANGES_BACK: waiting.back,
        GAPS: waiting_count(session, person),
    }
    return {**counts(news), **of_items}
