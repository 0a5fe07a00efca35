"""The first page of the console."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.gaps.service import monday_of, week_told
from bot.helpline import desk
from bot.incidents.words import Outage, outages
from bot.oversight.complaints import count_open
from bot.oversight.orders import count_overdue
from bot.reviews import city_orders
from bot.staff.accounts import may, own_department
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.switches import service as switches
from bot.web.clients import PROXY_WATCH
from bot.web.console.access import for_all_staff
from bot.web.console.my_work import Load, load, my_work
from bot.web.console.pages import page, person_of, transact
from bot.web.console.proposed_changes import changes_work
from bot.web.console.publishing import Counts, counts, department_of
from bot.web.console.switches import title_of
from bot.web.console.yearly_reports import own_organ
from bot.web.keys import SETTINGS
from bot.workdays import CHINA, today_in_china

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
    outside: list[str] = []
    if may(person_of(request), Permission.ASSIGN_CASES):
        outside = await transact(request, city_orders.alarms, utcnow())
    warnings = request.app[PROXY_WATCH].alarms if may(person_of(request), Permission.MANAGE_STAFF) else []
    told: list[Outage] = []
    if may(person_of(request), Permission.SWITCH_BOT):
        told = await transact(request, outages, utcnow())
    now_off: list[str] = []
    if may(person_of(request), Permission.SWITCH_BOT):
        now_off = await transact(request, _now_off)
    publishing: Counts | None = None
    if may(person_of(request), Permission.PUBLISH_INFORMATION):
        publishing = await transact(request, counts, department_of(person_of(request)))
    gaps = ""
    if own_department(person_of(request)) is not None and may(person_of(request), Permission.MEND_ITEMS):
        gaps = await transact(request, _gaps_of_last_week, person_of(request))
    return page(
        request,
        "home.html",
        greeting=greeting,
        alarms=alarms,
        outside=outside,
        gaps=gaps,
        warnings=warnings,
        outages=told,
        now_off=now_off,
        work=[
            *await transact(request, my_work, person_of(request), utcnow()),
            *await transact(request, changes_work, request.app[SETTINGS], person_of(request)),
        ],
        load=await _load(request),
        publishing=publishing,
        oversight=await transact(request, _oversight, person_of(request)),
    )


async def _load(request: web.Request) -> Load | None:
    person = person_of(request)
    return await transact(request, load, person, utcnow()) if may(person, Permission.ASSIGN_CASES) else None


def _gaps_of_last_week(session: Session, person: Person) -> str:
    """What was asked of the department's matters last week and not answered well; empty if nothing is left to do."""
    last_week = monday_of(today_in_china(utcnow())) - timedelta(days=7)
    told = week_told(session, own_department(person), last_week)
    left = told.gaps - told.settled
    return f"上周本部门的事有 {told.questions} 次提问没答好，{left} 组还没处理。" if left else ""


def _now_off(session: Session) -> list[str]:
    """What is switched off, as the page of the switches names it."""
    return [title_of(session, one) for one in switches.active(session)]


def _oversight(session: Session, person: Person) -> list[tuple[str, str]]:
    """Overdue orders to correct and complaints that wait: a sentence and the page that shows them."""
    told = []
    if may(person, Permission.ANSWER_ORDERS):
        overdue = count_overdue(session, today_in_china(utcnow()), own_organ(person))
        if overdue:
            told.append((f"有 {overdue} 件整改逾期了。", "/console/oversight/orders"))
    if may(person, Permission.OVERSEE_DISCLOSURES):
        waiting = count_open(session)
        if waiting:
            told.append((f"有 {waiting} 件公开投诉举报没有答复。", "/console/oversight/complaints"))
    return told
