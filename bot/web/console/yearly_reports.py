"""The yearly report on disclosure (条例 arts. 49, 50): progress of each organ, writing, handing in, publishing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.disclosures.report import ReasonsMissing, YearNotBegun
from bot.oversight import yearly_desk
from bot.oversight.typed import FIGURE_TITLES, MOST_TEXT_CHARACTERS, TEXT_TITLES, Figure, Text, Typed, TypedRefused
from bot.oversight.yearly import WHOLE_CITY
from bot.oversight.yearly_desk import FIRST_YEAR, ReportDraft, ReportRefused, ReportStanding
from bot.oversight.yearly_parts import parts_of
from bot.oversight.yearly_word import as_word
from bot.staff.models import Person
from bot.staff.roles import Permission, Role
from bot.web.console.access import needs
from bot.web.console.exports import note_export
from bot.web.console.fields import number_in
from bot.web.console.pages import attachment, error_page, form_of, page, person_of, redirect, transact
from bot.workdays import today_in_china

routes = web.RouteTableDef()

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_YEARS_SHOWN = 6
_MOST_WHY_CHARACTERS = 200
# Nobody's organ: a department's person without a department sees nothing, not everything.
_NONE = "—"


@routes.get("/console/oversight")
@needs(Permission.WRITE_REPORTS)
async def oversight(request: web.Request) -> web.Response:
    return redirect(request, "/console/oversight/reports")


@routes.get("/console/oversight/reports")
@needs(Permission.WRITE_REPORTS)
async def reports(request: web.Request) -> web.Response:
    """How far each organ is with the report of `year`; by default last year, whose reports are due this year."""
    this_year = today_in_china(utcnow()).year
    year = number_in(request.query.get("year", "")) or this_year - 1
    if not FIRST_YEAR <= year <= this_year:
        year = this_year - 1
    found: list[ReportStanding] = await transact(
        request, yearly_desk.standings, year, today_in_china(utcnow()), own_organ(person_of(request))
    )
    years = sorted({year, *range(this_year - _YEARS_SHOWN + 1, this_year + 1)}, reverse=True)
    return page(request, "yearly_reports.html", standings=found, year=year, years=years)


@routes.get("/console/oversight/reports/{year}")
@needs(Permission.WRITE_REPORTS)
async def report(request: web.Request) -> web.Response:
    return await _report_page(request)


@routes.get("/console/oversight/reports/{year}/report.docx")
@needs(Permission.WRITE_REPORTS)
async def report_file(request: web.Request) -> web.Response:
    try:
        made = await _draft(request)
    except (YearNotBegun, ReasonsMissing, ReportRefused):
        return error_page(request, 422, "这一年的报告现在还出不了")
    name = f"{made.report.title}{'' if made.is_published else '（草稿）'}.docx"
    await note_export(request, name)
    return attachment(as_word(made.report), DOCX, name)


@routes.post("/console/oversight/reports/{year}/save")
@needs(Permission.WRITE_REPORTS)
async def save(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        await transact(request, _save, _year(request), _organ(request), person_of(request), form)
    except (TypedRefused, ReportRefused) as refused:
        return await _report_page(request, 422, error=str(refused), typed=form)
    return redirect(request, _path(request), "草稿已保存")


@routes.post("/console/oversight/reports/{year}/submit")
@needs(Permission.WRITE_REPORTS)
async def submit(request: web.Request) -> web.Response:
    return await _step(request, _submit, "已提交主管部门")


@routes.post("/console/oversight/reports/{year}/publish")
@needs(Permission.PUBLISH_REPORTS)
async def publish(request: web.Request) -> web.Response:
    return await _step(request, _publish, "已向社会公布")


@routes.post("/console/oversight/reports/{year}/take-back")
@needs(Permission.PUBLISH_REPORTS)
async def take_back(request: web.Request) -> web.Response:
    return await _step(request, _take_back, "已撤回，改好后再公布")


def own_organ(person: Person) -> str | None:
    """The only organ whose reports the person sees; None: all of them, and that of the city."""
    return person.department_code or (_NONE if person.role == Role.DEPARTMENT else None)


async def _step(
    request: web.Request, work: Callable[[Session, int, str, Person, Mapping[str, str]], None], said: str
) -> web.Response:
    form = await form_of(request)
    try:
        await transact(request, work, _year(request), _organ(request), person_of(request), form)
    except (ReasonsMissing, YearNotBegun):
        return await _report_page(request, 422)
    except ReportRefused as refused:
        return await _report_page(request, 422, error=str(refused))
    return redirect(request, _path(request), said)


async def _report_page(
    request: web.Request, status: int = 200, *, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    made, receipts = None, []
    try:
        made = await _draft(request)
    except ReportRefused as refused:
        return error_page(request, 404, str(refused))
    except YearNotBegun:
        return error_page(request, 404, f"{request.match_info['year']} 年还没有到")
    except ReasonsMissing as missing:
        status, receipts = 422, missing.receipts
    year, organ = _year(request), _organ(request)
    (standing,) = await transact(request, yearly_desk.standings, year, today_in_china(utcnow()), organ)
    kept = Typed.from_dict(standing.kept.typed if standing.kept else {})
    values = {**{name.value: kept.texts[name] for name in Text}, **{name.value: kept.figures[name] for name in Figure}}
    return page(
        request,
        "yearly_report.html",
        status,
        year=year,
        organ=organ,
        query=urlencode({"organ": organ}),
        standing=standing,
        made=made,
        parts=parts_of(made.report) if made else [],
        values={**values, **(typed or {})},
        text_titles={name.value: TEXT_TITLES[name] for name in Text if name != Text.EVALUATION or organ == WHOLE_CITY},
        figure_titles={name.value: title for name, title in FIGURE_TITLES.items()},
        most_text=MOST_TEXT_CHARACTERS,
        most_why=_MOST_WHY_CHARACTERS,
        receipts=receipts,
        error=error,
    )


async def _draft(request: web.Request) -> ReportDraft:
    return await transact(request, yearly_desk.draft, _year(request), _organ(request), today_in_china(utcnow()))


def _year(request: web.Request) -> int:
    """The year in the path. Raises web.HTTPNotFound."""
    year = number_in(request.match_info["year"]) or 0
    if not FIRST_YEAR <= year <= today_in_china(utcnow()).year:
        raise web.HTTPNotFound
    return year


def _organ(request: web.Request) -> str:
    own = own_organ(person_of(request))
    return request.query.get("organ", WHOLE_CITY) if own is None else own


def _path(request: web.Request) -> str:
    return f"/console/oversight/reports/{request.match_info['year']}?{urlencode({'organ': _organ(request)})}"


def _save(session: Session, year: int, organ: str, person: Person, form: Mapping[str, str]) -> None:
    now = utcnow()
    typed = Typed.from_form(form)
    yearly_desk.save(session, year, organ, typed, who=person.login, today=today_in_china(now), now=now)


def _submit(session: Session, year: int, organ: str, person: Person, _form: Mapping[str, str]) -> None:
    now = utcnow()
    yearly_desk.submit(session, year, organ, who=person.login, today=today_in_china(now), now=now)


def _publish(session: Session, year: int, organ: str, person: Person, _form: Mapping[str, str]) -> None:
    now = utcnow()
    yearly_desk.publish(session, year, organ, who=person.login, today=today_in_china(now), now=now)


def _take_back(session: Session, year: int, organ: str, person: Person, form: Mapping[str, str]) -> None:
    why = form.get("why", "")[:_MOST_WHY_CHARACTERS]
    yearly_desk.take_back(session, year, organ, why=why, who=person.login, now=utcnow())
