"""`/departments`, `/departments/CODE`, `/offices`: who does it and where people go."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.catalogue.departments import all_departments, get_department
from bot.catalogue.directory import CHANNELS, ListedItem, ListedOffice, item_directory, listed_offices
from bot.catalogue.districts import districts
from bot.catalogue.models import Department, JointService
from bot.paging import ListPart
from bot.publishing.models import Organ
from bot.publishing.service import all_organs
from bot.replies.approvals import promised
from bot.revisions.service import answer_from_kept
from bot.search.filters import Choice, Listing
from bot.web.console.fields import page_number
from bot.web.public_pages import list_context, may_search, searched, site_page, transact

routes = web.RouteTableDef()

# A department's page shows so many of its items; the rest is in the directory.
_FIRST_ITEMS = 20
_PAGE_OFFICES = 20
_OFFICE_FILTERS = {"district": "区县"}


@dataclass(frozen=True)
class _DepartmentView:
    department: Department
    organ: Organ | None
    items: list[ListedItem]
    joints: list[JointService]


@routes.get("/departments")
async def departments(request: web.Request) -> web.Response:
    return await site_page(request, "departments.html", rows=await transact(request, _departments))


@routes.get("/departments/{code}")
async def department(request: web.Request) -> web.Response:
    view = await transact(request, _department, request.match_info["code"])
    if view is None:
        raise web.HTTPNotFound
    return await site_page(
        request, "department.html", view=view, first=_FIRST_ITEMS, promised=promised, channels=CHANNELS
    )


@routes.get("/offices")
async def offices(request: web.Request) -> web.Response:
    asked = {name: searched(request, name) for name in ("q", *_OFFICE_FILTERS)}
    if request.query and not await may_search(request):
        return await site_page(request, "too_fast.html", 429)
    part, facets = await transact(request, _offices, asked, page_number(request))
    context = list_context(asked, _OFFICE_FILTERS, facets)
    return await site_page(request, "offices.html", part=part, facets=facets, **context)


def _departments(session: Session) -> list[tuple[Department, int]]:
    """Each with the number of its items."""
    answer_from_kept(session)
    counted = item_directory(session).items.counts({}, "department")
    return [(one, counted.get(one.code, 0)) for one in all_departments(session)]


def _department(session: Session, code: str) -> _DepartmentView | None:
    answer_from_kept(session)
    found = get_department(session, code)
    if found is None:
        return None
    items = item_directory(session).items.fitting({"department": code})
    joints = [joint for joint in catalogue.all_joint_services(session) if joint.department_code == code]
    return _DepartmentView(found, next(iter(all_organs(session, code)), None), items, joints)


def _offices(
    session: Session, asked: dict[str, str], page: int
) -> tuple[ListPart[ListedOffice], dict[str, list[Choice]]]:
    answer_from_kept(session)
    found = Listing(listed_offices(session, asked["q"]))
    wanted = {"district": asked["district"]}
    names = {one.name: one.name for one in districts(session).districts}
    facets = {"district": found.choices(wanted, "district", names)} if names else {}
    return ListPart.of(found.fitting(wanted), page, _PAGE_OFFICES), facets
