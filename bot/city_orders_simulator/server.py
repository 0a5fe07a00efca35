"""The HTTP server of the simulated work-order system."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from bot.city_orders_simulator.system import SimulatedSystem
from bot.db import utcnow
from bot.sms_simulator.luck import Fate
from bot.web.carriers.signing import BadSignature, checked_nonce, target_of
from bot.web.city_orders import IDEMPOTENCY_KEY, ORDERS_PATH
from bot.web.errors import Handler

SYSTEM = web.AppKey("system", SimulatedSystem)
_KEY = web.AppKey("key", str)

routes = web.RouteTableDef()


def make_server(system: SimulatedSystem, key: str) -> web.Application:
    app = web.Application(middlewares=[_signed, _unreliable])
    app[SYSTEM], app[_KEY] = system, key
    app.add_routes(routes)
    return app


@web.middleware
async def _signed(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.headers.get("Authorization") != f"Bearer {request.app[_KEY]}":
        return _error("not our key", 401)
    target = target_of(request.method, request.rel_url)
    try:
        checked_nonce(request.app[SYSTEM].secret, target, request.headers, await request.read(), utcnow())
    except BadSignature as error:
        return _error(str(error), 401)
    return await handler(request)


@web.middleware
async def _unreliable(request: web.Request, handler: Handler) -> web.StreamResponse:
    system = request.app[SYSTEM]
    await asyncio.sleep(system.manner.delay)
    fate = system.luck.fate()
    if fate == Fate.LOST:
        return _error("out of order", 500)
    response = await handler(request)
    return _error("out of order afterwards", 500) if fate == Fate.ANSWER_LOST else response


@routes.post(ORDERS_PATH)
async def take(request: web.Request) -> web.StreamResponse:
    try:
        body = json.loads(await request.read())
        is_order = body["number"] == request.headers.get(IDEMPOTENCY_KEY) and bool(body["request"])
    except (ValueError, TypeError, KeyError):
        is_order = False
    return web.json_response(request.app[SYSTEM].take(body)) if is_order else _error("not an order with a key", 400)


@routes.get(f"{ORDERS_PATH}/{{number}}")
async def state_of(request: web.Request) -> web.StreamResponse:
    state = request.app[SYSTEM].state_of(request.match_info["number"])
    return web.json_response(state) if state else _error("no such order", 404)


@routes.delete(f"{ORDERS_PATH}/{{number}}")
async def withdraw(request: web.Request) -> web.StreamResponse:
    is_known = request.app[SYSTEM].withdraw(request.match_info["number"])
    return web.Response(status=204) if is_known else _error("no such order", 404)


def _error(message: str, status: int) -> web.Response:
    return web.json_response({"error": message}, status=status)
