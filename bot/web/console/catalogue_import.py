"""Importing an implementation list (实施清单) of one sheet: upload, map of its columns, what would happen, confirm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import implementation_list
from bot.catalogue.importer import ListPreview, preview_list
from bot.catalogue.service import NoCity, get_city
from bot.column_maps import ColumnMap, Sheet
from bot.db import utcnow
from bot.proposed_changes import item_lists
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.service import Target
from bot.proposed_changes.terms import Changeable
from bot.staff.roles import Permission
from bot.tabular import ImportRejected, RowError, told
from bot.web.console.access import needs
from bot.web.console.column_map_form import Carried, SheetKind, Shown, first_page, next_page
from bot.web.console.pages import form_of, page, transact
from bot.web.console.proposing import Proposer, to_proposed
from bot.web.errors import fields_of
from bot.workdays import today_in_china

routes = web.RouteTableDef()

# Of the items that would be new, changed or removed.
_MOST_NAMED = 50
_REMOVED = "移除的：这些部门的，清单里没有"


@routes.get("/console/catalogue/import")
@needs(Permission.EDIT_CATALOGUE)
async def upload_page(request: web.Request) -> web.Response:
    return page(request, "catalogue_import.html", errors=[])


@routes.post("/console/catalogue/import")
@needs(Permission.EDIT_CATALOGUE)
async def upload(request: web.Request) -> web.Response:
    """Shows which column of the file is taken for what."""
    given = (await fields_of(request)).get("file")
    carried = Carried(given.filename, given.file.read()) if isinstance(given, web.FileField) else Carried("", b"")
    try:
        return await first_page(request, KIND, carried, ask_city=await transact(request, _is_without_city))
    except ImportRejected as rejected:
        return page(request, "catalogue_import.html", 422, errors=told(rejected.errors))


@routes.post("/console/catalogue/import/sheet")
@needs(Permission.EDIT_CATALOGUE)
async def import_sheet(request: web.Request) -> web.Response:
    """Shows what would come in by the map of the columns, then proposes it."""

    async def preview(path: Path, column_map: ColumnMap) -> Shown:
        return _shown(await transact(request, preview_list, path, column_map, today_in_china(utcnow())))

    async def store(path: Path, column_map: ColumnMap) -> web.Response:
        form = await form_of(request)
        proposer = Proposer.of(request, form)
        return to_proposed(request, await transact(request, _propose, path, column_map, form.get("name", ""), proposer))

    try:
        ask_city = await transact(request, _is_without_city)
        return await next_page(request, KIND, preview, store, ask_city=ask_city)
    except ImportRejected as rejected:
        return page(request, "catalogue_import.html", 422, errors=told(rejected.errors))


def _read(path: Path) -> Sheet:
    sheet = implementation_list.read_sheet(path)
    if implementation_list.OURS in sheet.headings:
        raise ImportRejected(
            [RowError(path.name, 1, "—", "这是整套目录的表，不是实施清单；请管理员用命令 import-catalogue 导入")]
        )
    return sheet


KIND = SheetKind(
    kind="catalogue",
    title="导入实施清单",
    back="/console/catalogue/import",
    needed=implementation_list.NEEDED,
    read=_read,
    proposed=implementation_list.proposed,
    missing_in=implementation_list.missing_in,
    keeps=True,
    is_proposed=True,
)


def _is_without_city(session: Session) -> bool:
    """Whether the name and hotline of the city are still wanted: there is none, or the invented one."""
    try:
        return get_city(session).is_sample
    except NoCity:
        return True


def _propose(session: Session, path: Path, column_map: ColumnMap, name: str, proposer: Proposer) -> ProposedChange:
    target = Target(Changeable.ITEM_LIST, item_lists.SUBJECT, f"实施清单 {name}")
    return proposer.propose(session, target, item_lists.wanted_by(path, column_map))


def _shown(found: ListPreview) -> Shown:
    return Shown(
        facts={
            "新增": f"{len(found.new)} 项",
            "有改动": f"{len(found.changed)} 项",
            "和原来一样": f"{found.same} 项",
            "移除": f"{len(found.removed)} 项",
        },
        named={
            "新增的": _named(found.new),
            "有改动的": _named(found.changed),
            _REMOVED: _named(found.removed),
        },
        open=[_REMOVED],
        notes=found.without,
    )


def _named(names: Sequence[str]) -> list[str]:
    rest = len(names) - _MOST_NAMED
    return [*names[:_MOST_NAMED], *([f"还有 {rest} 项"] if rest > 0 else [])]
