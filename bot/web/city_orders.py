"""The way to the city's own work-order system and back: `docs/city-orders.md`.

Orders are stored by `bot.reviews.city_orders`; a loop here sends them and asks after those of which nothing is heard.
Several processes may do so: each errand is taken by one of them. Their call-backs come to `STATES_PATH`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

import aiohttp
from aiohttp import web
from sqlalchemy.orm import Session
from yarl import URL

from bot.db import Database, utcnow
from bot.helpline.backoff import pause
from bot.reviews import city_orders
from bot.reviews.city_order_states import ToSend
from bot.reviews.city_orders import Errand, Heard, OrderTold
from bot.settings import CityOrderSettings
from bot.web.carriers.carrier import Refused, TryLater
from bot.web.carriers.signed_requests import refusal, signed_body
from bot.web.carriers.signing import BadSignature, signed_headers, target_of
from bot.web.carriers.sms_bodies import BodyRefused
from bot.web.carriers.work_loop import WorkLoop
from bot.web.city_order_bodies import told_in
from bot.web.keys import DATABASE, LIVE, SETTINGS
from bot.web.live import QUEUE, Live

P = ParamSpec("P")
T = TypeVar("T")

STATES_PATH = "/city-orders/states"
ORDERS_PATH = "/orders"
IDEMPOTENCY_KEY = "Idempotency-Key"

TIMEOUT = aiohttp.ClientTimeout(total=10)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=15)
_SENT_AT_ONCE = 4
_MOST_ANSWER_BYTES = 64 * 1024
# The key is being changed, timeout, in use, too early, too many requests: a later attempt may succeed.
_NOT_NOW = (401, 403, 408, 423, 425, 429)
_GONE = (404, 410)
_SENDER = "city-orders"

routes = web.RouteTableDef()


@routes.post(STATES_PATH)
async def states(request: web.Request) -> web.Response:
    """Once this says 200 the state is stored; `stale`: this one, or a newer one, was known before."""
    settings = request.app[SETTINGS].city_orders
    assert settings is not None  # noqa: S101 # without it this route is not added
    try:
        told = told_in(await signed_body(request, settings.secret, _SENDER))
    except (BadSignature, BodyRefused) as error:
        return refusal(error)
    database = request.app[DATABASE]
    heard, changed = await asyncio.to_thread(database.run, city_orders.hear, told, settings.poll_every, utcnow())
    if heard is Heard.UNKNOWN:
        return web.json_response({"error": "没有这个编号的工单"}, status=404)
    await request.app[LIVE].changed(*changed, QUEUE)
    return web.json_response({"status": heard.value})


class CityOrderSystem:
    """The other system: takes an order, tells its state, lets it go. Each request is signed.

    Raises, from all functions:
        TryLater: it is not reached, or cannot do it now.
        Refused: it never will.
    """

    def __init__(self, session: aiohttp.ClientSession, settings: CityOrderSettings) -> None:
        self._session = session
        self._settings = settings

    async def send(self, errand: Errand) -> OrderTold:
        body = json.dumps(errand.body, ensure_ascii=False).encode()
        status, answer = await self._ask("POST", ORDERS_PATH, body, {IDEMPOTENCY_KEY: errand.number})
        return _told(status, answer, errand.number)

    async def state_of(self, number: str) -> OrderTold | None:
        """None: it knows no such order."""
        status, answer = await self._ask("GET", f"{ORDERS_PATH}/{quote(number)}")
        return None if status in _GONE else _told(status, answer, number)

    async def withdraw(self, number: str) -> None:
        """Also fine if the order is not there, or is over already."""
        status, _ = await self._ask("DELETE", f"{ORDERS_PATH}/{quote(number)}")
        if not 200 <= status < 300 and status not in (*_GONE, 409):
            raise _failure(status)

    async def _ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        url = self._settings.url + path
        signed = signed_headers(self._settings.secret, target_of(method, URL(url)), body, utcnow())
        sent = {
            "Authorization": f"Bearer {self._settings.key}",
            "Content-Type": "application/json",
            **(headers or {}),
            **signed,
        }
        try:
            async with self._session.request(
                method, url, data=body or None, headers=sent, timeout=TIMEOUT, allow_redirects=False
            ) as response:
                return response.status, await response.content.read(_MOST_ANSWER_BYTES)
        except TimeoutError:
            raise TryLater("城市工单系统 10 秒内没有答复") from None
        except aiohttp.ClientError as error:
            raise TryLater(f"连不上城市工单系统（{type(error).__name__}）") from None


class CityOrders:
    """Does the errands at the other system, one piece of work after another."""

    def __init__(self, database: Database, live: Live, system: CityOrderSystem, settings: CityOrderSettings) -> None:
        self._database = database
        self._live = live
        self._system = system
        self._poll_every = settings.poll_every
        self._loop = WorkLoop(self._find, self.do, _SENT_AT_ONCE)

    async def run(self) -> None:
        await self._loop.run()

    async def do(self, order_id: int) -> None:
        """Does what is due about the order, if no other process does."""
        errand = await self._run(city_orders.begin, order_id, utcnow())
        if errand is None:
            return
        try:
            changed = await self._do(errand)
        except (TryLater, Refused) as error:
            wait = pause(errand.attempts, FIRST_PAUSE, LONGEST_PAUSE)
            await self._run(city_orders.put_off, errand.order_id, str(error), wait, utcnow())
        else:
            await self._live.changed(*changed, QUEUE)

    async def _do(self, errand: Errand) -> list[str]:
        """The conversations whose case changed by it. Raises TryLater, Refused."""
        if errand.to_send is ToSend.WITHDRAWAL:
            await self._system.withdraw(errand.number)
            await self._run(city_orders.withdrawal_taken, errand.order_id)
            return []
        if errand.to_send is ToSend.ORDER:
            return await self._send(errand)
        told = await self._system.state_of(errand.number)
        if told is None:
            await self._run(city_orders.send_again, errand.order_id, utcnow())
            return []
        _, changed = await self._run(city_orders.hear, told, self._poll_every, utcnow())
        return changed

    async def _send(self, errand: Errand) -> list[str]:
        try:
            told = await self._system.send(errand)
        except Refused as error:
            return await self._run(city_orders.refused, errand.order_id, str(error), utcnow())
        return await self._run(city_orders.sent, errand.order_id, told, self._poll_every, utcnow())

    async def _run(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(partial(self._database.run, work, *args, **kwargs))

    def _find(self, but: Collection[int]) -> list[int]:
        found = self._database.run(city_orders.due, utcnow())
        return [order_id for order_id in found if order_id not in but]


def add_city_orders(app: web.Application) -> None:
    """Without the other system in the settings it adds nothing."""
    if app[SETTINGS].city_orders is not None:
        app.add_routes(routes)
        app.cleanup_ctx.append(_open)


async def _open(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS].city_orders
    assert settings is not None  # noqa: S101 # `add_city_orders` has looked
    async with aiohttp.ClientSession() as session:
        system = CityOrderSystem(session, settings)
        running = asyncio.create_task(CityOrders(app[DATABASE], app[LIVE], system, settings).run())
        yield
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _told(status: int, answer: bytes, number: str) -> OrderTold:
    """The state in an answer. Some systems answer a known number with 409; if that has a state, they have the order."""
    if not 200 <= status < 300 and status != 409:
        raise _failure(status)
    try:
        told = told_in(answer)
    except BodyRefused as error:
        raise TryLater(f"城市工单系统答复 {status}，但内容不对：{error}") from None
    if told.number != number:
        raise TryLater(f"城市工单系统答复 {status}，但说的是另一张单")
    return told


def _failure(status: int) -> TryLater | Refused:
    if 400 <= status < 500 and status not in _NOT_NOW:
        return Refused(f"城市工单系统拒收（{status}）")
    return TryLater(f"城市工单系统答复 {status}")
