"""Middlewares: errors as JSON, and a time limit for request bodies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from bot.storable import storable

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BODY_WITHIN_SECONDS = 15
# For files over a slow line.
UPLOADED_WITHIN_SECONDS = 180
_CHINESE = {
    404: "没有这个地址",
    405: "这个地址不接受这种请求",
    408: "内容传得太慢，请稍后再试",
    413: "内容太长了",
}


@web.middleware
async def json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong, the answer is JSON with an `error` that a person can read, and never a stack trace."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return web.json_response({"error": _CHINESE.get(error.status, error.reason)}, status=error.status)
    except Exception:
        logger.exception("%s %s failed", request.method, request.rel_url.path)
        return web.json_response({"error": "系统出了点问题，请稍后再试"}, status=500)


@web.middleware
async def known_characters(request: web.Request, handler: Handler) -> web.StreamResponse:
    """404 for an address with NUL: nothing is stored under such a name, and PostgreSQL refuses to look for it."""
    if "\0" in request.path:
        raise web.HTTPNotFound
    return await handler(request)


@web.middleware
async def in_time(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Reads the body before the handler runs; a body that takes longer than `BODY_WITHIN_SECONDS` gets a 408.

    Uploads are read by their own handlers, with `fields_of`.
    """
    is_upload = request.method == "PUT" or request.content_type.startswith("multipart/")
    if request.can_read_body and not is_upload:
        try:
            async with asyncio.timeout(BODY_WITHIN_SECONDS):
                await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
    return await handler(request)


async def fields_of(request: web.Request) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
    """The fields of a form, also of one with files, which may be long in coming. Texts are `storable`.

    Raises:
        web.HTTPRequestTimeout: it takes longer than `UPLOADED_WITHIN_SECONDS`.
        web.HTTPBadRequest: the body is torn or is no form.
    """
    try:
        async with asyncio.timeout(UPLOADED_WITHIN_SECONDS):
            fields = await request.post()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (ValueError, LookupError):
        raise web.HTTPBadRequest from None
    read = ((name, storable(field) if isinstance(field, str) else field) for name, field in fields.items())
    return MultiDictProxy(MultiDict(read))
