"""The cases behind a number of the figures: the same cases that were counted, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.figures.orders import last_words
from bot.figures.period import Period
from bot.figures.service import CaseClocks, case_clocks
from bot.paging import ListPart
from bot.reviews.models import Case, Rating
from bot.reviews.queue import WITHOUT_TALK

PAGE_ROWS = 50
# Stands for the desk where a department is asked for.
DESK_CODE = "desk"


class Behind(StrEnum):
    OPENED = "opened"
    CLOSED = "closed"
    FIRST_REPLIED = "first_replied"
    FIRST_REPLY_LATE = "first_reply_late"
    CLOSING_LATE = "closing_late"
    RATED = "rated"
    UNSATISFIED = "unsatisfied"


BEHIND_TITLES: Mapping[str, str] = {
    Behind.OPENED: "立件",
    Behind.CLOSED: "已办结",
    Behind.FIRST_REPLIED: "已有首次回复",
    Behind.FIRST_REPLY_LATE: "首次回复超时",
    Behind.CLOSING_LATE: "办结超时",
    Behind.RATED: "有评价",
    Behind.UNSATISFIED: "工单交回后不满意",
}


@dataclass(frozen=True)
class Wanted:
    """`department`: a code, `DESK_CODE`, or empty for all. `stars`: only for `Behind.RATED`."""

    which: Behind
    period: Period
    department: str = ""
    stars: int | None = None


def cases_behind(session: Session, wanted: Wanted, now: datetime, page: int = 1) -> ListPart[Case]:
    ids = sorted(_ids(session, wanted, now), reverse=True)
    rows = select(Case).order_by(Case.id.desc()).options(*WITHOUT_TALK)

    def read(first: int) -> list[Case]:
        return list(session.scalars(rows.where(Case.id.in_(ids[first : first + PAGE_ROWS]))))

    return ListPart.read(len(ids), page, PAGE_ROWS, read)


def _ids(session: Session, wanted: Wanted, now: datetime) -> set[int]:
    period = wanted.period
    if wanted.which == Behind.RATED:
        rated = select(Rating.case_id).where(Rating.at >= period.starts_at, Rating.at < period.ends_at)
        return set(session.scalars(rated if wanted.stars is None else rated.where(Rating.stars == wanted.stars)))
    if wanted.which == Behind.UNSATISFIED:
        said = last_words(session, period, now)
        return {case_id for (code, case_id), good in said.items() if not good and wanted.department in ("", code)}
    is_meant = _MEANT[wanted.which]
    return {
        one.case_id
        for one in case_clocks(session, period)
        if wanted.department in ("", one.department_code or DESK_CODE) and is_meant(one, now)
    }


def _is_late(one: CaseClocks, now: datetime) -> bool:
    return one.first_reply is not None and one.first_reply.is_kept(now) is False


_MEANT: dict[Behind, Callable[[CaseClocks, datetime], bool]] = {
    Behind.OPENED: lambda _one, _now: True,
    Behind.CLOSED: lambda one, _now: one.is_closed,
    Behind.FIRST_REPLIED: lambda one, _now: one.first_reply is not None and one.first_reply.ended_at is not None,
    Behind.FIRST_REPLY_LATE: _is_late,
    Behind.CLOSING_LATE: lambda one, now: one.closing.is_kept(now) is False,
}
