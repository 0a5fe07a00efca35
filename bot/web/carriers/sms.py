"""SMS over HTTP with any carrier that follows `docs/sms-gateway.md`: receives texts and reports, and sends texts."""

from __future__ import annotations

import json

import aiohttp
from aiohttp import web
from yarl import URL

from bot.conversations.channels import SMS
from bot.db import utcnow
from bot.helpline.texts import Leaving
from bot.settings import SmsSettings
from bot.web.carriers.carrier import Refused, TryLater
from bot.web.carriers.helpline import HELPLINE
from bot.web.carriers.signed_requests import refusal, signed_body
from bot.web.carriers.signing import BadSignature, signed_headers, target_of
from bot.web.carriers.sms_bodies import BodyRefused, InboundBody, StatusBody, read
from bot.web.keys import SETTINGS

INBOUND_PATH = "/helpline/sms/inbound"
STATUS_PATH = "/helpline/sms/status"
IDEMPOTENCY_KEY = "Idempotency-Key"

TIMEOUT = aiohttp.ClientTimeout(total=10)
LONGEST_GATEWAY_ID = 200
# The key or the address is being changed, timeout, too early, too many requests: a later attempt may succeed.
_NOT_NOW = (401, 403, 408, 425, 429)

routes = web.RouteTableDef()


@routes.post(INBOUND_PATH)
async def inbound(request: web.Request) -> web.Response:
    """Once this says 200 the text is stored."""
    try:
        body = read(InboundBody, await _signed_body(request))
    except (BadSignature, BodyRefused) as error:
        return refusal(error)
    await request.app[HELPLINE].receive(SMS, body.as_arrived())
    return web.json_response({"status": "accepted"})


@routes.post(STATUS_PATH)
async def status(request: web.Request) -> web.Response:
    try:
        body = read(StatusBody, await _signed_body(request))
    except (BadSignature, BodyRefused) as error:
        return refusal(error)
    if not await request.app[HELPLINE].report(SMS, body.as_report()):
        return web.json_response({"error": "没有这条短信"}, status=404)
    return web.json_response({"status": "accepted"})


class SmsCarrier:
    """Sends a text (`bot.web.carriers.carrier.Carrier`) by a signed POST; the carrier answers with its own id."""

    def __init__(self, session: aiohttp.ClientSession, settings: SmsSettings) -> None:
        self._session = session
        self._settings = settings

    async def send(self, leaving: Leaving) -> str:
        text = {"key": leaving.key, "to": leaving.user, "text": leaving.text}
        body = json.dumps(text, ensure_ascii=False).encode()
        target = target_of("POST", URL(self._settings.gateway_url))
        headers = {
            "Content-Type": "application/json",
            IDEMPOTENCY_KEY: leaving.key,
            **signed_headers(self._settings.secret, target, body, utcnow()),
        }
        try:
            async with self._session.post(
                self._settings.gateway_url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            ) as response:
                return _id_given(response.status, await response.read())
        except TimeoutError:
            raise TryLater("短信网关 10 秒内没有答复") from None
        except aiohttp.ClientError as error:
            raise TryLater(f"连不上短信网关（{type(error).__name__}）") from None


def _id_given(status: int, answer: bytes) -> str:
    """The carrier's id. Some carriers answer a known key with 409; if that has an id, they have the text."""
    if 200 <= status < 300 or status == 409:
        try:
            gateway_id = json.loads(answer)["id"]
        except (ValueError, RecursionError, TypeError, KeyError):
            gateway_id = None
        is_id = isinstance(gateway_id, str) and 0 < len(gateway_id) <= LONGEST_GATEWAY_ID and gateway_id.isprintable()
        if not is_id:
            raise TryLater(f"短信网关答复 {status}，但没有给编号")
        return str(gateway_id)
    if 400 <= status < 500 and status not in _NOT_NOW:
        raise Refused(f"短信网关拒收（{status}）")
    raise TryLater(f"短信网关答复 {status}")


async def _signed_body(request: web.Request) -> bytes:
    """Raises BadSignature."""
    settings = request.app[SETTINGS].sms
    assert settings is not None  # noqa: S101 # without it these routes are not added
    return await signed_body(request, settings.secret, SMS)
