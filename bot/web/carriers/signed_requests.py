"""The body of a request that another system of the city signs (`signing.py`): read, checked, taken once."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.db import Database, utcnow
from bot.helpline import nonces
from bot.web.carriers.signing import NONCE, BadSignature, checked_nonce, target_of
from bot.web.carriers.sms_bodies import BodyRefused
from bot.web.keys import DATABASE


async def signed_body(request: web.Request, secret: str, sender: str) -> bytes:
    """The body. `sender`: a nonce is new for each sender.

    Raises:
        BadSignature: also if the nonce was used before.
    """
    body = await request.read()
    nonce = checked_nonce(secret, target_of(request.method, request.rel_url), request.headers, body, utcnow())
    if not await asyncio.to_thread(_is_new, request.app[DATABASE], f"{sender}:{nonce}"):
        raise BadSignature(f"{NONCE} 已经用过：每次请求，重发也算，都要换一个并重新签名")
    return body


def refusal(error: BadSignature | BodyRefused) -> web.Response:
    """What the other system is answered."""
    return web.json_response({"error": str(error)}, status=401 if isinstance(error, BadSignature) else 400)


def _is_new(database: Database, nonce: str) -> bool:
    with database.transaction() as session:
        return nonces.is_new(session, nonce, utcnow())
