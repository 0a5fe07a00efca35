"""Signing in, with a password and then the code of the second factor if there is one; and signing out."""

from __future__ import annotations

import logging
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from limits import RateLimitItem, parse
from markupsafe import Markup
from sqlalchemy.orm import Session

from bot import guessing
from bot.db import utcnow
from bot.sealing import SealBroken, Sealer
from bot.staff import accounts, audit, second_factor, sign_ins
from bot.staff.devices import Client
from bot.staff.models import Person, SignIn
from bot.staff.passwords import PasswordRefused
from bot.web.clients import client_of
from bot.web.console import cookies
from bot.web.console.access import for_all_staff, for_everybody
from bot.web.console.frame import SIGN_IN_PATH, is_console
from bot.web.console.pages import error_page, form_of, page, redirect, transact
from bot.web.keys import SETTINGS, SIGN_IN_LIMITER, SIGNED_IN

logger = logging.getLogger(__name__)

routes = web.RouteTableDef()

# High, because a whole office may share one address. Guessing at one account is paused much earlier (`bot.guessing`).
PER_CLIENT: RateLimitItem = parse("30/minute")
# The same message for an unknown login, a wrong password, a pause and a closed account: it must not tell them apart.
_REFUSED = (
    f"登录名或密码不对。连续输错 {guessing.FREE_TRIES} 次，要过 {guessing.PAUSES[0].seconds // 60} 分钟才能再试，"
    "再错等得更久；忘了密码请找系统管理员重置。"
)
_CODE_REFUSED = "验证码不对或者已经用过，请输入手机上新的 6 位数字；输错太多次要过一会儿才能再试。"
_TOO_LATE = "等得太久了，请重新登录"
_SEALED_WITH_ANOTHER_KEY = "系统换过密钥，原来的动态验证码不能用了，请找系统管理员关闭后再登录。"


@routes.get(SIGN_IN_PATH)
@for_everybody
async def sign_in_page(request: web.Request) -> web.Response:
    if request[SIGNED_IN] is not None:
        return redirect(request, "/console")
    return _password_page(request, login="", to=request.query.get("to", ""))


@routes.post(SIGN_IN_PATH)
@for_everybody
async def sign_in(request: web.Request) -> web.Response:
    if not await within_rate(request):
        return error_page(request, 429)
    form = await form_of(request)
    login, to = form.get("login", ""), form.get("to", "")
    passed = await transact(
        request,
        _by_password,
        login,
        form.get("password", ""),
        cookies.who_tries(request),
        cookies.sealer_of(request),
        roles_of(request),
    )
    if passed is None:
        return _password_page(request, login=login, to=to, status=422, error=_REFUSED)
    return after(request, passed, to)


@routes.post(f"{SIGN_IN_PATH}/code")
@for_everybody
async def sign_in_by_code(request: web.Request) -> web.Response:
    if not await within_rate(request):
        return error_page(request, 429)
    form = await form_of(request)
    ticket, to = form.get("ticket", ""), form.get("to", "")
    sealer = cookies.sealer_of(request)
    try:
        passed = await transact(
            request,
            _by_code,
            ticket,
            form.get("code", ""),
            cookies.who_tries(request),
            sealer,
            roles_of(request),
        )
    except SealBroken:
        logger.error("a second factor was sealed with another IDENTITY_KEY; `staff totp LOGIN --remove` helps")
        return page(request, "code.html", 422, ticket=ticket, to=to, error=_SEALED_WITH_ANOTHER_KEY)
    if passed is None:
        return redirect(request, SIGN_IN_PATH, _TOO_LATE)
    if not passed.token and not passed.stage:
        return page(request, "code.html", 422, ticket=ticket, to=to, error=_CODE_REFUSED)
    return after(request, passed, to)


@routes.post(f"{SIGN_IN_PATH}/password")
@for_everybody
async def choose_password(request: web.Request) -> web.Response:
    """Sets one's own password in place of one that somebody else made."""
    if not await within_rate(request):
        return error_page(request, 429)
    form, sealer = await form_of(request), cookies.sealer_of(request)
    ticket, to, password = form.get("ticket", ""), form.get("to", ""), form.get("password", "")
    try:
        if password != form.get("again", ""):
            raise PasswordRefused("两次输入的新密码不一样")
        passed = await transact(
            request, _by_new_password, ticket, password, cookies.who_tries(request), sealer, roles_of(request)
        )
    except PasswordRefused as refused:
        return page(request, "own_password.html", 422, ticket=ticket, to=to, error=str(refused))
    if passed is None:
        return redirect(request, SIGN_IN_PATH, _TOO_LATE)
    return after(request, passed, to)


@routes.post(f"{SIGN_IN_PATH}/second-factor")
@for_everybody
async def enrol(request: web.Request) -> web.Response:
    """Sets up the second factor for a person whose role may not sign in without one."""
    if not await within_rate(request):
        return error_page(request, 429)
    form, sealer = await form_of(request), cookies.sealer_of(request)
    ticket, to, secret = form.get("ticket", ""), form.get("to", ""), _unsealed(form.get("secret", ""), sealer)
    try:
        passed = await transact(
            request, _by_enrolling, ticket, secret, form.get("code", ""), cookies.who_tries(request), sealer
        )
    except accounts.AccountRefused as refused:
        return _enrol_page(request, secret[0], secret[1], ticket, to, 422, str(refused))
    if passed is None:
        return redirect(request, SIGN_IN_PATH, _TOO_LATE)
    return after(request, passed, to)


@routes.post("/console/sign-out")
@for_all_staff
async def sign_out(request: web.Request) -> web.Response:
    signed_in = request[SIGNED_IN]
    if signed_in is not None:
        await transact(request, _end, signed_in, client_of(request))
    response = redirect(request, SIGN_IN_PATH, "已退出")
    cookies.forget_sign_in(response)
    return response


@dataclass(frozen=True)
class Passed:
    """Who passed so far. `token`: of the sign-in, empty while a step is missing.

    `stage`: the missing step. `ticket`: admits the person to that step.
    """

    person: Person
    token: str = ""
    stage: str = ""
    ticket: str = ""


def roles_of(request: web.Request) -> frozenset[str]:
    """The roles that need a second factor."""
    return request.app[SETTINGS].second_factor_roles


def _by_password(
    session: Session, login: str, password: str, client: Client, sealer: Sealer, roles: Set[str]
) -> Passed | None:
    """None if the login or password is refused."""
    now = utcnow()
    person = accounts.try_password(session, login, password, client=client, now=now)
    if person is None:
        return None
    if person.totp_sealed:
        return _more(person, second_factor.CODE, sealer, now)
    return _after_all_proofs(session, person, client, sealer, roles, now)


def by_provider(
    session: Session, person: Person, client: Client, sealer: Sealer, roles: Set[str], now: datetime
) -> Passed:
    """The next step after an identity provider has vouched for the person. Our password is not used, so it need not be
    changed."""
    if person.totp_sealed:
        return _more(person, second_factor.CODE, sealer, now)
    if person.role in roles:
        return _more(person, second_factor.SET_UP, sealer, now)
    return Passed(person, accounts.sign_in(session, person, client=client, now=now))


def _by_code(
    session: Session, ticket: str, code: str, client: Client, sealer: Sealer, roles: Set[str]
) -> Passed | None:
    """Without token and stage if the code is wrong; None if the ticket is not ours or too old."""
    now = utcnow()
    person = second_factor.holder_of_ticket(session, ticket, sealer, now)
    if person is None:
        return None
    if not accounts.try_code(session, person, code, sealer, client=client, now=now):
        return Passed(person)
    return _after_all_proofs(session, person, client, sealer, roles, now)


def _by_new_password(
    session: Session, ticket: str, password: str, client: Client, sealer: Sealer, roles: Set[str]
) -> Passed | None:
    """None if the ticket is not ours or too old. Raises PasswordRefused."""
    now = utcnow()
    person = second_factor.holder_of_ticket(session, ticket, sealer, now, second_factor.NEW_PASSWORD)
    if person is None:
        return None
    accounts.set_password(session, person, password, who=person.login, now=now)
    return _after_all_proofs(session, person, client, sealer, roles, now)


def _by_enrolling(
    session: Session, ticket: str, secret: tuple[str, str], code: str, client: Client, sealer: Sealer
) -> Passed | None:
    """`secret`: the secret and the login that it belongs to. None if the ticket does not fit. Raises AccountRefused."""
    now = utcnow()
    person = second_factor.holder_of_ticket(session, ticket, sealer, now, second_factor.SET_UP)
    if person is None or person.login != secret[1] or person.totp_sealed:
        return None
    accounts.set_up_second_factor(session, person, secret[0], code, sealer, who=person.login, now=now)
    return Passed(person, accounts.sign_in(session, person, client=client, now=now))


def _after_all_proofs(
    session: Session, person: Person, client: Client, sealer: Sealer, roles: Set[str], now: datetime
) -> Passed:
    if person.must_change_password:
        return _more(person, second_factor.NEW_PASSWORD, sealer, now)
    if person.role in roles and not person.totp_sealed:
        return _more(person, second_factor.SET_UP, sealer, now)
    return Passed(person, accounts.sign_in(session, person, client=client, now=now))


def _more(person: Person, stage: str, sealer: Sealer, now: datetime) -> Passed:
    return Passed(person, stage=stage, ticket=second_factor.ticket(person, sealer, now, stage))


def _end(session: Session, signed_in: SignIn, client: str) -> None:
    sign_ins.end(session, signed_in)
    audit.record(session, who=signed_in.person.login, action="sign_out", subject=client, why="", at=utcnow())


async def within_rate(request: web.Request) -> bool:
    return await request.app[SIGN_IN_LIMITER].hit(PER_CLIENT, "sign-in", client_of(request))


def _password_page(request: web.Request, *, login: str, to: str, status: int = 200, error: str = "") -> web.Response:
    by_provider = request.app[SETTINGS].oidc is not None
    return page(request, "sign_in.html", status, login=login, to=to, error=error, by_provider=by_provider)


def page_after(to: str) -> str:
    """`to` if it is a path of the console, else the first page: an address with a host could lead to another site."""
    return to if is_console(to.partition("?")[0]) and to.isprintable() else "/console"


def after(request: web.Request, passed: Passed, to: str) -> web.Response:
    """The page of the missing step; if none is missing, the sign-in and a redirect to the page that was asked for."""
    if passed.stage == second_factor.CODE:
        return page(request, "code.html", ticket=passed.ticket, to=to, error="")
    if passed.stage == second_factor.NEW_PASSWORD:
        return page(request, "own_password.html", ticket=passed.ticket, to=to, error="")
    if passed.stage == second_factor.SET_UP:
        return _enrol_page(request, second_factor.new_secret(), passed.person.login, passed.ticket, to)
    response = redirect(request, page_after(to))
    keep(request, response, passed)
    return response


def _enrol_page(
    request: web.Request, secret: str, login: str, ticket: str, to: str, status: int = 200, error: str = ""
) -> web.Response:
    sealed = cookies.sealer_of(request).seal_object({"enrolled_secret": secret, "login": login})
    shown = shown_secret(secret, login)
    return page(request, "enrol.html", status, login=login, sealed=sealed, ticket=ticket, to=to, error=error, **shown)


def shown_secret(secret: str, login: str) -> dict[str, object]:
    """The secret in the forms that a page shows: `picture` to scan, `grouped` to type, `uri` to open."""
    return {
        "grouped": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "uri": second_factor.otpauth_uri(secret, login),
        "picture": Markup(second_factor.otpauth_svg(secret, login)),  # noqa: S704  made by us, of base32 and a login
    }


def _unsealed(sealed: str, sealer: Sealer) -> tuple[str, str]:
    """The secret and its login; both empty if we did not seal them for this form."""
    try:
        kept = sealer.open_object(sealed)
        return str(kept["enrolled_secret"]), str(kept["login"])
    except (SealBroken, LookupError):
        return "", ""


def keep(request: web.Request, response: web.StreamResponse, passed: Passed) -> None:
    cookies.keep_sign_in(request, response, passed.token)
    cookies.keep_device(request, response, passed.person)
