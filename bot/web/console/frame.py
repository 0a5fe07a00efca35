"""The middleware around every page of the console: sign-in, permission, form token, and pages for errors."""

from __future__ import annotations

import asyncio
import hmac
import logging
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.db import utcnow
from bot.notices.file_formats import MOST_BYTES
from bot.reviews.desk_news import news_of
from bot.staff import sign_ins
from bot.staff.accounts import may
from bot.staff.models import Person, SignIn
from bot.staff.roles import PERMISSION_TITLES, Permission
from bot.web.console import cookies
from bot.web.console.access import Access, access_of
from bot.web.console.navigation import desk_counts
from bot.web.console.pages import error_page, redirect, transact
from bot.web.errors import Handler, fields_of
from bot.web.keys import DATABASE, DESK_COUNTS, FORM_TOKEN, SIGNED_IN

logger = logging.getLogger(__name__)

SIGN_IN_PATH = "/console/sign-in"
# These paths take whole files. All other paths keep the limit of the application.
_MOST_UPLOADED_BYTES = {
    "/console/disclosures/import": 5 * 1024 * 1024,
    "/console/disclosures/import/sheet": 5 * 1024 * 1024,
    "/console/catalogue/import": 5 * 1024 * 1024,
    "/console/catalogue/import/sheet": 5 * 1024 * 1024,
    "/console/documents/preview": 5 * 1024 * 1024,
    "/console/documents/store": 5 * 1024 * 1024,
    "/console/disclosures/{receipt}/files": MOST_BYTES + 64 * 1024,
    "/console/cases/{number}/files": MOST_BYTES + 64 * 1024,
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
}


def is_console(path: str) -> bool:
    return path == "/console" or path.startswith("/console/")


@web.middleware
async def console_frame(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not is_console(request.path):
        return await handler(request)
    # Only uploads are still unread: `errors.in_time` has read all other bodies, within the limit of the application.
    resource = request.match_info.route.resource
    most = _MOST_UPLOADED_BYTES.get(resource.canonical) if resource is not None else None
    if most is not None and request.content_type.startswith("multipart/"):
        request = request.clone(client_max_size=most)
    request[SIGNED_IN] = None
    request[FORM_TOKEN] = cookies.form_token(request)
    try:
        response = await _answer(request, handler)
    except web.HTTPException as error:
        if error.status < 400:
            error.headers.update(_HEADERS)
            raise
        response = error_page(request, error.status)
    except Exception:
        logger.exception("%s %s failed", request.method, request.path)
        response = error_page(request, 500)
    if not response.prepared:
        response.headers.update(_HEADERS)
        if request[SIGNED_IN] is None and response.status == 200:
            cookies.keep_form_token(request, response, request[FORM_TOKEN])
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    # No stored text contains NUL, and PostgreSQL refuses a query with it.
    if "\0" in request.path or any("\0" in text for text in request.query.values()):
        raise web.HTTPBadRequest
    signed_in = request[SIGNED_IN] = await _signed_in(request)
    if signed_in is not None:
        request[FORM_TOKEN] = signed_in.csrf_token
    if request.match_info.http_exception is not None:
        return await handler(request)
    access = access_of(request.match_info.handler)
    if access is None:
        logger.error("%s %s does not say whom it is for", request.method, request.path)
        return error_page(request, 403)
    if access.signed_in and signed_in is None:
        return _sign_in_first(request)
    if not _permits(access, signed_in):
        wanted = PERMISSION_TITLES[access.permission] if access.permission else ""
        return error_page(request, 403, f"您的角色没有“{wanted}”的权限，需要的话请找系统管理员")
    if request.method not in ("GET", "HEAD") and not await _is_our_form(request):
        return error_page(request, 403, "这一页放得太久了，请返回、刷新后再提交")
    await _count_news(request, signed_in)
    return await handler(request)


async def _count_news(request: web.Request, signed_in: SignIn | None) -> None:
    """For the navigation of whole pages. Scripts ask for parts of a page, which have none."""
    is_page = request.method == "GET" and "part" not in request.query
    if is_page and signed_in is not None and may(signed_in.person, Permission.SEE_QUEUE):
        request[DESK_COUNTS] = await transact(request, _desk_counts, signed_in.person)


def _desk_counts(session: Session, person: Person) -> dict[str, int]:
    return desk_counts(session, person, news_of(session, person, utcnow()))


async def _signed_in(request: web.Request) -> SignIn | None:
    token, now = cookies.sign_in_token(request), utcnow()
    found = await transact(request, sign_ins.valid, token, now) if token else None
    # Requests with `part` come from the script of an open page: they must not keep the person signed in.
    if found is not None and "part" not in request.query and sign_ins.is_to_be_noted(found, now):
        # If the database is locked just now, nothing is written, and the next page notes the use.
        await asyncio.to_thread(request.app[DATABASE].attempt, lambda session: sign_ins.note_use(session, found, now))
    return found


def _permits(access: Access, signed_in: SignIn | None) -> bool:
    return access.permission is None or (signed_in is not None and may(signed_in.person, access.permission))


async def _is_our_form(request: web.Request) -> bool:
    """Whether the request has the token that only our pages have: in a header (scripts) or in `form_token` (forms).

    Raises web.HTTPBadRequest: the body cannot be read.
    """
    given: object = request.headers.get("X-CSRF-Token")
    if given is None:
        given = (await fields_of(request)).get("form_token")
    return isinstance(given, str) and given.isascii() and hmac.compare_digest(given, request[FORM_TOKEN])


def _sign_in_first(request: web.Request) -> web.Response:
    # A script must get an error: it would take the sign-in page for its answer.
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return error_page(request, 401)
    to = request.path_qs if request.method == "GET" else "/console"
    return redirect(request, f"{SIGN_IN_PATH}?{urlencode({'to': to})}")
