"""Sign-in with the city's identity provider. The routes exist only if a provider is set (docs/staff.md)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Set
from datetime import timedelta

import aiohttp
from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.sealing import Sealer
from bot.settings import OIDC_BACK_PATH
from bot.staff import accounts
from bot.staff.devices import Client
from bot.web.clients import client_of
from bot.web.console import cookies
from bot.web.console.access import for_everybody
from bot.web.console.pages import error_page, page, redirect, transact
from bot.web.console.sign_in import Passed, after, by_provider, keep, page_after, roles_of, within_rate
from bot.web.keys import SETTINGS, SIGNED_IN
from bot.web.openid_connect import Flow, KeptFlow, OpenIdProvider, ProviderUnavailable, SignInRefused

logger = logging.getLogger(__name__)

routes = web.RouteTableDef()

PROVIDER = web.AppKey("openid_provider", OpenIdProvider)
VALID_FOR = timedelta(minutes=10)
_UNAVAILABLE = "统一身份认证系统现在连不上，请稍后再试，或者用登录名和密码登录。"
_STALE = "等得太久了，或者不是从这个浏览器开始的，请重新登录。"
_NOT_VOUCHED_FOR = "统一身份认证没有通过，请重新登录；总是这样，请找系统管理员。"
_NO_ACCOUNT = "统一身份认证通过了，但是您在工作台没有可用的账号，请找系统管理员添加或者恢复。"


async def open_provider(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS].oidc
    if settings is None:
        raise ValueError("no provider is set")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        app[PROVIDER] = OpenIdProvider(session, settings)
        yield


@routes.get("/console/oidc/start")
@for_everybody
async def start(request: web.Request) -> web.Response:
    if request[SIGNED_IN] is not None:
        return redirect(request, "/console")
    if not await within_rate(request):
        return error_page(request, 429)
    kept = KeptFlow(Flow.begin(), page_after(request.query.get("to", "")), utcnow() + VALID_FOR)
    try:
        url = await request.app[PROVIDER].authorization_url(kept.flow)
    except ProviderUnavailable as problem:
        return _unavailable(request, problem)
    response = redirect(request, url)
    cookies.keep_flow(request, response, kept.text(), max_age=int(VALID_FOR.total_seconds()))
    return response


@routes.get(OIDC_BACK_PATH)
@for_everybody
async def back(request: web.Request) -> web.Response:
    if not await within_rate(request):
        return error_page(request, 429)
    response = await _answer(request)
    cookies.forget_flow(response)
    return response


async def _answer(request: web.Request) -> web.Response:
    kept = KeptFlow.read(cookies.kept_flow(request), utcnow())
    if kept is None:
        return _refused(request, _STALE)
    if not kept.has_state(request.query.get("state", "")):
        return await _not_vouched_for(request, "another state")
    code = request.query.get("code")
    if not code:
        return await _not_vouched_for(request, f"error {ascii(request.query.get('error', ''))[:40]}")
    try:
        login = await request.app[PROVIDER].login(code, kept.flow, utcnow())
    except ProviderUnavailable as problem:
        return _unavailable(request, problem)
    except SignInRefused as problem:
        return await _not_vouched_for(request, str(problem))
    passed = await transact(
        request, _by_provider, login, cookies.who_tries(request), cookies.sealer_of(request), roles_of(request)
    )
    if passed is None:
        return _refused(request, _NO_ACCOUNT)
    if passed.stage:
        return after(request, passed, kept.to)
    # A page, not a redirect: the sign-in cookie is SameSite=Strict, so the next request must start on our own page.
    response = page(request, "oidc_passed.html", to=kept.to)
    keep(request, response, passed)
    return response


def _by_provider(session: Session, login: str, client: Client, sealer: Sealer, roles: Set[str]) -> Passed | None:
    """None if nobody with that login has an active account."""
    now = utcnow()
    person = accounts.try_provider(session, login, client=client.address, now=now)
    return by_provider(session, person, client, sealer, roles, now) if person is not None else None


async def _not_vouched_for(request: web.Request, why: str) -> web.Response:
    logger.warning("sign-in with the identity provider refused: %s", ascii(why))
    await transact(request, accounts.record_provider_refusal, why, client=client_of(request), now=utcnow())
    return _refused(request, _NOT_VOUCHED_FOR)


def _unavailable(request: web.Request, problem: ProviderUnavailable) -> web.Response:
    logger.error("the identity provider cannot be used: %s", ascii(str(problem)))
    return _refused(request, _UNAVAILABLE, 503)


def _refused(request: web.Request, words: str, status: int = 403) -> web.Response:
    return page(request, "oidc_refused.html", status, words=words)
