"""The routes for matters that belong elsewhere (去处): the list, and a form that proposes a change of one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import get_args

from aiohttp import web
from sqlalchemy.orm import Session

from bot.proposed_changes import routes as route_changes
from bot.proposed_changes import service
from bot.proposed_changes.difference import ChangeRefused
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.service import Target
from bot.proposed_changes.terms import Changeable
from bot.referrals.importer import RouteRow, cells_of, route_rows
from bot.staff.roles import Permission
from bot.tabular import ImportRejected, Lines
from bot.web.console.access import needs
from bot.web.console.pages import error_page, form_of, page, transact
from bot.web.console.proposing import Proposer, to_proposed

routes = web.RouteTableDef()

PATH = "/console/referrals"
_CATEGORIES = get_args(RouteRow.model_fields["category"].annotation)
# Name of the field → heading; the code never changes.
_FIELDS = {name: str(field.alias) for name, field in RouteRow.model_fields.items() if name != "code"}
_IN_LINES = frozenset(name for name in _FIELDS if RouteRow.model_fields[name].annotation == get_args(Lines)[0])


class _NoSuchRoute(LookupError):
    """No route has this code."""


@routes.get(PATH)
@needs(Permission.EDIT_CATALOGUE)
async def listed(request: web.Request) -> web.Response:
    return page(request, "referrals.html", found=await transact(request, route_rows))


@routes.get(f"{PATH}/{{code}}")
@needs(Permission.EDIT_CATALOGUE)
async def route_page(request: web.Request) -> web.Response:
    return await _route_page(request)


@routes.post(f"{PATH}/{{code}}")
@needs(Permission.EDIT_CATALOGUE)
async def propose(request: web.Request) -> web.Response:
    form, code = await form_of(request), request.match_info["code"]
    try:
        change = await transact(request, _propose, code, form, Proposer.of(request, form))
    except _NoSuchRoute:
        return _no_route(request)
    except ImportRejected as rejected:
        return await _route_page(request, form, [f"{one.column}：{one.message}" for one in rejected.errors])
    except ChangeRefused as refused:
        return await _route_page(request, form, [str(refused)])
    return to_proposed(request, change)


async def _route_page(
    request: web.Request, typed: Mapping[str, str] | None = None, errors: Sequence[str] = ()
) -> web.Response:
    try:
        row = await transact(request, _row, request.match_info["code"])
    except _NoSuchRoute:
        return _no_route(request)
    cells = cells_of(row)
    values = {name: (typed or {}).get(name, cells[heading]) for name, heading in _FIELDS.items()}
    return page(
        request,
        "referral.html",
        422 if errors else 200,
        row=row,
        seen=_digest(row),
        titles=_FIELDS,
        values=values,
        in_lines=_IN_LINES,
        categories=_CATEGORIES,
        most_why=service.MOST_WHY,
        typed=typed or {},
        errors=errors,
    )


def _no_route(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这个编码的去处")


def _row(session: Session, code: str) -> RouteRow:
    row = next((row for row in route_rows(session) if row.code == code), None)
    if row is None:
        raise _NoSuchRoute(code)
    return row


def _propose(session: Session, code: str, form: Mapping[str, str], proposer: Proposer) -> ProposedChange:
    row = _row(session, code)
    if form.get("seen") != _digest(row):
        raise ChangeRefused("有人刚改过这个去处，请刷新，看过现在的内容再改")
    given = {heading: _text(form[name]) for name, heading in _FIELDS.items() if name in form}
    cells = cells_of(row) | given
    wanted = route_changes.edited(session, code, cells)
    return proposer.propose(session, Target(Changeable.ROUTES, route_changes.SUBJECT, f"去处 {row.name}"), wanted)


def _digest(row: RouteRow) -> str:
    """To see whether the route has changed since a form showed it."""
    return hashlib.sha256(row.model_dump_json().encode()).hexdigest()[:16]


def _text(given: str) -> str:
    """Browsers send lines that end with CR and LF."""
    return "\n".join(given.strip().splitlines())
