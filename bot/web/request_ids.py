"""Gives each request its id, and tells it in the answer, so that who asks can name it to the operator."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from bot import request_ids, tracing
from bot.web.clients import came_through_proxies
from bot.web.errors import Handler

REQUEST_ID = web.RequestKey("request_id", str)


@web.middleware
async def with_request_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only our own proxies may name the id: whoever else could, could mix up the log lines of others with theirs."""
    said: Mapping[str, str] = request.headers if came_through_proxies(request) else {}
    request[REQUEST_ID] = request_ids.given(said.get(request_ids.HEADER)) or request_ids.new_id()
    tracing.take_over(said)
    with request_ids.carrying(request[REQUEST_ID]):
        return await handler(request)


async def tell_request_id(request: web.Request, response: web.StreamResponse) -> None:
    if REQUEST_ID in request:
        response.headers[request_ids.HEADER] = request[REQUEST_ID]
