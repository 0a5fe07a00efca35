"""Proposing a whole new list by a file: the routes, the holidays of a year, the list of laws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from aiohttp import web
from sqlalchemy.orm import Session

from bot.proposed_changes.difference import ChangeRefused
from bot.proposed_changes.kinds import LISTED
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.service import MOST_WHY, Target
from bot.proposed_changes.terms import KIND_TITLES, Changeable
from bot.staff.roles import Permission
from bot.tabular import ImportRejected, told
from bot.web.console.access import needs
from bot.web.console.column_map_form import MOST_FILE_BYTES, Carried
from bot.web.console.pages import form_of, page, transact
from bot.web.console.proposing import PATH, Proposer, to_proposed
from bot.web.errors import fields_of

routes = web.RouteTableDef()

UPLOAD_PATH = f"{PATH}/upload"
_HINTS = {
    Changeable.ROUTES: "整张去处表（routes）：文件里没有的去处会删掉",
    Changeable.HOLIDAYS: "一年或几年的安排，两列：日期、安排（放假、上班）；别的年份不动",
    Changeable.LAWS: "整张法律清单：清单里没有的会移除，有正文的状态变成未知",
}


@routes.get(UPLOAD_PATH)
@needs(Permission.EDIT_CATALOGUE)
async def upload_page(request: web.Request) -> web.Response:
    return _page(request, {"kind": request.query.get("kind", "")})


@routes.post(UPLOAD_PATH)
@needs(Permission.EDIT_CATALOGUE)
async def upload(request: web.Request) -> web.Response:
    """Proposes the list in the file; its own page compares it with what is in force."""
    given, form = (await fields_of(request)).get("file"), await form_of(request)
    kind = form.get("kind", "")
    if kind not in _HINTS:
        return _page(request, form, 422, ["请选改什么"])
    try:
        carried = Carried(given.filename, given.file.read()) if isinstance(given, web.FileField) else Carried("", b"")
        proposer = Proposer.of(request, form)
        change = await transact(request, _propose, Changeable(kind), carried.checked(), proposer)
    except ImportRejected as rejected:
        return _page(request, form, 422, told(rejected.errors))
    except ChangeRefused as refused:
        return _page(request, form, 422, [str(refused)])
    return to_proposed(request, change)


def _page(
    request: web.Request, typed: Mapping[str, str], status: int = 200, errors: Sequence[str] = ()
) -> web.Response:
    return page(
        request,
        "change_upload.html",
        status,
        typed=typed,
        errors=errors,
        kinds={kind: KIND_TITLES[kind] for kind in _HINTS},
        hints=_HINTS,
        most_mb=MOST_FILE_BYTES >> 20,
        most_why=MOST_WHY,
    )


def _propose(session: Session, kind: Changeable, carried: Carried, proposer: Proposer) -> ProposedChange:
    listed = LISTED[kind]
    # Whatever the city calls the file: the importers name a table by it.
    named = replace(carried, name=f"{listed.subject}{PurePath(carried.name).suffix}")
    with named.laid_out() as path:
        wanted = listed.wanted_by(session, proposer.settings, path)
    return proposer.propose(session, Target(kind, listed.subject, KIND_TITLES[kind]), wanted)
