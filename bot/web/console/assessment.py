"""The assessment of the organs (条例 art. 46) and the bulletin (公开工作通报) of a quarter or year."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.service import get_city
from bot.db import utcnow
from bot.figures.bulletin import Bulletin
from bot.figures.export import as_csv
from bot.figures.period import PeriodRefused
from bot.oversight.assessment import AssessedPeriod, OrganAssessment, as_table, assessment
from bot.oversight.bulletin import as_word, bulletin
from bot.oversight.scoring import ScoreRule, load_rule
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.exports import note_export
from bot.web.console.fields import number_in
from bot.web.console.pages import attachment, error_page, page, transact
from bot.web.console.yearly_reports import DOCX
from bot.web.keys import SETTINGS
from bot.workdays import today_in_china

routes = web.RouteTableDef()

_YEARS_SHOWN = 5
_QUARTERS = {0: "全年", 1: "第一季度", 2: "第二季度", 3: "第三季度", 4: "第四季度"}


@routes.get("/console/oversight/assessment")
@needs(Permission.OVERSEE_DISCLOSURES)
async def assessment_page(request: web.Request) -> web.Response:
    rule, error, made = load_rule(request.app[SETTINGS].assessment_file), "", None
    try:
        made = await _made(request, rule)
    except PeriodRefused as refused:
        error = str(refused)
    this_year = today_in_china(utcnow()).year
    return page(
        request,
        "assessment.html",
        422 if error else 200,
        made=made,
        table=as_table(made) if made else None,
        query=_query(made) if made else "",
        rule=rule,
        years=range(this_year, this_year - _YEARS_SHOWN, -1),
        quarters=_QUARTERS,
        error=error,
    )


@routes.get("/console/oversight/assessment.csv")
@needs(Permission.OVERSEE_DISCLOSURES)
async def assessment_file(request: web.Request) -> web.Response:
    try:
        table = as_table(await _made(request, load_rule(request.app[SETTINGS].assessment_file)))
    except PeriodRefused as refused:
        return error_page(request, 422, str(refused))
    await note_export(request, f"{table.title}.csv")
    return attachment(as_csv(table).encode(), "text/csv", f"{table.title}.csv")


@routes.get("/console/oversight/bulletin")
@needs(Permission.OVERSEE_DISCLOSURES)
async def bulletin_page(request: web.Request) -> web.Response:
    try:
        made, written = await _bulletin(request, utcnow())
    except PeriodRefused as refused:
        return error_page(request, 422, str(refused))
    await note_export(request, written.title, "open_bulletin")
    return page(request, "oversight_bulletin.html", written=written, query=_query(made))


@routes.get("/console/oversight/bulletin.docx")
@needs(Permission.OVERSEE_DISCLOSURES)
async def bulletin_file(request: web.Request) -> web.Response:
    now = utcnow()
    try:
        _, written = await _bulletin(request, now)
    except PeriodRefused as refused:
        return error_page(request, 422, str(refused))
    await note_export(request, f"{written.title}.docx")
    return attachment(as_word(written, now), DOCX, f"{written.title}.docx")


async def _bulletin(request: web.Request, now: datetime) -> tuple[OrganAssessment, Bulletin]:
    made = await _made(request, load_rule(request.app[SETTINGS].assessment_file))
    city = await transact(request, get_city)
    return made, bulletin(made, city.name, now)


async def _made(request: web.Request, rule: ScoreRule) -> OrganAssessment:
    """The assessment of the period in the query; by default of this year. Raises PeriodRefused."""
    today = today_in_china(utcnow())
    year = number_in(request.query.get("year", "")) or today.year
    quarter = number_in(request.query.get("quarter", "")) or 0
    return await transact(request, _assess, AssessedPeriod(year, quarter), rule)


def _assess(session: Session, period: AssessedPeriod, rule: ScoreRule) -> OrganAssessment:
    return assessment(session, period, today_in_china(utcnow()), rule)


def _query(made: OrganAssessment) -> str:
    return urlencode({"year": made.period.year, "quarter": made.period.quarter})
