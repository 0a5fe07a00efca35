"""The channels through which a citizen talks to the assistant: `await say(text)` returns all that comes back."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
from aiohttp import web

from bot.settings import WeChatSettings
from bot.sms_simulator.carrier import Assistant, Shown, SimulatedCarrier
from bot.sms_simulator.luck import Faults, Luck
from bot.sms_simulator.server import make_server
from bot.web.carriers.wechat_envelope import encrypt, open_message, read_xml, sign
from tests.patience import WITHIN_SECONDS

Say = Callable[[str], Awaitable[str]]

SMS_SECRET = "a-secret-of-the-tests"
WECHAT = WeChatSettings(
    "wx5823bf96d3bd56c7", "a secret", "a token of tests", "Q2l0eUhlbHBsaW5lV2VDaGF0QUVTS2V5Rm9yVGVzdHM", ""
)
_HELP = "直接发问题"


def portal(session: aiohttp.ClientSession, url: str, address: str) -> Say:
    """The page's socket; the conversation goes on from one message to the next."""
    opened: list[aiohttp.ClientWebSocketResponse] = []

    async def say(text: str) -> str:
        if not opened:
            opened.append(await session.ws_connect(f"{url}/ws", headers={"X-Forwarded-For": address, "Origin": url}))
            await opened[0].send_json({"type": "hello", "conversation": None})
        number = uuid.uuid4().hex
        await opened[0].send_json({"type": "say", "id": number, "text": text})
        while True:
            frame = await opened[0].receive_json(timeout=WITHIN_SECONDS)
            if frame.get("type") in ("answer", "error") and frame.get("id") == number:
                return str(frame)

    return say


def api(session: aiohttp.ClientSession, url: str, address: str) -> Say:
    conversation = f"leaks-{uuid.uuid4()}"

    async def say(text: str) -> str:
        body = {"conversation": conversation, "text": text}
        async with session.post(f"{url}/api/chat", json=body, headers={"X-Forwarded-For": address}) as response:
            return str(await response.json())

    return say


def engine(session: aiohttp.ClientSession, url: str, address: str) -> Say:
    sender = f"leaks-{uuid.uuid4()}"

    async def say(text: str) -> str:
        body = {"sender": sender, "message": text, "metadata": {"client": address}}
        async with session.post(f"{url}/webhooks/rest/webhook", json=body) as response:
            return str(await response.json())

    return say


@asynccontextmanager
async def telephone(session: aiohttp.ClientSession, url: str, carrier_port: int, number: str) -> AsyncIterator[Say]:
    """SMS by the simulator's carrier, which never fails here."""
    shown: asyncio.Queue[str] = asyncio.Queue()

    def show(text: Shown) -> None:
        if text.number == number:
            shown.put_nowait(text.text)

    carrier = SimulatedCarrier(session, Assistant(url, SMS_SECRET), Luck(Faults()), show)

    async def read() -> str:
        return await asyncio.wait_for(shown.get(), WITHIN_SECONDS)

    async def say(text: str) -> str:
        carrier.text(number, text)
        return await read()

    async with _served(make_server(carrier), carrier_port):
        try:
            await _until_all_is_read(say, read)
            yield say
            await _until_all_is_read(say, read)
        finally:
            await carrier.stop()


@asynccontextmanager
async def wechat(session: aiohttp.ClientSession, url: str, api_port: int, openid: str) -> AsyncIterator[Say]:
    """The official account: the answer comes in WeChat's own request, or as a customer-service message."""
    sent: asyncio.Queue[str] = asyncio.Queue()

    async def give_token(_: web.Request) -> web.Response:
        return web.json_response({"access_token": "token", "expires_in": 7200})

    async def take(request: web.Request) -> web.Response:
        sent.put_nowait((await request.json())["text"]["content"])
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def read() -> str:
        return await asyncio.wait_for(sent.get(), WITHIN_SECONDS)

    async def say(text: str) -> str:
        return await _push(session, url, openid, text) or await read()

    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", give_token)
    app.router.add_post("/cgi-bin/message/custom/send", take)
    async with _served(app, api_port):
        await _until_all_is_read(say, read)
        yield say
        await _until_all_is_read(say, read)


async def _until_all_is_read(say: Say, read: Callable[[], Awaitable[str]]) -> None:
    """Reads until no text is left over: the first message gets two texts, each later one gets one, in order."""
    await say("你好")
    answer = await say("帮助")
    while _HELP not in answer:
        answer = await read()


async def _push(session: aiohttp.ClientSession, url: str, openid: str, text: str) -> str:
    fields = {"ToUserName": "gh_7f083739789a", "FromUserName": openid, "CreateTime": str(int(time.time()))}
    fields |= {"MsgType": "text", "Content": text, "MsgId": str(secrets.randbelow(10**17))}
    xml = "<xml>" + "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items()) + "</xml>"
    encrypted = encrypt(WECHAT, xml)
    query = {"timestamp": str(int(time.time())), "nonce": secrets.token_hex(5)}
    query |= {"msg_signature": sign(WECHAT.token, *query.values(), encrypted), "encrypt_type": "aes"}
    body = f"<xml><ToUserName><![CDATA[x]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    async with session.post(f"{url}/helpline/wechat", params=query, data=body.encode()) as response:
        answered = await response.read()
    if not answered.startswith(b"<xml>"):
        return ""
    outer = read_xml(answered)
    query = {"timestamp": outer["TimeStamp"], "nonce": outer["Nonce"], "msg_signature": outer["MsgSignature"]}
    return open_message(WECHAT, query, answered, datetime.now(UTC))["Content"]


@asynccontextmanager
async def _served(app: web.Application, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()
