"""Changes of the holidays by which deadlines are counted. `wanted`: `years` with all their `free` and `worked` days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot import holidays
from bot.proposed_changes.difference import Difference, Wanted, between
from bot.proposed_changes.models import ProposedChange
from bot.settings import Settings
from bot.staff import audit
from bot.workdays import Holidays

SUBJECT = "holidays"


def wanted_by(_: Session, __: Settings, path: Path) -> Wanted:
    """The years of this file are to be as it says.

    Raises:
        bot.tabular.ImportRejected: a row is wrong.
    """
    read = holidays.read_holidays(path)
    return _wanted(read.years, read)


def differences(_: Session, settings: Settings, change: ProposedChange) -> list[Difference]:
    years, before = change.wanted["years"], holidays.imported(settings.holidays_path)
    return between(_in_words(years, before), _in_words(years, _holidays(change.wanted)))


def apply(session: Session, settings: Settings, change: ProposedChange, now: datetime) -> Wanted:
    years, before = change.wanted["years"], holidays.imported(settings.holidays_path)
    audit.record(session, who=change.proposed_by, action="change_holidays", subject=SUBJECT, why=change.summary, at=now)
    holidays.put_in_force(settings.holidays_path, years, _holidays(change.wanted))
    return _wanted(years, before)


def _wanted(years: Collection[int], given: Holidays) -> Wanted:
    free, worked = ([day.isoformat() for day in _of(years, days)] for days in (given.free, given.worked))
    return {"years": sorted(years), "free": free, "worked": worked}


def _holidays(wanted: Wanted) -> Holidays:
    return Holidays(*(frozenset(map(date.fromisoformat, wanted[kind])) for kind in ("free", "worked")))


def _in_words(years: Collection[int], given: Holidays) -> dict[str, str]:
    kinds = {"放假": given.free, "调休上班": given.worked}
    return {
        f"{year} 年{title}": "、".join(f"{day.month}月{day.day}日" for day in _of([year], days))
        for year in years
        for title, days in kinds.items()
    }


def _of(years: Collection[int], days: Iterable[date]) -> list[date]:
    return sorted(day for day in days if day.year in years)
