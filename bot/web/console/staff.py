"""Accounts, for administrators. A generated password is shown once; the administrator tells it to the person."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments
from bot.catalogue.models import Department
from bot.db import utcnow
from bot.reviews import leaving
from bot.reviews.service import open_cases_of
from bot.staff import accounts, failures, sign_ins
from bot.staff.models import Person
from bot.staff.passwords import generated_password
from bot.staff.roles import PERMISSION_TITLES, ROLE_TITLES, Permission, Role, permissions_in_force
from bot.web.console.access import needs
from bot.web.console.pages import error_page, form_of, page, person_of, redirect, transact
from bot.web.keys import SETTINGS

routes = web.RouteTableDef()


@routes.get("/console/staff")
@needs(Permission.MANAGE_STAFF)
async def staff(request: web.Request) -> web.Response:
    return await _list_page(request)


@routes.post("/console/staff")
@needs(Permission.MANAGE_STAFF)
async def add(request: web.Request) -> web.Response:
    form, password = await form_of(request), generated_password()
    try:
        added = await transact(request, _add, form, password, who=person_of(request).login)
    except accounts.AccountRefused as refused:
        return await _list_page(request, 422, str(refused), form)
    return page(request, "new_password.html", told=added, password=password, heading="账号已添加")


@routes.get("/console/staff/{login}")
@needs(Permission.MANAGE_STAFF)
async def person(request: web.Request) -> web.Response:
    return await _person_page(request)


@routes.post("/console/staff/{login}/role")
@needs(Permission.MANAGE_STAFF)
async def change_role(request: web.Request) -> web.Response:
    form, login = await form_of(request), request.match_info["login"]
    try:
        roles = request.app[SETTINGS].second_factor_roles
        await transact(request, _change_role, login, form, roles, who=person_of(request).login)
    except accounts.NoSuchPerson:
        return _nobody(request)
    except accounts.AccountRefused as refused:
        return await _person_page(request, 422, str(refused))
    return redirect(request, _path(request), "角色已改")


@routes.post("/console/staff/{login}/password")
@needs(Permission.MANAGE_STAFF)
async def reset_password(request: web.Request) -> web.Response:
    login, password = request.match_info["login"], generated_password()
    if login == person_of(request).login:
        return await _person_page(request, 422, "自己的密码请在“我的账号”里改")
    try:
        changed = await transact(request, _reset_password, login, password, who=person_of(request).login)
    except accounts.NoSuchPerson:
        return _nobody(request)
    return page(request, "new_password.html", told=changed, password=password, heading="密码已重置")


@routes.post("/console/staff/{login}/second-factor/remove")
@needs(Permission.MANAGE_STAFF)
async def remove_second_factor(request: web.Request) -> web.Response:
    login = request.match_info["login"]
    if login == person_of(request).login:
        return await _person_page(request, 422, "自己的动态验证码请在“我的账号”里关闭")
    try:
        await transact(request, _remove_second_factor, login, who=person_of(request).login)
    except accounts.NoSuchPerson:
        return _nobody(request)
    return redirect(request, _path(request), "已关闭动态验证码")


@routes.post("/console/staff/{login}/deactivate")
@needs(Permission.MANAGE_STAFF)
async def deactivate(request: web.Request) -> web.Response:
    try:
        form = await form_of(request)
        count = await transact(request, _deactivate, request.match_info["login"], form, who=person_of(request).login)
    except accounts.NoSuchPerson:
        return _nobody(request)
    except accounts.AccountRefused as refused:
        return await _person_page(request, 422, str(refused))
    handed_on = f"，{count} 件已移交" if count else ""
    return redirect(request, _path(request), f"账号已停用，已登录的也都退出了{handed_on}")


@routes.post("/console/staff/{login}/reactivate")
@needs(Permission.MANAGE_STAFF)
async def reactivate(request: web.Request) -> web.Response:
    try:
        await transact(request, _reactivate, request.match_info["login"], who=person_of(request).login)
    except accounts.NoSuchPerson:
        return _nobody(request)
    return redirect(request, _path(request), "账号已恢复")


async def _list_page(
    request: web.Request, status: int = 200, error: str = "", typed: Mapping[str, str] | None = None
) -> web.Response:
    people, departments, failure_counts = await transact(request, _people_and_departments)
    return page(
        request,
        "staff.html",
        status,
        people=people,
        departments=departments,
        failure_counts=failure_counts,
        roles=ROLE_TITLES,
        permissions=permissions_in_force(),
        permission_titles=PERMISSION_TITLES,
        typed=typed or {},
        error=error,
    )


async def _person_page(request: web.Request, status: int = 200, error: str = "") -> web.Response:
    try:
        read = await transact(request, _read, request.match_info["login"])
    except accounts.NoSuchPerson:
        return _nobody(request)
    departments = await transact(request, all_departments)
    return page(
        request,
        "person.html",
        status,
        shown=read.person,
        open_count=read.open_count,
        successors=read.successors,
        departments=departments,
        roles=ROLE_TITLES,
        failure_count=read.failure_count,
        error=error,
    )


@dataclass(frozen=True)
class _Shown:
    """`open_count`: the person's open cases. `successors`: the colleagues who can take them over."""

    person: Person
    failure_count: int
    open_count: int
    successors: list[Person]


def _read(session: Session, login: str) -> _Shown:
    found = accounts.get_person(session, login)
    return _Shown(
        found,
        failures.count_remembered(session, found, utcnow()),
        len(open_cases_of(session, found.id)),
        [other for other in accounts.successors(session) if other.id != found.id],
    )


def _nobody(request: web.Request) -> web.Response:
    return error_page(request, 404, "没有这个登录名的人")


def _path(request: web.Request) -> str:
    return f"/console/staff/{request.match_info['login']}"


def _people_and_departments(session: Session) -> tuple[list[Person], list[Department], dict[int, int]]:
    """Also, by the id of a person, how often somebody failed to sign in as them lately."""
    return accounts.people(session), all_departments(session), failures.counts_remembered(session, utcnow())


def _add(session: Session, form: Mapping[str, str], password: str, *, who: str) -> Person:
    return accounts.add_person(
        session,
        login=form.get("login", "").strip(),
        name=form.get("name", ""),
        role=_role(form),
        department_code=form.get("department") or None,
        password=password,
        must_change=True,
        who=who,
        now=utcnow(),
    )


def _change_role(
    session: Session, login: str, form: Mapping[str, str], second_factor_roles: Set[str], *, who: str
) -> None:
    changed = accounts.get_person(session, login)
    leaving.change_role(
        session,
        changed,
        _role(form),
        successor=_successor(session, form),
        who=who,
        now=utcnow(),
        department_code=form.get("department") or None,
    )
    if changed.role in second_factor_roles and not changed.totp_sealed:
        # Signed out, so that the new role is not used before the second factor is set up.
        sign_ins.end_all(session, changed)


def _reset_password(session: Session, login: str, password: str, *, who: str) -> Person:
    found = accounts.get_person(session, login)
    accounts.set_password(session, found, password, who=who, now=utcnow(), must_change=True)
    return found


def _remove_second_factor(session: Session, login: str, *, who: str) -> None:
    accounts.remove_second_factor(session, accounts.get_person(session, login), who=who, now=utcnow())


def _deactivate(session: Session, login: str, form: Mapping[str, str], *, who: str) -> int:
    leaver = accounts.get_person(session, login)
    return leaving.deactivate(session, leaver, successor=_successor(session, form), who=who, now=utcnow())


def _successor(session: Session, form: Mapping[str, str]) -> Person | None:
    return accounts.find_person(session, form.get("successor", "")) if form.get("successor") else None


def _reactivate(session: Session, login: str, *, who: str) -> None:
    accounts.reactivate(session, accounts.get_person(session, login), who=who, now=utcnow())


def _role(form: Mapping[str, str]) -> Role:
    try:
        return Role(form.get("role", ""))
    except ValueError:
        raise accounts.AccountRefused("请选角色") from None
