"""The first page of the console."""

from __future__ import annotations

from aiohttp import web

from bot.db import utcnow
from bot.helpline import desk
from bot.incidents.words import Outage, outages
from bot.staff.accounts import may
from bot.staff.roles import Permission
from bot.web.clients import PROXY_WATCH
from bot.web.console.access import for_all_staff
from bot.web.console.pages import page, person_of, transact
from bot.web.console.publishing import Counts, counts, department_of
from bot.web.keys import SETTINGS
from bot.workdays import CHINA

routes = web.RouteTableDef()


@routes.get("/console")
@routes.get("/console/")
@for_all_staff
async def home(request: web.Request) -> web.Response:
    hour = utcnow().astimezone(CHINA).hour
    greeting = "上午好" if 5 <= hour < 12 else "下午好" if 12 <= hour < 18 else "晚上好"
    alarms: list[str] = []
    if may(person_of(request), Permission.MANAGE_HELPLINE):
        alarms = await transact(request, desk.alarms, request.app[SETTINGS].helpline, utcnow())
    warnings = request.app[PROXY_WATCH].alarms if may(person_of(request), Permission.MANAGE_STAFF) else []
    told: list[Outage] = []
    if may(person_of(request), Permission.SWITCH_BOT):
        told = await transact(request, outages, utcnow())
    publishing: Counts | None = None
    if may(person_of(request), Permission.PUBLISH_INFORMATION):
        publishing = await transact(request, counts, department_of(person_of(request)))
    return page(
        request,
        "home.html",
        greeting=greeting,
        alarms=alarms,
        warnings=warnings,
        outages=told,
        publishing=publishing,
    )
