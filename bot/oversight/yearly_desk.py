"""Keeping yearly reports: drafts, handing in, publishing, and which organ is late (条例 art. 49)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments, get_department
from bot.catalogue.models import Department
from bot.catalogue.service import get_city
from bot.db import added, locked
from bot.oversight.balance import Imbalance, flaws_of, sums_of_organs
from bot.oversight.models import YearlyReport
from bot.oversight.typed import NOTHING_TYPED, Typed
from bot.oversight.yearly import WHOLE_CITY, WholeReport, whole_report
from bot.staff import audit

FIRST_YEAR = 2008


class ReportRefused(ValueError):
    """The step is not possible now; the message, in Chinese, says why."""


@dataclass(frozen=True)
class ReportDraft:
    """A report with what is kept of it, and what is still wrong. `kept`: None if nobody has typed anything yet."""

    report: WholeReport
    kept: YearlyReport | None
    flaws: list[Imbalance]

    @property
    def is_published(self) -> bool:
        return self.kept is not None and self.kept.published_on is not None

    @property
    def blocking(self) -> list[Imbalance]:
        return [flaw for flaw in self.flaws if flaw.blocks]


@dataclass(frozen=True)
class ReportStanding:
    """How far the report of an organ is. `days_late`: days after `due_on` that it was or is late; 0 if it is not."""

    organ: str
    organ_name: str
    due_on: date
    kept: YearlyReport | None
    days_late: int

    @property
    def words(self) -> str:
        if self.kept is None:
            return "还没有编"
        if self.kept.published_on is not None:
            return f"{self.kept.published_on} 已公布"
        return f"{self.kept.submitted_on} 已提交，还没有公布" if self.kept.submitted_on else "有草稿，还没有提交"


def due_on(year: int, organ: str) -> date:
    """31 January of the next year for a department, 31 March for the report of the city (条例 art. 49)."""
    return date(year + 1, 3, 31) if organ == WHOLE_CITY else date(year + 1, 1, 31)


def kept_report(session: Session, year: int, organ: str) -> YearlyReport | None:
    return session.scalar(select(YearlyReport).where(YearlyReport.year == year, YearlyReport.organ == organ))


def draft(session: Session, year: int, organ: str, today: date) -> ReportDraft:
    """The report as it was published, or else as it would be today.

    Raises:
        ReportRefused: there is no such organ.
        bot.disclosures.report.YearNotBegun
        bot.disclosures.report.ReasonsMissing
    """
    kept = kept_report(session, year, organ)
    if kept is not None and kept.content is not None:
        return ReportDraft(WholeReport.from_dict(kept.content), kept, [])
    typed = Typed.from_dict(kept.typed) if kept else NOTHING_TYPED
    report = whole_report(session, year, today, _department(session, organ), typed)
    last = kept_report(session, year - 1, organ)
    previous = WholeReport.from_dict(last.content) if last is not None and last.content is not None else None
    flaws = flaws_of(report, previous)
    if report.is_of_city:
        flaws += sums_of_organs(report, [one for one in published(session, year) if not one.is_of_city])
    return ReportDraft(report, kept, flaws)


def save(session: Session, year: int, organ: str, typed: Typed, *, who: str, today: date, now: datetime) -> None:
    """Saves the draft; one that was handed in stays handed in.

    Raises:
        ReportRefused: it is published, or there is no such organ or year.
    """
    if not FIRST_YEAR <= year <= today.year:
        raise ReportRefused(f"{year} 年的报告现在不能编")
    name = _name(session, organ)
    kept = kept_report(session, year, organ)
    if kept is None:
        added(session, YearlyReport(year=year, organ=organ, typed={}, saved_at=now, saved_by=who))
        kept = kept_report(session, year, organ)
    if kept is None:
        raise ReportRefused("这份报告刚刚有人在改，请再试一次")
    _require_unpublished(session, kept)
    kept.typed, kept.saved_at, kept.saved_by = typed.as_dict(), now, who
    session.flush()
    audit.record(session, who=who, action="save_yearly_report", subject=f"{year} {name}", why="", at=now)


def submit(session: Session, year: int, organ: str, *, who: str, today: date, now: datetime) -> None:
    """Hands the report in to the office in charge (条例 art. 49, para. 1).

    Raises:
        ReportRefused: something is missing or does not add up.
    """
    report, kept = _whole_draft(session, year, organ, today)
    kept.submitted_on = today
    session.flush()
    audit.record(session, who=who, action="submit_yearly_report", subject=f"{year} {report.organ_name}", why="", at=now)


def publish(session: Session, year: int, organ: str, *, who: str, today: date, now: datetime) -> None:
    """Publishes the report as it is now; from now on it is shown as it was published.

    Raises:
        ReportRefused: something is missing or does not add up.
    """
    report, kept = _whole_draft(session, year, organ, today)
    kept.submitted_on = kept.submitted_on or today
    kept.published_on, kept.content = today, report.as_dict()
    session.flush()
    audit.record(
        session, who=who, action="publish_yearly_report", subject=f"{year} {report.organ_name}", why="", at=now
    )


def take_back(session: Session, year: int, organ: str, *, why: str, who: str, now: datetime) -> None:
    """Takes a published report off the public page, so that it can be mended.

    Raises:
        ReportRefused: it is not published, or the reason is missing.
    """
    if not why.strip():
        raise ReportRefused("请写明为什么要撤回，记入审计日志")
    found = kept_report(session, year, organ)
    kept = locked(session, YearlyReport, found.id) if found else None
    if kept is None or kept.published_on is None:
        raise ReportRefused("这份报告没有公布")
    kept.published_on = kept.content = None
    session.flush()
    subject = f"{year} {_name(session, organ)}"
    audit.record(session, who=who, action="take_back_yearly_report", subject=subject, why=why.strip(), at=now)


def standings(session: Session, year: int, today: date, organ: str | None = None) -> list[ReportStanding]:
    """The city first, then the departments by code; with `organ`, only that one."""
    kept = {one.organ: one for one in session.scalars(select(YearlyReport).where(YearlyReport.year == year))}
    names = {
        WHOLE_CITY: f"{get_city(session).name}（全市）",
        **{one.code: one.name for one in all_departments(session)},
    }
    return [
        ReportStanding(
            code, name, due_on(year, code), kept.get(code), _days_late(kept.get(code), due_on(year, code), today)
        )
        for code, name in names.items()
        if organ is None or code == organ
    ]


def published(session: Session, year: int | None = None) -> list[WholeReport]:
    """The published reports, newest year first, the city's before those of departments."""
    query = select(YearlyReport).where(YearlyReport.published_on.is_not(None))
    if year is not None:
        query = query.where(YearlyReport.year == year)
    rows: Sequence[YearlyReport] = session.scalars(query.order_by(YearlyReport.year.desc(), YearlyReport.organ)).all()
    return [WholeReport.from_dict(row.content) for row in rows if row.content is not None]


def _days_late(kept: YearlyReport | None, due: date, today: date) -> int:
    ended = kept.published_on if kept is not None and kept.published_on is not None else today
    return max(0, (ended - due).days)


def _department(session: Session, organ: str) -> Department | None:
    if organ == WHOLE_CITY:
        return None
    department = get_department(session, organ)
    if department is None:
        raise ReportRefused("没有这个机关")
    return department


def _name(session: Session, organ: str) -> str:
    department = _department(session, organ)
    return department.name if department else get_city(session).name


def _require_unpublished(session: Session, kept: YearlyReport) -> None:
    fresh = locked(session, YearlyReport, kept.id)
    if fresh is None or fresh.published_on is not None:
        raise ReportRefused("这份报告已经公布，要改请先撤回")


def _whole_draft(session: Session, year: int, organ: str, today: date) -> tuple[WholeReport, YearlyReport]:
    """The draft and what is kept of it.

    Raises:
        ReportRefused: it is not saved or already published, something is missing or does not add up.
    """
    made = draft(session, year, organ, today)
    if made.kept is None:
        raise ReportRefused("还没有保存草稿")
    _require_unpublished(session, made.kept)
    if made.blocking:
        raise ReportRefused(f"还有 {len(made.blocking)} 处要改：{made.blocking[0]}")
    return made.report, made.kept
