"""The way to the city's own work-order system through the whole application, with the simulated one."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.city_orders_simulator.server import make_server
from bot.city_orders_simulator.server import routes as their_routes
from bot.city_orders_simulator.system import ANSWER, Manner, SimulatedSystem
from bot.db import Database, utcnow
from bot.places import ROOT
from bot.reviews import city_orders as service
from bot.reviews import handling
from bot.reviews.city_order_states import CityOrderState
from bot.reviews.city_orders import Told
from bot.reviews.models import CityOrder
from bot.reviews.reasons import Kind, Priority, Reason
from bot.reviews.service import get_case, open_case
from bot.settings import Settings
from bot.sms_simulator.luck import Faults, Luck
from bot.staff import accounts
from bot.staff.roles import Role
from bot.web import city_orders as wire
from bot.web.carriers import work_loop
from bot.web.carriers.signing import signed_headers
from bot.web.city_order_bodies import told_in
from bot.web.city_orders import STATES_PATH
from tests.patience import WITHIN_SECONDS
from tests.web.console import Browser, fill, let_in, open_browser, settings_in
from tests.web.pages import WIDE, chromium, sign_in, violations
from tests.web.test_portal_page import NARROW

SECRET, KEY = "a-secret-of-the-test", "front"
CONTRACT = ROOT / "docs" / "work-order-contract.yaml"
CASE = "AJ-000001"


@dataclass
class Desk:
    browser: Browser
    database: Database
    system: SimulatedSystem

    async def act(self, name: str, **fields: str) -> str:
        token = let_in(self.browser, self.database, Role.CLERK)
        answer = await self.browser.post(f"/console/cases/{CASE}/{name}", data={"form_token": token, **fields})
        return await answer.text()

    async def tell(self, body: dict[str, Any], secret: str = SECRET) -> tuple[int, dict[str, str]]:
        raw = json.dumps(body).encode()
        headers = signed_headers(secret, f"POST {STATES_PATH}", raw, utcnow())
        answer = await self.browser.post(STATES_PATH, data=raw, headers=headers)
        return answer.status, await answer.json()

    def order(self) -> CityOrder:
        with self.database.transaction() as session:
            return service.orders_of(session, get_case(session, CASE))[-1]

    async def until(self, fits: Callable[[CityOrder], bool]) -> CityOrder:
        async with asyncio.timeout(WITHIN_SECONDS):
            while not fits(self.order()):
                await asyncio.sleep(0.02)
        return self.order()


@asynccontextmanager
async def opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch, manner: Manner, faults: Faults | None = None
) -> AsyncIterator[Desk]:
    """AJ-000001, which the clerk has claimed, and the other system, each at the address that the other knows."""
    for name in ("FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(wire, name, timedelta(0))
    monkeypatch.setattr(work_loop, "LOOK_EVERY_SECONDS", 0.02)
    async with aiohttp.ClientSession() as session:
        system = SimulatedSystem(session, "", SECRET, Luck(faults or Faults(), 7), manner, lambda _: None)
        async with TestServer(make_server(system, KEY), host="127.0.0.1") as theirs:
            settings = _with_system(settings_in(folder), str(theirs.make_url("")))
            monkeypatch.setattr(service, "in_force", lambda: settings.city_orders)
            database = Database(settings.database_url)
            fill(database)
            with database.transaction() as one:
                clerk, now = accounts.get_person(one, Role.CLERK), utcnow()
                case = open_case(one, "c1", "portal", Reason.ENTERED, [{"by": "citizen", "text": "路灯坏了"}], now)
                handling.claim(one, case, clerk, now)
            async with open_browser(settings) as browser:
                system.assistant = str(browser.make_url("")).rstrip("/")
                yield Desk(browser, database, system)
                await system.stop()


def _with_system(settings: Settings, url: str) -> Settings:
    environ = {"CITY_ORDERS_URL": url, "CITY_ORDERS_KEY": KEY, "CITY_ORDERS_SECRET": SECRET}
    system = Settings.from_environment(environ).city_orders
    assert system is not None
    return replace(settings, city_orders=replace(system, poll_every=timedelta(0)))


async def test_a_case_goes_out_and_its_answer_comes_back_however_unreliable_the_other_side_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manner = Manner(step=0.05, retry=0.01)
    async with opened(tmp_path, monkeypatch, manner, Faults(lose=40, double=40, reorder=40)) as desk:
        assert "请写明请对方办什么" in await desk.act("hand-out", why="")
        assert "已转城市工单系统" in await desk.act("hand-out", why="请派人修")
        ended = await desk.until(lambda order: order.state == CityOrderState.DONE)
        assert (ended.answer, len(desk.system.orders)) == (ANSWER, 1)
        page = await (await desk.browser.get(f"/console/cases/{CASE}")).text()
        assert ended.outer_number is not None
        assert ended.outer_number in page
        assert "待审核" in page


async def test_a_system_that_tells_nothing_is_asked_and_a_return_is_the_clerks_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, monkeypatch, Manner(step=0.05, is_silent=True, returns=True)) as desk:
        await desk.act("hand-out", why="请派人修")
        await desk.until(lambda order: order.state == CityOrderState.RETURNED)
        assert CASE in await (await desk.browser.get("/console/queue?came_back=1")).text()
        async with chromium(desk.browser) as open_page:
            page, found = await open_page(), []
            await sign_in(page, Role.CLERK)
            for viewport in (WIDE, NARROW):
                await page.set_viewport_size(viewport)
                await page.goto(f"/console/cases/{CASE}")
                await page.get_by_text("再转城市工单系统").click()
                found += await violations(page)
        assert not found, "\n".join(found)


async def test_a_system_that_is_down_blocks_nothing_and_the_withdrawal_reaches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, monkeypatch, Manner(step=60), Faults(lose=99.9)) as desk:
        await desk.act("hand-out", why="请派人修")
        await desk.until(lambda order: bool(order.trouble))
        assert "会自动再试" in await (await desk.browser.get(f"/console/cases/{CASE}")).text()
        assert "已收回" in await desk.act("take-back")
        desk.system.luck = Luck(Faults())
        assert (await desk.until(lambda order: order.next_at is None)).state == CityOrderState.WITHDRAWN


async def test_only_what_is_signed_and_known_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path, monkeypatch, Manner(step=60)) as desk:
        await desk.act("hand-out", why="请派人修")
        await desk.until(lambda order: order.sent_at is not None)
        accepted, done, returned = ({**one, "number": CASE} for one in examples("/city-orders/states", "post"))
        for body, heard in ((accepted, "taken"), (done, "taken"), (returned, "stale"), (done, "stale")):
            assert await desk.tell(body) == (200, {"status": heard})
        assert (await desk.tell(done, "another-secret-of-16"))[0] == 401
        assert (await desk.tell({**done, "number": "AJ-000009"}))[0] == 404
        for wrong, said in (
            ({"answer": ""}, "done 要有 answer"),
            ({"state": "lost"}, "state 要是received、accepted"),
            ({"sequence": 0}, "sequence 要是"),
            ({"more": 1}, "没有 more"),
        ):
            status, answer = await desk.tell({**done, **wrong})
            assert (status, said in answer["error"]) == (400, True)


# The contract


def contract() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(CONTRACT.read_text())
    return document


def examples(path: str, method: str) -> list[dict[str, Any]]:
    body = contract()["paths"][path][method]["requestBody"]["content"]["application/json"]
    return [example["value"] for example in body["examples"].values()]


def test_the_contract_names_the_routes_of_both_sides() -> None:
    document = contract()
    for reference in re.findall(r'\$ref: "#/([^"]+)"', CONTRACT.read_text()):
        assert reduce(lambda node, name: node[name], reference.split("/"), document)
    ours, theirs = (
        {
            (path, method)
            for path, methods in document["paths"].items()
            for method in methods
            if method not in ("servers", "parameters") and ("servers" in methods) == is_theirs
        }
        for is_theirs in (False, True)
    )
    assert ours == _routes(wire.routes)
    assert theirs == _routes(their_routes)


def _routes(table: web.RouteTableDef) -> set[tuple[str, str]]:
    return {(route.path, route.method.lower()) for route in table if isinstance(route, web.RouteDef)}


async def test_the_contract_tells_what_we_send_and_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schemas = contract()["components"]["schemas"]
    state, order = schemas["OrderState"], schemas["Order"]
    assert state["properties"]["state"]["enum"] == list(Told)
    assert set(order["properties"]["kind"]["enum"]) == set(Kind)
    assert set(order["properties"]["priority"]["enum"]) == set(Priority)
    assert set(state["properties"]) == {"number", "outer_number", "state", "sequence", "at", "reason", "answer"}
    for example in examples("/city-orders/states", "post"):
        assert told_in(json.dumps(example).encode()).number == example["number"]
    async with opened(tmp_path, monkeypatch, Manner(step=60)) as desk:
        await desk.act("hand-out", why="请派人修")
        await desk.until(lambda sent: sent.sent_at is not None)
        (taken,) = desk.system.orders.values()
    assert set(taken.body) == set(order["required"]) == set(order["properties"]) == set(examples("/orders", "post")[0])
