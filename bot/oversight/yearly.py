"""The whole yearly report of an organ (条例 arts. 49, 50; form: 国办公开办函〔2021〕30号), as one record.

The page, the DOCX file, the public page and the check of the sums all read this record. Parts three and four and the
fees are counted from the register; part two and the texts are what a clerk has typed (`bot.oversight.typed`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.catalogue.service import get_city
from bot.disclosures.models import Request
from bot.disclosures.reasons import ReportRow
from bot.disclosures.report import annual_report
from bot.disclosures.terms import Kind
from bot.oversight.contests import ContestKind, counted_contests, figures_of
from bot.oversight.typed import Typed

# The organ of the report of the whole city (本级政府), which the office in charge publishes (条例 art. 49, para. 2).
WHOLE_CITY = ""


@dataclass(frozen=True)
class Fees:
    """信息处理费 in the year: notices sent, their sum in yuan, and what was paid of it."""

    notices: int
    notified: int
    paid: int


@dataclass(frozen=True)
class WholeReport:
    """`requests`: a row of part three → the figure for each kind of applicant, then the sum. `contests`: a kind → 维持,
    纠正, 其他, 尚未审结, 总计. `until`: the last day counted."""

    year: int
    organ: str
    organ_name: str
    made_on: date
    until: date
    typed: Typed
    requests: Mapping[ReportRow, tuple[int, ...]]
    contests: Mapping[ContestKind, tuple[int, ...]]
    fees: Fees

    @property
    def title(self) -> str:
        return f"{self.organ_name}{self.year}年政府信息公开工作年度报告"

    @property
    def is_of_city(self) -> bool:
        return self.organ == WHOLE_CITY

    @property
    def is_running(self) -> bool:
        """Whether the year is not over yet."""
        return self.until < date(self.year, 12, 31)

    @property
    def fee_sentence(self) -> str:
        if not self.fees.notices:
            return "本年度没有发出收取信息处理费的通知，没有收取信息处理费。"
        return (
            f"本年度发出收取信息处理费的通知 {self.fees.notices} 件，共 {self.fees.notified} 元；"
            f"实际收取信息处理费 {self.fees.paid} 元。"
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            "year": self.year,
            "organ": self.organ,
            "organ_name": self.organ_name,
            "made_on": self.made_on.isoformat(),
            "until": self.until.isoformat(),
            "typed": self.typed.as_dict(),
            "requests": {row.value: list(figures) for row, figures in self.requests.items()},
            "contests": {kind.value: list(figures) for kind, figures in self.contests.items()},
            "fees": [self.fees.notices, self.fees.notified, self.fees.paid],
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> WholeReport:
        return cls(
            year=content["year"],
            organ=content["organ"],
            organ_name=content["organ_name"],
            made_on=date.fromisoformat(content["made_on"]),
            until=date.fromisoformat(content["until"]),
            typed=Typed.from_dict(content["typed"]),
            requests={row: tuple(content["requests"][row.value]) for row in ReportRow},
            contests={kind: tuple(content["contests"][kind.value]) for kind in ContestKind},
            fees=Fees(*content["fees"]),
        )


def whole_report(session: Session, year: int, today: date, department: Department | None, typed: Typed) -> WholeReport:
    """The report of `year`, up to `today` if the year is not over; of one department, or of the whole city.

    Raises:
        bot.disclosures.report.YearNotBegun
        bot.disclosures.report.ReasonsMissing
    """
    counted = annual_report(session, year, today, department)
    code = department.code if department else None
    return WholeReport(
        year=year,
        organ=code or WHOLE_CITY,
        organ_name=department.name if department else get_city(session).name,
        made_on=today,
        until=counted.until,
        typed=typed,
        requests={row: counted.figures(row) for row in ReportRow},
        contests=figures_of(counted_contests(session, date(year, 1, 1), counted.until, code)),
        fees=_fees(session, year, counted.until, code),
    )


def _fees(session: Session, year: int, until: date, code: str | None) -> Fees:
    query = select(Request).where(Request.received_on <= until)
    if code:
        query = query.where(Request.department_code == code)
    notices = notified = paid = 0
    first_on = date(year, 1, 1)
    for request in session.scalars(query):
        asked = 0
        for step in request.steps:
            is_counted = first_on <= step.on <= until
            if step.kind == Kind.FEE_NOTIFIED:
                asked = step.amount or 0
                notices += is_counted
                notified += asked if is_counted else 0
            elif step.kind == Kind.FEE_PAID and is_counted:
                paid += asked
    return Fees(notices, notified, paid)
