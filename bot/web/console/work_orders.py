"""The list of work orders: what departments have in hand, what is late, what waits for a supervisor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.paging import ListPart
from bot.reviews.models import WorkOrder
from bot.reviews.order_list import VIEW_TITLES, OrderFilter, OrderView, order_list
from bot.staff.accounts import own_department
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.fields import day_in, page_number
from bot.web.console.order_acts import OrderShown, shown_order
from bot.web.console.pages import page, person_of, transact
from bot.workdays import CHINA

routes = web.RouteTableDef()

_FIELDS = ("show", "department", "from", "to")
# The views that are one click away; the others are reached from the figures.
_VIEWS = list(OrderView)[: list(OrderView).index(OrderView.LEADING)]


@dataclass(frozen=True)
class _Found:
    page: ListPart[WorkOrder]
    shown: list[OrderShown]
    departments: list[Department]


@routes.get("/console/work-orders")
@needs(Permission.SEE_QUEUE)
async def work_order_list(request: web.Request) -> web.Response:
    asked = {name: request.query.get(name, "").strip() for name in _FIELDS}
    found = await transact(request, _find, person_of(request), asked, page_number(request))
    view = _view(asked)
    return page(
        request,
        "work_orders.html",
        found=found.page,
        shown=found.shown,
        departments=found.departments,
        asked=asked,
        view=view,
        views={one.value: VIEW_TITLES[one] for one in _VIEWS},
        title=VIEW_TITLES[view],
        rest=urlencode({name: asked[name] for name in _FIELDS[1:] if asked[name]}),
        query=urlencode({name: value for name, value in asked.items() if value}),
    )


def _find(session: Session, person: Person, asked: dict[str, str], number: int) -> _Found:
    now, own = utcnow(), own_department(person)
    wanted = OrderFilter(
        view=_view(asked),
        department=own if own is not None else asked["department"] or None,
        since=_midnight(asked["from"]),
        before=_midnight(asked["to"], timedelta(days=1)),
    )
    found = order_list(session, wanted, now, number)
    shown = [shown_order(order, person, set(), now) for order in found.rows]
    return _Found(found, shown, all_departments(session) if own is None else [])


def _view(asked: dict[str, str]) -> OrderView:
    return OrderView(asked["show"]) if asked["show"] in list(OrderView) else OrderView.OPEN


def _midnight(text: str, more: timedelta = timedelta(0)) -> datetime | None:
    day = day_in(text)
    return None if day is None else datetime.combine(day + more, time(), CHINA)
