"""Legal bases (法律依据): which of our records rest on a law that has changed, and what somebody found about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.laws import watch
from bot.laws.models import LawCitation
from bot.laws.service import Versions, compared
from bot.laws.service import laws as known_laws
from bot.laws.standing import Kind
from bot.laws.words import KIND_TITLES, SUBJECT_TITLES, details_of, said_of
from bot.staff.models import Person
from bot.staff.roles import Permission, Role
from bot.web.console.access import needs
from bot.web.console.fields import number_in
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact

routes = web.RouteTableDef()

_SHOWN = {"": "要核的", "settled": "核过的", "all": "全部引用"}
_URGENT = frozenset({Kind.REPEALED, Kind.ENDS})


class _NoSuchCitation(LookupError):
    """No citation has this number, or it is another department's."""


@dataclass(frozen=True)
class _List:
    """`groups`: owner and citations. `open`: the number of open tasks, whatever is shown. `has_laws`: a list of laws is
    loaded."""

    has_laws: bool
    groups: list[tuple[str, list[LawCitation]]]
    open: int


@routes.get("/console/laws")
@needs(Permission.WATCH_LAWS)
async def laws(request: web.Request) -> web.Response:
    show = request.query.get("show", "")
    show = show if show in _SHOWN else ""
    found = await transact(request, _list, show, _department(person_of(request)))
    return page(
        request,
        "laws.html",
        found=found,
        show=show,
        shown=_SHOWN,
        kinds=KIND_TITLES,
        subjects=SUBJECT_TITLES,
        urgent=_URGENT,
        details_of=details_of,
        link_of=_link,
    )


@routes.post("/console/laws/refresh")
@needs(Permission.WATCH_LAWS)
async def refresh(request: web.Request) -> web.Response:
    found = await transact(request, watch.refresh, utcnow())
    return redirect(request, "/console/laws", f"核对了 {found.citations} 处引用，新提出 {found.raised} 件")


@routes.get("/console/laws/{citation_id}")
@needs(Permission.WATCH_LAWS)
async def citation(request: web.Request) -> web.Response:
    return await _citation_page(request)


@routes.post("/console/laws/{citation_id}/settle")
@needs(Permission.WATCH_LAWS)
async def settle(request: web.Request) -> web.Response:
    form, person = await form_of(request), person_of(request)
    number, note = number_in(request.match_info["citation_id"]), form.get("note", "")
    try:
        if number is None:
            raise watch.TaskRefused("没有这一项")
        row = await transact(
            request,
            watch.settle,
            number,
            who=person.login,
            note=note,
            now=utcnow(),
            department_code=_department(person),
        )
    except watch.TaskRefused as refused:
        return await _citation_page(request, 422, str(refused), note)
    return redirect(request, "/console/laws", f"{row.title}引用的《{row.law}》已核过")


async def _citation_page(request: web.Request, status: int = 200, error: str = "", typed: str = "") -> web.Response:
    try:
        row, versions = await transact(
            request, _read, request.match_info["citation_id"], _department(person_of(request))
        )
    except _NoSuchCitation:
        return error_page(request, 404, "没有这一项，或者已经不用核了")
    return page(
        request,
        "law.html",
        status,
        row=row,
        versions=versions,
        is_open=watch.is_open(row),
        kinds=KIND_TITLES,
        subjects=SUBJECT_TITLES,
        urgent=_URGENT,
        said=said_of(row),
        link=_link(row),
        most_note=watch.MOST_NOTE_CHARACTERS,
        typed=typed,
        error=error,
    )


def _department(person: Person) -> str | None:
    """Departments see what is theirs. One that has no department sees nothing, not everything."""
    return (person.department_code or "—") if person.role == Role.DEPARTMENT else None


def _list(session: Session, show: str, department_code: str | None) -> _List:
    open_ones, has_laws = watch.tasks(session, department_code), bool(known_laws(session).versions)
    if show == "settled":
        rows: Sequence[LawCitation] = watch.settled(session, department_code)
        return _List(has_laws, [("", list(rows))] if rows else [], len(open_ones))
    if show == "all":
        rows = watch.cited_laws(session, department_code)
        by_law = groupby(rows, key=lambda row: row.short_title)
        return _List(has_laws, [(f"《{name}》", list(group)) for name, group in by_law], len(open_ones))
    by_owner = groupby(open_ones, key=lambda row: row.owner)
    return _List(has_laws, [(owner, list(group)) for owner, group in by_owner], len(open_ones))


def _read(session: Session, citation_id: str, department_code: str | None) -> tuple[LawCitation, Versions | None]:
    number = number_in(citation_id)
    row = session.get(LawCitation, number) if number is not None else None
    if row is None or (department_code and row.department_code != department_code):
        raise _NoSuchCitation(citation_id)
    versions = compared(session, row.law, row.articles, row.since) if row.since else None
    return row, versions


def _link(row: LawCitation) -> str:
    """Where the record is edited in the console; empty if it comes from files or from the program."""
    if row.subject == watch.WatchedKind.ITEM:
        return f"/console/catalogue/{row.code}"
    if row.subject == watch.WatchedKind.ROUTE:
        return f"/console/referrals/{row.code}"
    return f"/console/documents/{row.code}" if row.subject == watch.WatchedKind.DOCUMENT else ""
