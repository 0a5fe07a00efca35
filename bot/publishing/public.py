"""What the public pages read: published information, reading places (条例 art. 25), gazettes (art. 23)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.publishing.models import GazetteIssue, Information, ReadingPlace

_NEWEST = 10


def published(session: Session, index_number: str) -> Information | None:
    """The entry of that 索引号; None also if it is not published yet."""
    wanted = select(Information).where(
        Information.index_number == index_number, Information.published_on.is_not(None), Information.withheld_why == ""
    )
    return session.scalars(wanted).one_or_none()


def newest(session: Session, count: int = _NEWEST) -> list[Information]:
    wanted = select(Information).where(Information.published_on.is_not(None))
    newest_first = (Information.published_on.desc(), Information.id.desc())
    return list(session.scalars(wanted.order_by(*newest_first).limit(count)))


def reading_places(session: Session) -> list[ReadingPlace]:
    return list(session.scalars(select(ReadingPlace).order_by(ReadingPlace.position)))


def gazettes(session: Session) -> list[GazetteIssue]:
    """The newest first."""
    newest_first = (GazetteIssue.published_on.desc(), GazetteIssue.id.desc())
    return list(session.scalars(select(GazetteIssue).order_by(*newest_first)))
