"""The figures of a period: tables, charts, CSV; and the monthly bulletin, to print or as DOCX."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.service import get_city
from bot.db import utcnow
from bot.figures.behind import BEHIND_TITLES, Behind, Wanted, cases_behind
from bot.figures.bulletin import Bulletin, bulletin
from bot.figures.charts import CHARTS, Chart
from bot.figures.export import as_csv, as_xlsx
from bot.figures.period import Period, PeriodRefused, quarter_of
from bot.figures.service import Figures, figures
from bot.figures.tables import TABLES, Table, compared_summary, tables
from bot.figures.word import as_word
from bot.reviews.reasons import STARS_TITLES
from bot.reviews.states import STATE_TITLES
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.exports import note_export
from bot.web.console.fields import number_in, page_number
from bot.web.console.figure_links import Links, links
from bot.web.console.pages import attachment, count, error_page, page, redirect
from bot.workdays import today_in_china

routes = web.RouteTableDef()

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Tables that are long: the words by which they are unfolded.
_FOLDED = {"volume": "每天、各渠道的数", "appraisal_marks": "每个部门、每项指标：件数、规则和得分"}
# A chart needs inline styles, which the policy of the pages forbids. It may do nothing else.
_CHART_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@routes.get("/console/figures")
@needs(Permission.SEE_FIGURES)
async def figures_page(request: web.Request) -> web.Response:
    error = ""
    try:
        period = _period(request)
    except PeriodRefused as refused:
        period, error = _this_month(), str(refused)
    is_compared = bool(request.query.get("compare"))
    shown = await count(request, _shown, period, is_compared)
    return page(
        request,
        "figures.html",
        422 if error else 200,
        period=period,
        tables=shown.tables,
        links=shown.links,
        charts=shown.charts,
        is_compared=is_compared,
        query=_query(period),
        months=_months(),
        quarters=_quarters(),
        folded=_FOLDED,
        error=error,
    )


@needs(Permission.SEE_FIGURES)
async def chart(request: web.Request) -> web.Response:
    """Serves the chart as a separate image, so that the page that shows it needs no inline styles."""
    try:
        period = _period(request)
    except PeriodRefused as refused:
        return error_page(request, 422, str(refused))
    drawn = await count(request, _chart, _name(request), period)
    response = web.Response(body=drawn.svg, content_type="image/svg+xml", headers=_CHART_HEADERS)
    # Prepare the response here, so that `console_frame` does not replace these headers.
    await response.prepare(request)
    return response


@needs(Permission.SEE_FIGURES)
async def table(request: web.Request) -> web.Response:
    """The table as CSV or XLSX, as the end of the address says."""
    try:
        period = _period(request)
    except PeriodRefused as refused:
        return error_page(request, 422, str(refused))
    made = await count(request, _table, _name(request), period)
    suffix = PurePosixPath(request.path).suffix
    name = f"{made.title} {period.first_on}—{period.last_on}{suffix}"
    await note_export(request, name)
    if suffix == ".xlsx":
        return attachment(await asyncio.to_thread(as_xlsx, made), _XLSX, name)
    return attachment(as_csv(made).encode(), "text/csv", name)


for _chart_name in CHARTS:
    routes.get(f"/console/figures/{_chart_name}.svg")(chart)
for _table_name in TABLES:
    routes.get(f"/console/figures/{_table_name}.csv")(table)
    routes.get(f"/console/figures/{_table_name}.xlsx")(table)


@routes.get("/console/figures/cases")
@needs(Permission.SEE_FIGURES)
async def cases(request: web.Request) -> web.Response:
    """The cases behind a number. `which` is one of `Behind`; `department` and `stars` narrow it."""
    which, stars = request.query.get("which", ""), number_in(request.query.get("stars", ""))
    try:
        period = _period(request)
    except PeriodRefused as refused:
        return error_page(request, 422, str(refused))
    if not which:
        return redirect(request, "/console/figures", "请从统计里的数点进来。")
    if which not in list(Behind):
        return error_page(request, 404, "没有这样的清单，请从统计里的数点进来")
    wanted = Wanted(Behind(which), period, request.query.get("department", ""), stars)
    found = await count(request, cases_behind, wanted, utcnow(), page_number(request))
    asked = {
        name: request.query[name] for name in ("which", "department", "stars", "from", "to") if name in request.query
    }
    return page(
        request,
        "figures_cases.html",
        found=found,
        title=BEHIND_TITLES[which] + (f"：{STARS_TITLES[stars]}" if stars in STARS_TITLES else ""),
        period=period,
        query=urlencode(asked),
        days=_query(period),
        states=STATE_TITLES,
    )


@routes.get("/console/figures/bulletin")
@needs(Permission.SEE_FIGURES)
async def bulletin_page(request: web.Request) -> web.Response:
    try:
        period = _month(request)
    except PeriodRefused as refused:
        return error_page(request, 422, str(refused))
    written, counted = await count(request, _bulletin, period)
    about = await asyncio.to_thread(_charts, counted)
    await note_export(request, written.title, "open_bulletin")
    return page(request, "figures_bulletin.html", written=written, charts=about, query=_query(period), period=period)


@routes.get("/console/figures/bulletin.docx")
@needs(Permission.SEE_FIGURES)
async def bulletin_file(request: web.Request) -> web.Response:
    try:
        period = _month(request)
    except PeriodRefused as refused:
        return error_page(request, 422, str(refused))
    written, counted = await count(request, _bulletin, period)
    await note_export(request, f"{written.title}.docx")
    return attachment(as_word(written, counted), _DOCX, f"{written.title}.docx")


@dataclass(frozen=True)
class _Shown:
    """`links`: name of a table → the lists behind its numbers. `charts`: name → a description, for the blind."""

    tables: list[Table]
    links: dict[str, Links]
    charts: dict[str, str]


def _shown(session: Session, period: Period, is_compared: bool) -> _Shown:
    counted = Figures(session, period, utcnow())
    found = tables(counted)
    if is_compared:
        found[0] = compared_summary(counted)
    return _Shown(found, {one.name: links(one, counted) for one in found}, _charts(counted))


def _charts(counted: Figures) -> dict[str, str]:
    return {name: draw(counted).about for name, draw in CHARTS.items()}


def _chart(session: Session, name: str, period: Period) -> Chart:
    return CHARTS[name](Figures(session, period, utcnow()))


def _table(session: Session, name: str, period: Period) -> Table:
    return TABLES[name](Figures(session, period, utcnow(), most_overdue=None))


def _bulletin(session: Session, period: Period) -> tuple[Bulletin, Figures]:
    counted = figures(session, period, utcnow())
    return bulletin(counted, get_city(session).name), counted


def _period(request: web.Request) -> Period:
    """The period in the query; by default this month up to today. Raises PeriodRefused."""
    first, last = request.query.get("from", ""), request.query.get("to", "")
    return Period.between(first, last) if first or last else _this_month()


def _month(request: web.Request) -> Period:
    """The month in the query; by default the last complete month. Raises PeriodRefused."""
    month = request.query.get("month", "")
    return Period.of_month(month or f"{_before_this_month():%Y-%m}")


def _this_month() -> Period:
    today = today_in_china(utcnow())
    return Period(today.replace(day=1), today)


def _before_this_month() -> date:
    return _this_month().first_on - timedelta(days=1)


def _months() -> list[Period]:
    """The last six complete months, newest first."""
    found: list[Period] = []
    day = _before_this_month()
    while len(found) < 6:
        found.append(Period.of_month(f"{day:%Y-%m}"))
        day = found[-1].first_on - timedelta(days=1)
    return found


def _quarters() -> list[Period]:
    """The last four complete quarters, newest first."""
    today = today_in_china(utcnow())
    found = [Period.of_quarter(today.year, quarter_of(today)).before]
    while len(found) < 4:
        found.append(found[-1].before)
    return found


def _query(period: Period) -> str:
    return urlencode({"from": period.first_on.isoformat(), "to": period.last_on.isoformat()})


def _name(request: web.Request) -> str:
    return PurePosixPath(request.path).stem
