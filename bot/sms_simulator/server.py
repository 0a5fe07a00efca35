"""The HTTP server of the simulated carrier: takes the assistant's texts."""

from __future__ import annotations

import json

from aiohttp import web

from bot.db import utcnow
from bot.sms_simulator.carrier import SimulatedCarrier
from bot.sms_simulator.luck import Fate
from bot.web.carriers.signing import BadSignature, checked_nonce, target_of

TEXTS_PATH = "/texts"

CARRIER = web.AppKey("carrier", SimulatedCarrier)
_NONCES = web.AppKey("nonces", set[str])

routes = web.RouteTableDef()


def make_server(carrier: SimulatedCarrier) -> web.Application:
    app = web.Application()
    app[CARRIER] = carrier
    app[_NONCES] = set()
    app.add_routes(routes)
    return app


@routes.post(TEXTS_PATH)
async def take(request: web.Request) -> web.StreamResponse:
    carrier = request.app[CARRIER]
    body = await request.read()
    try:
        target = target_of(request.method, request.rel_url)
        nonce = checked_nonce(carrier.secret, target, request.headers, body, utcnow())
    except BadSignature as error:
        return _error(str(error), 401)
    if nonce in request.app[_NONCES]:
        return _error("used before", 401)
    request.app[_NONCES].add(nonce)
    text = _text_in(body)
    if text is None or request.headers.get("Idempotency-Key") != text["key"]:
        return _error("not a text with a key", 400)
    fate = carrier.luck.fate()
    if fate == Fate.LOST:
        return _break_off(request)
    gateway_id = carrier.take(text["key"], text["to"], text["text"])
    if carrier.luck.overtakes():
        await carrier.report_early(text["key"])
    if fate == Fate.ANSWER_LOST:
        return _break_off(request)
    return web.json_response({"id": gateway_id})


def _text_in(body: bytes) -> dict[str, str] | None:
    try:
        text = json.loads(body)
    except ValueError:
        return None
    names = {"key", "to", "text"}
    is_text = isinstance(text, dict) and set(text) == names and all(isinstance(text[name], str) for name in names)
    return text if is_text else None


def _break_off(request: web.Request) -> web.Response:
    """Closes the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _error(message: str, status: int) -> web.Response:
    return web.json_response({"error": message}, status=status)
