"""Signing in as a citizen with 统一身份认证 (OpenID Connect). Nobody needs it; without
`CITIZEN_OIDC_*` it is not there.

What a citizen who is signed in files is linked to a pseudonym (`bot.citizens`), so that `/me` shows it without codes.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from limits import RateLimitItem, parse
from sqlalchemy.orm import Session

from bot.citizens import service as citizens
from bot.citizens.service import MatterKind
from bot.conversations.subjects import FilingDone, Handoff, LetterTaken, read
from bot.db import utcnow
from bot.sealing import SealBroken, Sealer
from bot.settings import Settings
from bot.web.clients import came_by_https, client_of, comes_from_elsewhere, network_of
from bot.web.keys import SETTINGS
from bot.web.openid_connect import Flow, KeptFlow, OpenIdProvider, ProviderUnavailable, SignInRefused
from bot.web.public_pages import transact
from bot.web.rates import Rates

logger = logging.getLogger(__name__)

PROVIDER = web.AppKey("citizens_openid_provider", OpenIdProvider)
LIMITER = web.AppKey("citizens_limiter", Rates)
PER_CLIENT: RateLimitItem = parse("60/10 minutes")
VALID_FOR = timedelta(minutes=10)
_SIGN_IN, _FLOW, _PATH = "citizen", "citizen_oidc", "/me"


class NotSignedIn(Exception):
    """The sign-in came to nothing; the message says why, in Chinese."""

    def __init__(self, words: str, status: int = 403) -> None:
        super().__init__(words)
        self.status = status


def is_offered(settings: Settings) -> bool:
    """Whether citizens may sign in at all."""
    return settings.citizen_oidc is not None


async def open_provider(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS].citizen_oidc
    if settings is None:
        raise ValueError("no provider is set")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        app[PROVIDER] = OpenIdProvider(session, settings)
        yield


def token_of(request: web.Request) -> str:
    """The token in the cookie of the sign-in; empty if there is none."""
    token = request.cookies.get(_SIGN_IN, "") if is_offered(request.app[SETTINGS]) else ""
    return token if token.isascii() else ""


async def citizen_of(request: web.Request) -> str | None:
    """The subject of whoever is signed in."""
    token = token_of(request)
    return await transact(request, citizens.signed_in, token, utcnow()) if token else None


async def send_to_provider(request: web.Request) -> web.Response:
    """Raises NotSignedIn."""
    await _check_rate(request)
    kept = KeptFlow(Flow.begin(), _PATH, utcnow() + VALID_FOR)
    try:
        url = await request.app[PROVIDER].authorization_url(kept.flow)
    except ProviderUnavailable as problem:
        raise _unavailable(problem) from None
    response = web.Response(status=303, headers={"Location": url})
    _set(request, response, _FLOW, Sealer.of(request.app[SETTINGS]).seal(kept.text()), VALID_FOR)
    return response


async def let_in(request: web.Request) -> web.Response:
    """Begins a session for the person whom the provider vouches for. The old one in this browser ends.

    Raises:
        NotSignedIn
    """
    await _check_rate(request)
    subject = await _vouched_for(request)
    token = await transact(request, citizens.begin, subject, utcnow(), token_of(request))
    response = web.Response(status=303, headers={"Location": _PATH})
    _set(request, response, _SIGN_IN, token, citizens.AT_MOST)
    forget_flow(response)
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Ends the session in this browser, unless another site asks for it."""
    response = web.Response(status=303, headers={"Location": _PATH})
    if not comes_from_elsewhere(request):
        await transact(request, citizens.end, token_of(request))
        response.del_cookie(_SIGN_IN, path="/", httponly=True, samesite="Lax")
    return response


def forget_flow(response: web.Response) -> None:
    response.del_cookie(_FLOW, path="/", httponly=True, samesite="Lax")


def link(session: Session, token: str, matters: Iterable[tuple[MatterKind, str]], now: datetime) -> None:
    """Makes matters that were just filed those of whoever is signed in with that token, if anybody is."""
    subject = citizens.signed_in(session, token, now) if token else None
    for kind, number in matters if subject else ():
        citizens.add_matter(session, subject or "", kind, number, now)


def filed_in(messages: Iterable[Mapping[str, Any]]) -> list[tuple[MatterKind, str]]:
    """What the answers of the assistant say was filed or taken down."""
    subjects = [read(message["custom"]) for message in messages if message.get("custom")]
    filed = [(MatterKind.REQUEST, about.receipt) for about in subjects if isinstance(about, FilingDone)]
    taken = [about.case for about in subjects if isinstance(about, LetterTaken | Handoff) and about.case]
    return filed + [(MatterKind.CASE, number) for number in taken]


async def _vouched_for(request: web.Request) -> str:
    sealer, settings = Sealer.of(request.app[SETTINGS]), request.app[SETTINGS].citizen_oidc
    kept = KeptFlow.read(_opened(request, sealer), utcnow())
    if kept is None or settings is None:
        raise NotSignedIn("等得太久了，或者不是从这个浏览器开始的，请重新登录。")
    code = request.query.get("code")
    try:
        if not kept.has_state(request.query.get("state", "")):
            raise SignInRefused("another state")
        if not code:
            raise SignInRefused(f"error {ascii(request.query.get('error', ''))[:40]}")
        identifier = await request.app[PROVIDER].login(code, kept.flow, utcnow())
    except ProviderUnavailable as problem:
        raise _unavailable(problem) from None
    except SignInRefused as problem:
        logger.warning("sign-in of a citizen refused: %s", ascii(str(problem)))
        raise NotSignedIn("统一身份认证没有通过，请重新登录。不登录也能办事。") from None
    return citizens.subject_of(sealer, settings.issuer, identifier)


def _opened(request: web.Request, sealer: Sealer) -> str:
    sealed = request.cookies.get(_FLOW, "")
    try:
        return sealer.open(sealed) if sealed.isascii() else ""
    except SealBroken:
        return ""


async def _check_rate(request: web.Request) -> None:
    if not await request.app[LIMITER].hit(PER_CLIENT, "sign in", network_of(client_of(request))):
        raise NotSignedIn("试得太多了，请过几分钟再登录。", 429)


def _unavailable(problem: ProviderUnavailable) -> NotSignedIn:
    logger.error("the citizens' identity provider cannot be used: %s", ascii(str(problem)))
    return NotSignedIn("统一身份认证现在连不上，请稍后再试。不登录也能办事。", 503)


def _set(request: web.Request, response: web.Response, name: str, value: str, lasts: timedelta) -> None:
    """SameSite=Lax, so that the cookie comes with the provider's redirect back, and with no form of another site."""
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=came_by_https(request),
    )
