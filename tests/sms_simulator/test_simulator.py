"""The stand-in carrier: it fails as it is told to, within the limits of the contract."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.db import utcnow
from bot.helpline.texts import Leaving
from bot.places import ROOT
from bot.running.ports import free_port
from bot.settings import SmsSettings
from bot.sms_simulator.carrier import (
    INBOUND_PATH,
    MOST_TIMES_UNKNOWN,
    STATUS_PATH,
    Assistant,
    Pauses,
    Shown,
    SimulatedCarrier,
)
from bot.sms_simulator.luck import Fate, Faults, Luck
from bot.sms_simulator.parts import cut
from bot.sms_simulator.server import TEXTS_PATH, make_server
from bot.web.carriers import sms
from bot.web.carriers.carrier import TryLater
from bot.web.carriers.signing import NONCE, checked_nonce, signed_headers
from bot.web.carriers.sms import SmsCarrier
from bot.web.carriers.sms_bodies import InboundBody, StatusBody, read
from tests.patience import WITHIN_SECONDS

pytestmark = pytest.mark.slow

SECRET = "a-secret-of-the-test"
NUMBER = "13800138000"
NO_PAUSE = Pauses(retry=0, longest_retry=0)

Handler = Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", [0]),
        ("a" * 160, [160]),
        ("a" * 161, [153, 8]),
        ("€" * 80, [80]),
        ("€" * 81, [76, 5]),
        ("字" * 70, [70]),
        ("字" * 71, [67, 4]),
        ("字" * 201, [67, 67, 67]),
        ("字" * 202, [67, 67, 67, 1]),
        ("😀" * 35, [35]),
        ("😀" * 36, [33, 3]),
        ("字" + "a" * 70, [67, 4]),
    ],
)
def test_a_telephone_makes_as_many_parts_of_a_text_as_the_standard_says(text: str, lengths: list[int]) -> None:
    assert [len(part) for part in cut(text)] == lengths


@given(st.text(max_size=500))
def test_the_parts_are_the_text(text: str) -> None:
    assert "".join(cut(text)) == text


def test_the_same_seed_draws_alike_and_as_often_as_it_is_told() -> None:
    one, same, other = (Luck(Faults(lose=10), seed) for seed in (1, 1, 2))
    fates = [one.fate() for _ in range(10_000)]
    assert fates == [same.fate() for _ in range(10_000)] != [other.fate() for _ in range(10_000)]
    counted = Counter(fates)
    assert 400 < counted[Fate.LOST] < 600
    assert 400 < counted[Fate.ANSWER_LOST] < 600
    assert not any(Luck(Faults(), 1).doubles() for _ in range(100))


@dataclass
class Heard:
    """An assistant that answers with `statuses` first, then always with 200."""

    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    nonces: list[str] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        raw = await request.read()
        checked_nonce(SECRET, f"POST {request.path}", request.headers, raw, utcnow())
        read(InboundBody if request.path == INBOUND_PATH else StatusBody, raw)
        self.nonces.append(request.headers[NONCE])
        self.requests.append((request.path, json.loads(raw)))
        return web.json_response({}, status=self.statuses.pop(0) if self.statuses else 200)

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [body for where, body in self.requests if where == path]


@asynccontextmanager
async def carrier_of(
    heard: Heard, faults: Faults, shown: list[Shown], tell: Callable[[str], None] = lambda trouble: None
) -> AsyncIterator[SimulatedCarrier]:
    app = web.Application()
    app.router.add_post("/{path:.*}", heard.handle)
    async with TestServer(app, host="127.0.0.1") as server, aiohttp.ClientSession() as session:
        assistant = Assistant(str(server.make_url("/")), SECRET)
        carrier = SimulatedCarrier(session, assistant, Luck(faults, 1), shown.append, NO_PAUSE, tell=tell)
        async with asyncio.timeout(WITHIN_SECONDS):
            yield carrier
        await carrier.stop()


async def test_a_text_is_brought_until_the_assistant_has_it_each_time_signed_anew() -> None:
    heard = Heard(statuses=[500, 503, 429])
    async with carrier_of(heard, Faults(), []) as carrier:
        ids = carrier.text(NUMBER, "您好")
        await carrier.settle()
    assert [body["id"] for body in heard.bodies(INBOUND_PATH)] == ids * 4
    assert len(set(heard.nonces)) == 4
    assert carrier.acknowledged == ids


async def test_what_the_assistant_will_never_take_is_not_brought_again() -> None:
    heard = Heard(statuses=[400])
    async with carrier_of(heard, Faults(), []) as carrier:
        carrier.text(NUMBER, "您好")
        await carrier.settle()
    assert carrier.refused == [(INBOUND_PATH, 400)]
    assert len(heard.requests) == 1


async def test_the_simulator_says_what_goes_wrong_by_itself() -> None:
    told: list[str] = []
    heard = Heard(statuses=[401])
    async with carrier_of(heard, Faults(), [], told.append) as carrier:
        carrier.text(NUMBER, "您好")
        await carrier.settle()
    assert told == ["The assistant answers 401: {}"]


async def test_a_long_text_comes_in_parts_of_one_reference_and_all_in_order_unless_told_otherwise() -> None:
    heard = Heard()
    async with carrier_of(heard, Faults(), []) as carrier:
        carrier.text(NUMBER, "字" * 150)
        carrier.text(NUMBER, "短")
        await carrier.settle()
    *parts, last = heard.bodies(INBOUND_PATH)
    assert [(part["part"]["number"], part["part"]["total"], len(part["text"])) for part in parts] == [
        (1, 3, 67),
        (2, 3, 67),
        (3, 3, 16),
    ]
    assert len({part["part"]["reference"] for part in parts}) == 1
    assert "part" not in last
    times = [body["received_at"] for body in heard.bodies(INBOUND_PATH)]
    assert times == sorted(set(times))


async def test_a_bad_carrier_loses_repeats_and_swaps_and_still_brings_everything() -> None:
    heard = Heard()
    async with carrier_of(heard, Faults(lose=20, double=20, reorder=20), []) as carrier:
        ids = [name for _ in range(200) for name in carrier.text(NUMBER, "您好")]
        await carrier.settle()
    brought = [body["id"] for body in heard.bodies(INBOUND_PATH)]
    assert set(brought) == set(ids)
    assert len(brought) > len(ids) * 1.2
    assert list(dict.fromkeys(brought)) != ids


async def test_each_key_is_delivered_once_in_order_and_reported_until_it_is_known() -> None:
    shown: list[Shown] = []
    heard = Heard(statuses=[404, 404])
    async with carrier_of(heard, Faults(), shown) as carrier:
        names = [carrier.take(key, NUMBER, key) for key in ("k1", "k2", "k1", "k3", "k2")]
        await carrier.settle()
    assert names[:2] == [names[2], names[4]]
    assert [text.key for text in shown] == ["k1", "k2", "k3"]
    reported = Counter(body["id"] for body in heard.bodies(STATUS_PATH))
    assert sum(reported.values()) == 5
    assert len(reported) == 3


async def test_a_report_that_stays_unknown_is_let_go() -> None:
    heard = Heard(statuses=[404] * 2 * MOST_TIMES_UNKNOWN)
    async with carrier_of(heard, Faults(), []) as carrier:
        carrier.take("k1", NUMBER, "您好")
        await carrier.settle()
        assert carrier.refused == []
    assert len(heard.bodies(STATUS_PATH)) == MOST_TIMES_UNKNOWN


@asynccontextmanager
async def taking(faults: Faults, shown: list[Shown]) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    async with carrier_of(Heard(), faults, shown) as carrier, TestClient(TestServer(make_server(carrier))) as client:
        yield client


async def test_the_simulator_takes_what_the_assistant_sends_and_what_it_loses_is_sent_again() -> None:
    shown: list[Shown] = []
    lost = 0
    async with taking(Faults(lose=50, reorder=50), shown) as client, aiohttp.ClientSession() as session:
        way_out = SmsCarrier(session, SmsSettings(str(client.make_url(TEXTS_PATH)), SECRET))
        for number in range(20):
            while True:
                try:
                    await way_out.send(Leaving(f"k{number}", NUMBER, "您好"))
                    break
                except TryLater:
                    lost += 1
    assert lost > 5
    assert [text.key for text in shown] == [f"k{number}" for number in range(20)]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"key": "k", "to": "1", "text": "x"}', {"Idempotency-Key": "k"}, 200),
        (b'{"key": "k", "to": "1", "text": "x"}', {"Idempotency-Key": "other"}, 400),
        (b'{"key": "k", "to": "1", "text": "x"}', {}, 400),
        (b'{"key": "k", "to": "1"}', {"Idempotency-Key": "k"}, 400),
        (b'{"key": "k", "to": 1, "text": "x"}', {"Idempotency-Key": "k"}, 400),
        (b"no json", {"Idempotency-Key": "k"}, 400),
    ],
)
async def test_the_simulator_is_strict_with_the_assistant(body: bytes, headers: dict[str, str], status: int) -> None:
    async with taking(Faults(), []) as client:
        signed = signed_headers(SECRET, f"POST {TEXTS_PATH}", body, utcnow()) | headers
        assert (await client.post(TEXTS_PATH, data=body, headers=signed)).status == status
        assert (await client.post(TEXTS_PATH, data=body, headers=signed)).status == 401
        assert (await client.post(TEXTS_PATH, data=body, headers=headers)).status == 401


@pytest.mark.machine_clock
async def test_the_terminal_shows_what_comes_back_and_ends_with_its_input() -> None:
    port = free_port()
    listen = f"127.0.0.1:{port}"
    answered: asyncio.Queue[str] = asyncio.Queue()

    async def answer(request: web.Request) -> web.Response:
        if request.path == INBOUND_PATH:
            answered.put_nowait((await request.json())["text"])
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    async with (
        asyncio.timeout(WITHIN_SECONDS * 3),
        TestServer(app, host="127.0.0.1") as server,
        aiohttp.ClientSession() as session,
    ):
        command = ["sms-simulator", "--url", str(server.make_url("")), "--listen", listen, "--secret", SECRET]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *command, cwd=ROOT, stdin=-1, stdout=-1, stderr=-1
        )
        assert process.stdin
        process.stdin.write("您好\n\n".encode())
        await process.stdin.drain()
        assert await answered.get() == "您好"
        settings = SmsSettings(f"http://{listen}{TEXTS_PATH}", SECRET)
        assert await SmsCarrier(session, settings).send(Leaving("k", NUMBER, "字" * 71 + "\n第二行"))
        process.stdin.close()
        output, errors = await process.communicate()
    assert process.returncode == 0
    assert errors == b""
    shown = output.decode()
    assert f"SMS_GATEWAY_URL={settings.gateway_url}\n" in shown
    assert f"SMS_SECRET={SECRET}\n" in shown
    assert f"SMS to {NUMBER}, 2 parts\n│ {'字' * 71}\n│ 第二行\n" in shown
    assert sms.TIMEOUT.total == 10
