"""The yearly report on requests for disclosure (条例 art. 50), as a page and as files."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments, get_department
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.disclosures.report import AnnualReport, ReasonsMissing, YearNotBegun, annual_report
from bot.disclosures.report_tables import as_csv, as_xlsx, form, title
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.exports import note_export
from bot.web.console.pages import attachment, error_page, page, person_of, transact
from bot.workdays import today_in_china

routes = web.RouteTableDef()

_FIRST_YEAR = 2008
_FILES: dict[str, tuple[str, Callable[[AnnualReport], bytes]]] = {
    "csv": ("text/csv", lambda counted: as_csv(counted).encode()),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}


@routes.get("/console/disclosures/report")
@needs(Permission.MANAGE_DISCLOSURES)
async def report_page(request: web.Request) -> web.Response:
    """The report of `year` (default: this year) and of `department` (default: the whole city)."""
    counted, error, receipts = None, "", []
    year = _year(request)
    try:
        counted = await transact(request, _report, person_of(request), year, request.query.get("department", ""))
    except YearNotBegun:
        error = f"{year} 年还没有到"
    except ReasonsMissing as missing:
        receipts = missing.receipts
    this_year = today_in_china(utcnow()).year
    return page(
        request,
        "disclosure_report.html",
        200 if counted else 422,
        counted=counted,
        title=title(counted) if counted else "",
        form=form(),
        year=year,
        years=sorted({year, *range(this_year - 4, this_year + 1)}, reverse=True),
        department=request.query.get("department", ""),
        departments=await transact(request, all_departments),
        error=error,
        receipts=receipts,
    )


@routes.get("/console/disclosures/report.{format}")
@needs(Permission.MANAGE_DISCLOSURES)
async def report_file(request: web.Request) -> web.Response:
    suffix = request.match_info["format"]
    if suffix not in _FILES:
        return error_page(request, 404)
    content_type, rendered = _FILES[suffix]
    try:
        counted = await transact(
            request, _report, person_of(request), _year(request), request.query.get("department", "")
        )
    except (YearNotBegun, ReasonsMissing):
        return error_page(request, 422, "这一年的报告现在还出不了")
    name = f"{title(counted)}.{suffix}"
    await note_export(request, name)
    return attachment(rendered(counted), content_type, name)


def _report(session: Session, person: Person, year: int, department_code: str) -> AnnualReport:
    return annual_report(session, year, today_in_china(utcnow()), _department(session, person, department_code))


def _department(session: Session, person: Person, asked: str) -> Department | None:
    code = person.department_code or asked
    return get_department(session, code) if code else None


def _year(request: web.Request) -> int:
    asked = request.query.get("year", "")
    if asked.isascii() and asked.isdigit() and len(asked) == 4 and int(asked) >= _FIRST_YEAR:
        return int(asked)
    return today_in_china(utcnow()).year
