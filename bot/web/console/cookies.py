"""The console's cookies: the sign-in, the form token before sign-in, a sentence for the next page, the state of a
sign-in with the identity provider, and the people who have signed in with this browser."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from aiohttp import web

from bot.sealing import SealBroken, Sealer
from bot.staff.devices import Client, Device
from bot.staff.models import Person
from bot.staff.sign_ins import AT_MOST
from bot.web.clients import came_by_https, client_of
from bot.web.keys import SETTINGS

_SIGN_IN = "console_sign_in"
_FORM = "console_form"
_FLASH = "console_flash"
_FLOW = "console_oidc"
_DEVICE = "console_device"
_DEVICE_KEPT = timedelta(days=180)
_FORM_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)


def sealer_of(request: web.Request) -> Sealer:
    return Sealer.of(request.app[SETTINGS])


def sign_in_token(request: web.Request) -> str:
    """Empty if there is none."""
    return _get(request, _SIGN_IN)


def keep_sign_in(request: web.Request, response: web.StreamResponse, token: str) -> None:
    _set(request, response, _SIGN_IN, token, max_age=int(AT_MOST.total_seconds()))
    forget(response, _FORM)


def forget_sign_in(response: web.StreamResponse) -> None:
    forget(response, _SIGN_IN)


def who_tries(request: web.Request) -> Client:
    """The address and the browser from which somebody signs in."""
    return Client(client_of(request), Device.of(_get(request, _DEVICE), sealer_of(request)))


def keep_device(request: web.Request, response: web.StreamResponse, person: Person) -> None:
    """Remembers that the person uses this browser, so that failed sign-ins from elsewhere do not delay them here."""
    device = Device.of(_get(request, _DEVICE), sealer_of(request)).with_person(person)
    max_age = int(_DEVICE_KEPT.total_seconds())
    _set(request, response, _DEVICE, device.sealed(sealer_of(request)), max_age=max_age)


def form_token(request: web.Request) -> str:
    """The form token of the browser, which no other site can set or read; a new one if the browser has none."""
    token = _get(request, _FORM)
    return token if _FORM_TOKEN.fullmatch(token) else secrets.token_urlsafe(32)


def keep_form_token(request: web.Request, response: web.StreamResponse, token: str) -> None:
    if request.cookies.get(_FORM) != token:
        _set(request, response, _FORM, token)


def keep_flash(request: web.Request, response: web.StreamResponse, sentence: str) -> None:
    _set(request, response, _FLASH, sealer_of(request).seal(sentence), max_age=60)


def take_flash(request: web.Request) -> str:
    """The sentence that the last page left, or "". It is sealed, so that nobody else can put words into our pages."""
    return _open(request, _FLASH)


def forget_flash(request: web.Request, response: web.StreamResponse) -> None:
    if _FLASH in request.cookies:
        forget(response, _FLASH)


def keep_flow(request: web.Request, response: web.StreamResponse, flow: str, max_age: int) -> None:
    """`max_age`: in seconds. SameSite=Lax, so that the cookie is sent when the provider redirects the browser back."""
    _set(request, response, _FLOW, sealer_of(request).seal(flow), max_age=max_age, samesite="Lax")


def kept_flow(request: web.Request) -> str:
    """Empty if there is none."""
    return _open(request, _FLOW)


def forget_flow(response: web.StreamResponse) -> None:
    forget(response, _FLOW)


def forget(response: web.StreamResponse, name: str) -> None:
    response.del_cookie(name, path="/console", httponly=True, samesite="Strict")


def _get(request: web.Request, name: str) -> str:
    """The value of the cookie; empty if there is none, or if it is not ASCII and so not ours."""
    value = request.cookies.get(name, "")
    return value if value.isascii() else ""


def _open(request: web.Request, name: str) -> str:
    """The opened text of the cookie; empty if there is none, or if we did not seal it."""
    sealed = _get(request, name)
    if not sealed:
        return ""
    try:
        return sealer_of(request).open(sealed)
    except SealBroken:
        return ""


def _set(
    request: web.Request,
    response: web.StreamResponse,
    name: str,
    value: str,
    max_age: int | None = None,
    samesite: str = "Strict",
) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path="/console", httponly=True, samesite=samesite, secure=came_by_https(request)
    )
