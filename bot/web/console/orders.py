"""Orders to correct (条例 arts. 47, 52, 53): the list with its clock, issuing, reporting, accepting, sending back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.db import utcnow
from bot.oversight import orders
from bot.oversight.complaints import NoSuchComplaint, get_complaint
from bot.oversight.events import ACT_TITLES, events_of
from bot.oversight.models import OversightEvent
from bot.oversight.orders import NoSuchOrder, OrderRefused, OrderStanding
from bot.staff.models import Person
from bot.staff.roles import Permission
from bot.web.console.access import needs
from bot.web.console.fields import number_in
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.web.console.yearly_reports import own_organ
from bot.workdays import today_in_china

routes = web.RouteTableDef()


@routes.get("/console/oversight/orders")
@needs(Permission.ANSWER_ORDERS)
async def order_list(request: web.Request) -> web.Response:
    with_closed = request.query.get("show") == "all"
    found = await transact(
        request,
        orders.orders,
        today_in_china(utcnow()),
        organ=own_organ(person_of(request)),
        with_closed=with_closed,
    )
    return page(request, "orders.html", found=found, with_closed=with_closed, states=orders.STATE_TITLES)


@routes.get("/console/oversight/orders/new")
@needs(Permission.OVERSEE_DISCLOSURES)
async def new_order(request: web.Request) -> web.Response:
    """With `complaint`: an order about what that complaint told. With `department`, `receipt`: those are filled in."""
    names = ("complaint", "department", "receipt")
    typed = {name: request.query.get(name, "")[:40] for name in names}
    if typed["complaint"]:
        try:
            found = await transact(request, get_complaint, typed["complaint"])
        except NoSuchComplaint:
            return error_page(request, 404, "没有这个编号的投诉举报")
        typed |= {"department": found.department_code, "receipt": found.receipt}
    return await _new_page(request, typed)


@routes.post("/console/oversight/orders")
@needs(Permission.OVERSEE_DISCLOSURES)
async def issue(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        number = await transact(request, _issue, person_of(request), form)
    except NoSuchComplaint:
        return error_page(request, 404, "没有这个编号的投诉举报")
    except OrderRefused as refused:
        return await _new_page(request, form, 422, str(refused))
    return redirect(request, f"/console/oversight/orders/{number}", "整改通知已发出")


@routes.get("/console/oversight/orders/{number}")
@needs(Permission.ANSWER_ORDERS)
async def order(request: web.Request) -> web.Response:
    return await _order_page(request)


@routes.post("/console/oversight/orders/{number}/report")
@needs(Permission.ANSWER_ORDERS)
async def report(request: web.Request) -> web.Response:
    return await _step(request, "report", _report, "已回报，等主管部门认可")


@routes.post("/console/oversight/orders/{number}/accept")
@needs(Permission.OVERSEE_DISCLOSURES)
async def accept(request: web.Request) -> web.Response:
    return await _step(request, "accept", _accept, "已认可，办结")


@routes.post("/console/oversight/orders/{number}/send-back")
@needs(Permission.OVERSEE_DISCLOSURES)
async def send_back(request: web.Request) -> web.Response:
    return await _step(request, "send-back", _send_back, "已退回重改")


@routes.post("/console/oversight/orders/{number}/withdraw")
@needs(Permission.OVERSEE_DISCLOSURES)
async def withdraw(request: web.Request) -> web.Response:
    return await _step(request, "withdraw", _withdraw, "已撤销")


async def _step(
    request: web.Request, act: str, work: Callable[[Session, str, Person, Mapping[str, str]], None], said: str
) -> web.Response:
    form, number = await form_of(request), request.match_info["number"]
    try:
        await transact(request, work, number, person_of(request), form)
    except NoSuchOrder:
        return _none(request)
    except OrderRefused as refused:
        return await _order_page(request, 422, error=str(refused), act=act, typed=form)
    return redirect(request, f"/console/oversight/orders/{number}", said)


async def _new_page(request: web.Request, typed: Mapping[str, str], status: int = 200, error: str = "") -> web.Response:
    return page(
        request,
        "order_new.html",
        status,
        departments=await transact(request, all_departments),
        bases={basis.value: title for basis, title in orders.BASIS_TITLES.items()},
        most_duty=orders.MOST_DUTY,
        most_words=orders.MOST_WORDS,
        most_days=orders.MOST_DAYS,
        typed=typed,
        error=error,
    )


async def _order_page(
    request: web.Request,
    status: int = 200,
    *,
    error: str = "",
    act: str = "",
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    try:
        one, events = await transact(request, _read, request.match_info["number"], own_organ(person_of(request)))
    except NoSuchOrder:
        return _none(request)
    return page(
        request,
        "order.html",
        status,
        one=one,
        order=one.order,
        events=events,
        states=orders.STATE_TITLES,
        bases=orders.BASIS_TITLES,
        acts=ACT_TITLES,
        most_words=orders.MOST_WORDS,
        most_days=orders.MOST_DAYS,
        error=error,
        act=act,
        typed=typed or {},
    )


def _none(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这个编号的整改通知，或者不是给您的部门的")


def _read(session: Session, number: str, organ: str | None) -> tuple[OrderStanding, list[OversightEvent]]:
    found = orders.get_order(session, number, organ)
    return orders.standing(found, today_in_china(utcnow())), events_of(session, number)


def _issue(session: Session, person: Person, form: Mapping[str, str]) -> str:
    now = utcnow()
    return orders.issue(
        session,
        department_code=form.get("department", ""),
        basis=form.get("basis", ""),
        duty=form.get("duty", ""),
        wrong=form.get("wrong", ""),
        working_days=number_in(form.get("working_days", "")),
        receipt=form.get("receipt", ""),
        complaint_number=form.get("complaint", ""),
        who=person.login,
        today=today_in_china(now),
        now=now,
    ).number


def _report(session: Session, number: str, person: Person, form: Mapping[str, str]) -> None:
    orders.report(session, number, own_organ(person), form.get("words", ""), who=person.login, now=utcnow())


def _accept(session: Session, number: str, person: Person, form: Mapping[str, str]) -> None:
    now = utcnow()
    orders.accept(session, number, form.get("words", ""), who=person.login, today=today_in_china(now), now=now)


def _send_back(session: Session, number: str, person: Person, form: Mapping[str, str]) -> None:
    now, days = utcnow(), number_in(form.get("working_days", ""))
    orders.send_back(session, number, form.get("words", ""), days, who=person.login, today=today_in_china(now), now=now)


def _withdraw(session: Session, number: str, person: Person, form: Mapping[str, str]) -> None:
    now = utcnow()
    orders.withdraw(session, number, form.get("words", ""), who=person.login, today=today_in_china(now), now=now)
