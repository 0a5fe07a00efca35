"""The page of one's own account: password and second factor."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.orm import Session

from bot import guessing
from bot.db import utcnow
from bot.sealing import SealBroken, Sealer
from bot.staff import accounts, second_factor
from bot.staff.devices import Client
from bot.staff.passwords import PasswordRefused
from bot.web.console import cookies
from bot.web.console.access import for_all_staff
from bot.web.console.frame import SIGN_IN_PATH
from bot.web.console.pages import form_of, page, person_of, redirect, transact
from bot.web.console.sign_in import roles_of, shown_secret

routes = web.RouteTableDef()

_WRONG_PASSWORD = f"现在的密码不对；连续输错 {guessing.FREE_TRIES} 次，要过一会儿才能再试"


class _Refused(Exception):
    """The form is refused; the message says what to change."""


@routes.get("/console/account")
@for_all_staff
async def account(request: web.Request) -> web.Response:
    return _page(request)


@routes.post("/console/account/password")
@for_all_staff
async def change_password(request: web.Request) -> web.Response:
    form, login = await form_of(request), person_of(request).login
    password = form.get("password", "")
    try:
        await _require_password(request, form)
        if password != form.get("again", ""):
            raise _Refused("两次输入的新密码不一样")
        await transact(request, _set_password, login, password)
    except (_Refused, PasswordRefused) as refused:
        return _page(request, 422, str(refused))
    response = redirect(request, SIGN_IN_PATH, "密码已改，请用新密码登录")
    cookies.forget_sign_in(response)
    return response


@routes.get("/console/account/second-factor")
@for_all_staff
async def second_factor_page(request: web.Request) -> web.Response:
    return _secret_page(request, second_factor.new_secret())


@routes.post("/console/account/second-factor")
@for_all_staff
async def set_up_second_factor(request: web.Request) -> web.Response:
    form, login, sealer = await form_of(request), person_of(request).login, cookies.sealer_of(request)
    secret = _unsealed(form.get("secret", ""), login, sealer)
    if secret is None:
        return redirect(request, "/console/account/second-factor", "请重新添加一次")
    try:
        await transact(request, _set_up, login, secret, form.get("code", ""), sealer)
    except accounts.AccountRefused as refused:
        return _secret_page(request, secret, 422, str(refused))
    return redirect(request, "/console/account", "已开启：以后登录要输入动态验证码")


@routes.post("/console/account/second-factor/remove")
@for_all_staff
async def remove_second_factor(request: web.Request) -> web.Response:
    form = await form_of(request)
    try:
        if person_of(request).role in roles_of(request):
            raise _Refused("您的角色必须用动态验证码；换手机请重新添加，手机丢了请找管理员")
        await _require_password(request, form)
    except _Refused as refused:
        return _page(request, 422, str(refused))
    await transact(request, _remove, person_of(request).login)
    return redirect(request, "/console/account", "已关闭动态验证码")


def _page(request: web.Request, status: int = 200, error: str = "") -> web.Response:
    must_have = person_of(request).role in roles_of(request)
    return page(request, "account.html", status, error=error, must_have=must_have)


async def _require_password(request: web.Request, form: Mapping[str, str]) -> None:
    """Asks for the current password, because somebody else may use a browser that was left open. Raises _Refused."""
    login = person_of(request).login
    if not await transact(request, _password_is_right, login, form.get("current", ""), cookies.who_tries(request)):
        raise _Refused(_WRONG_PASSWORD)


def _password_is_right(session: Session, login: str, password: str, client: Client) -> bool:
    return accounts.try_password(session, login, password, client=client, now=utcnow()) is not None


def _set_password(session: Session, login: str, password: str) -> None:
    accounts.set_password(session, accounts.get_person(session, login), password, who=login, now=utcnow())


def _set_up(session: Session, login: str, secret: str, code: str, sealer: Sealer) -> None:
    person = accounts.get_person(session, login)
    accounts.set_up_second_factor(session, person, secret, code, sealer, who=login, now=utcnow())


def _remove(session: Session, login: str) -> None:
    accounts.remove_second_factor(session, accounts.get_person(session, login), who=login, now=utcnow())


def _secret_page(request: web.Request, secret: str, status: int = 200, error: str = "") -> web.Response:
    """The form carries the sealed secret. It is stored only after a code proves that the telephone has it."""
    login = person_of(request).login
    sealed = cookies.sealer_of(request).seal_object({"new_secret": secret, "login": login})
    return page(request, "second_factor.html", status, sealed=sealed, error=error, **shown_secret(secret, login))


def _unsealed(sealed: str, login: str, sealer: Sealer) -> str | None:
    try:
        kept = sealer.open_object(sealed)
    except SealBroken:
        return None
    return str(kept["new_secret"]) if kept.get("login") == login and "new_secret" in kept else None
