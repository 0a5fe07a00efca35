"""`/departments`, `/departments/CODE`, `/offices`: who does it and where people go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.catalogue.departments import all_departments, get_department
from bot.catalogue.directory import CHANNELS, ListedItem, listed_items
from bot.catalogue.models import Department, JointService, Office
from bot.publishing.models import Organ
from bot.publishing.service import all_organs
from bot.replies.approvals import promised
from bot.web.public_pages import site_page, transact

routes = web.RouteTableDef()

# A department's page shows so many of its items; the rest is in the directory.
_FIRST_ITEMS = 20


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
    return await site_page(request, "offices.html", rows=await transact(request, _offices))


def _departments(session: Session) -> list[tuple[Department, int]]:
    """Each with the number of its items."""
    counted = Counter(code for item in listed_items(session) for code in item.values["department"])
    return [(one, counted[one.code]) for one in all_departments(session)]


def _department(session: Session, code: str) -> _DepartmentView | None:
    found = get_department(session, code)
    if found is None:
        return None
    items = [item for item in listed_items(session) if code in item.values["department"]]
    joints = [joint for joint in catalogue.all_joint_services(session) if joint.department_code == code]
    return _DepartmentView(found, next(iter(all_organs(session, code)), None), items, joints)


def _offices(session: Session) -> list[tuple[Office, int]]:
    """Each with the number of items that are done there."""
    counted = Counter(code for item in listed_items(session) for code in item.values["office"])
    return [(office, counted[office.code]) for office in catalogue.all_offices(session)]
