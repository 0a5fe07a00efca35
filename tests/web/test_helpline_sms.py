"""SMS over HTTP through the whole application, with a fake engine and a fake carrier."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from threading import Thread
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.channels import SMS
from bot.db import Database, utcnow
from bot.helpline import backoff, inbox, nonces, outbox
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.helpline.subscribers import block, subscriber_of
from bot.helpline.texts import Arrived, Leaving, TextPart
from bot.incidents.models import Incident
from bot.places import ROOT
from bot.replies import helpline as wording
from bot.reviews.models import Case
from bot.sealing import Sealer
from bot.settings import Settings, SmsSettings
from bot.web.app import make_app
from bot.web.carriers import signing, sms
from bot.web.carriers.carrier import Refused, TryLater
from bot.web.carriers.signing import NONCE, SIGNATURE, TIMESTAMP, BadSignature, checked_nonce, sign, signed_headers
from bot.web.carriers.sms import IDEMPOTENCY_KEY, INBOUND_PATH, STATUS_PATH, SmsCarrier
from bot.web.keys import DATABASE
from tests.databases import set_up
from tests.helpline.town import add_city
from tests.patience import WITHIN_SECONDS
from tests.web.engine import Engine

SECRET = "a-secret-of-the-test"
NUMBER, ANOTHER = "13800138000", "13900139000"
CITY, HOTLINE = "云河市", "12345"
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
DOCUMENT = ROOT / "docs" / "sms-gateway.md"
OPENAPI = ROOT / "docs" / "sms-gateway.openapi.yml"

Answer = Callable[[dict[str, Any]], Awaitable[web.StreamResponse]]


@dataclass
class FakeCarrier:
    """Accepts the assistant's texts; while there are `answers`, it gives those instead."""

    requests: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    one_more: asyncio.Condition = field(default_factory=asyncio.Condition)
    _ids: dict[str, str] = field(default_factory=dict)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw)
        async with self.one_more:
            self.requests.append((request.headers.copy(), raw))
            self.one_more.notify_all()
        if self.answers:
            return await self.answers.pop(0)(body)
        return web.json_response({"id": self._ids.setdefault(body["key"], f"out-{len(self._ids) + 1}")})

    @property
    def texts(self) -> list[tuple[str, str]]:
        bodies = [json.loads(raw) for _, raw in self.requests]
        return [(body["to"], body["text"]) for body in bodies]

    async def has_heard(self, count: int) -> list[tuple[str, str]]:
        async with asyncio.timeout(WITHIN_SECONDS), self.one_more:
            await self.one_more.wait_for(lambda: len(self.requests) >= count)
        return self.texts


@dataclass
class Town:
    client: TestClient[web.Request, web.Application]
    engine: Engine
    carrier: FakeCarrier
    settings: Settings
    count: int = 0

    @property
    def database(self) -> Database:
        assert self.client.app is not None
        return self.client.app[DATABASE]

    async def post(self, path: str, body: bytes | dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = signed_headers(SECRET, f"POST {path}", raw, utcnow()) if headers is None else headers
        response = await self.client.post(path, data=raw, headers=headers)
        return response.status, await response.json()

    async def text(self, text: str, number: str = NUMBER, **others: Any) -> str:
        """Arrives rightly; the id that the carrier gave it."""
        body = self.inbound(text, number, **others)
        assert await self.post(INBOUND_PATH, body) == (200, {"status": "accepted"})
        return str(body["id"])

    def inbound(self, text: str, number: str = NUMBER, **others: Any) -> dict[str, Any]:
        self.count += 1
        received_at = (NOON + timedelta(seconds=self.count)).isoformat()
        return {
            "id": f"in-{self.count}",
            "from": number,
            "to": HOTLINE,
            "text": text,
            "received_at": received_at,
        } | others

    def states(self, number: str = NUMBER) -> list[str]:
        """Of what came from there."""
        with self.database.transaction() as session:
            who = subscriber_of(session, Sealer.of(self.settings), SMS, number)
            found = select(Inbound.state).where(Inbound.subscriber_id == who.id).order_by(Inbound.id)
            return list(session.scalars(found))

    def outgoing(self) -> list[Outgoing]:
        with self.database.transaction() as session:
            return list(session.scalars(select(Outgoing).order_by(Outgoing.id)))


@asynccontextmanager
async def opened(tmp_path: Path, **settings: str) -> AsyncIterator[Town]:
    engine, carrier = Engine(), FakeCarrier()
    wire = web.Application()
    wire.router.add_post("/texts", carrier.handle)
    async with engine.serving() as port, TestServer(wire, host="127.0.0.1") as wire_server:
        environment = {
            "VAR_DIR": str(tmp_path),
            "ENGINE_PORT": port,
            "SMS_GATEWAY_URL": str(wire_server.make_url("/texts")),
            "SMS_SECRET": SECRET,
            **settings,
        }
        made = Settings.from_environment(environment)
        database = Database(made.database_url)
        set_up(database)
        with database.transaction() as session:
            add_city(session)
        database.close()
        async with TestClient(TestServer(make_app(made))) as client:
            yield Town(client, engine, carrier, made)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with opened(tmp_path) as here:
        yield here


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", timedelta(0))


# Signatures


TARGET = f"POST {INBOUND_PATH}"
BODY = b'{"text": "\xe6\x82\xa8\xe5\xa5\xbd"}'


def headers_of(body: bytes = BODY, at: datetime = NOON, secret: str = SECRET) -> dict[str, str]:
    return signed_headers(secret, TARGET, body, at)


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_a_signature_holds_for_five_minutes_before_and_after_our_clock(seconds: int) -> None:
    headers = headers_of(at=NOON + timedelta(seconds=seconds))
    assert checked_nonce(SECRET, TARGET, headers, BODY, NOON) == headers[NONCE]


@pytest.mark.parametrize("seconds", [-301, 301, -(10**8), 10**9])
def test_a_signature_from_further_away_does_not_hold(seconds: int) -> None:
    with pytest.raises(BadSignature, match="5 分钟"):
        checked_nonce(SECRET, TARGET, headers_of(at=NOON + timedelta(seconds=seconds)), BODY, NOON)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({TIMESTAMP: ""}, f"缺少请求头 {TIMESTAMP}"),
        ({NONCE: "", SIGNATURE: ""}, f"缺少请求头 {NONCE}、{SIGNATURE}"),
        ({TIMESTAMP: "12:00"}, "秒数"),
        ({TIMESTAMP: "-5"}, "秒数"),
        ({TIMESTAMP: "9" * 13}, "秒数"),
        ({NONCE: "short"}, "16 到 64"),
        ({NONCE: "with\nline-feed-in-it"}, "16 到 64"),
        ({NONCE: "another-one-of-the-right-length"}, "签名不对"),
        ({SIGNATURE: "0" * 64}, "签名不对"),
        ({SIGNATURE: "\udce6\udce6"}, "签名不对"),
        ({TIMESTAMP: "1772424001"}, "签名不对"),
    ],
)
def test_what_is_signed_otherwise_is_refused_and_says_why(changed: dict[str, str], message: str) -> None:
    with pytest.raises(BadSignature, match=message):
        checked_nonce(SECRET, TARGET, headers_of() | changed, BODY, NOON)


def test_a_changed_body_another_secret_another_path_and_another_method_do_not_pass() -> None:
    for target in (f"POST {STATUS_PATH}", f"PUT {INBOUND_PATH}", f"POST {INBOUND_PATH}?again=1"):
        with pytest.raises(BadSignature, match="签名不对"):
            checked_nonce(SECRET, target, headers_of(), BODY, NOON)
    with pytest.raises(BadSignature, match="签名不对"):
        checked_nonce(SECRET, TARGET, headers_of(), BODY + b" ", NOON)
    with pytest.raises(BadSignature, match="签名不对"):
        checked_nonce(SECRET, TARGET, headers_of(secret="another-secret-of-the-test"), BODY, NOON)


def test_a_signature_may_be_written_in_capitals() -> None:
    headers = headers_of()
    assert checked_nonce(SECRET, TARGET, headers | {SIGNATURE: headers[SIGNATURE].upper()}, BODY, NOON)


def test_nonces_are_remembered_for_longer_than_a_signature_holds() -> None:
    assert nonces.REMEMBERED_FOR > 2 * signing.SKEW


# Incoming texts


async def test_a_text_is_answered_on_the_road_of_the_portal_and_greeted_once(town: Town) -> None:
    await town.text("身份证丢了怎么补")
    assert await town.carrier.has_heard(2) == [(NUMBER, "答：身份证丢了怎么补"), (NUMBER, wording.first_contact(CITY))]
    await town.text("要多少钱")
    assert (await town.carrier.has_heard(3))[2] == (NUMBER, "答：要多少钱")


async def test_while_the_engine_starts_a_text_waits_and_the_citizen_reads_the_answer_alone(town: Town) -> None:
    town.engine.fails = inbox.MOST_ATTEMPTS - 1
    await town.text("身份证丢了怎么补")
    heard = await town.carrier.has_heard(2)
    assert [text for _, text in heard] == ["答：身份证丢了怎么补", wording.first_contact(CITY)]


async def test_an_engine_that_stays_away_is_told_of_once_and_is_an_incident(town: Town) -> None:
    town.engine.fails = inbox.MOST_ATTEMPTS
    await town.text("身份证丢了怎么补")
    heard = await town.carrier.has_heard(2)
    assert "您的话已经记下" in heard[0][1]
    assert len(town.engine.asked) == inbox.MOST_ATTEMPTS
    with town.database.transaction() as session:
        assert [each.kind for each in session.scalars(select(Incident))] == ["engine"]
        assert session.scalars(select(Case)).all() == []
    assert town.states() == ["answered"]


@pytest.mark.parametrize("path", [INBOUND_PATH, STATUS_PATH])
async def test_what_is_not_signed_is_refused_before_it_is_read(town: Town, path: str) -> None:
    status, body = await town.post(path, b"no json", headers={})
    assert status == 401
    assert body["error"].startswith("缺少请求头")
    for shift in (-signing.SKEW - timedelta(minutes=1), signing.SKEW + timedelta(minutes=1)):
        raw = json.dumps(town.inbound("旧的")).encode()
        status, body = await town.post(path, raw, signed_headers(SECRET, f"POST {path}", raw, utcnow() + shift))
        assert (status, "5 分钟" in body["error"]) == (401, True)
    assert town.states() == []


async def test_clocks_may_differ_by_some_minutes(town: Town) -> None:
    for shift in (timedelta(minutes=-4), timedelta(minutes=4)):
        raw = json.dumps(town.inbound("您好")).encode()
        assert (await town.post(INBOUND_PATH, raw, signed_headers(SECRET, TARGET, raw, utcnow() + shift)))[0] == 200


async def test_a_copy_of_a_request_is_refused_also_at_another_address(town: Town) -> None:
    raw = json.dumps(town.inbound("您好")).encode()
    headers = signed_headers(SECRET, TARGET, raw, utcnow())
    assert (await town.post(INBOUND_PATH, raw, headers))[0] == 200
    for path, why in ((INBOUND_PATH, "已经用过"), (STATUS_PATH, "签名不对"), (f"{INBOUND_PATH}?a=1", "签名不对")):
        status, body = await town.post(path, raw, headers)
        assert status == 401
        assert why in body["error"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"id": ""}, "id 要是"),
        ({"id": 7}, "id 要是"),
        ({"id": "x" * 101}, "id 要是"),
        ({"id": "a b"}, "id 要是"),
        ({"id": "a\n"}, "id 要是"),
        ({"id": "a\u0000"}, "id 要是"),
        ({"from": None}, "from 要是"),
        ({"from": "小明"}, "from 要是"),
        ({"from": "１３８００１３８０００"}, "from 要是"),
        ({"from": "1" * 21}, "from 要是"),
        ({"to": "12345\n"}, "to 要是"),
        ({"text": 5}, "text 要是"),
        ({"text": None}, "text 要是"),
        ({"text": "a\u0000b"}, "text 要是"),
        ({"text": "长" * 10_001}, "text 要是"),
        ({"text": "\ud83d"}, "请求要是"),
        ({"received_at": "2026-03-02T12:00:00"}, "received_at 要是"),
        ({"received_at": "2026-03-02"}, "received_at 要是"),
        ({"received_at": 1772424000}, "received_at 要是"),
        ({"received_at": "1772424000"}, "received_at 要是"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "received_at 要是"),
        ({"received_at": "9999-12-31T23:59:59-14:00"}, "received_at 要是"),
        ({"part": {}}, "缺少 part.reference"),
        ({"part": 1}, "part 要是"),
        ({"part": {"reference": 65_536, "total": 2, "number": 1}}, "part.reference 要是"),
        ({"part": {"reference": 1, "total": 1, "number": 1}}, "part.total 要是"),
        ({"part": {"reference": 1, "total": 256, "number": 1}}, "part.total 要是"),
        ({"part": {"reference": 1, "total": 2, "number": 0}}, "part.number 要是"),
        ({"part": {"reference": 1, "total": 2, "number": 3}}, "part.number 要是"),
        ({"part": {"reference": 1, "total": 2, "number": True}}, "part.number 要是"),
        ({"part": {"reference": 1, "total": "2", "number": 1}}, "part.total 要是"),
        ({"parts": 2}, "没有 parts 这一项"),
        ({"行\n行": 2}, "没有 行\n行 这一项"),
    ],
)
async def test_what_is_no_text_is_refused_and_says_which_field_must_be_what(
    town: Town, changed: dict[str, Any], message: str
) -> None:
    status, body = await town.post(INBOUND_PATH, town.inbound("您好") | changed)
    assert status == 400
    assert body["error"].startswith(message)
    assert town.states() == []


@pytest.mark.parametrize("raw", [b"", b"no json", b"[]", b'"text"', b"null", b"\xff\xfe", b"[" * 50_000, b"{}"])
async def test_what_is_no_object_is_refused(town: Town, raw: bytes) -> None:
    for path in (INBOUND_PATH, STATUS_PATH):
        status, body = await town.post(path, raw)
        assert status == 400
        assert body["error"]


async def test_a_body_that_is_too_large_is_refused(town: Town) -> None:
    status, body = await town.post(INBOUND_PATH, b'{"text": "' + b"x" * 100_000 + b'"}')
    assert status == 413
    assert body["error"]


async def test_the_longest_text_fits_into_a_body_however_it_is_written(town: Town) -> None:
    await town.text("长" * 10_000)
    assert await town.carrier.has_heard(1) == [(NUMBER, wording.too_long(2000))]


async def test_the_same_id_again_is_the_same_text_also_when_both_come_at_once(town: Town) -> None:
    body = town.inbound("身份证丢了怎么补")
    answers = await asyncio.gather(*(town.post(INBOUND_PATH, body) for _ in range(5)))
    assert [status for status, _ in answers] == [200] * 5
    await town.carrier.has_heard(2)
    assert (await town.post(INBOUND_PATH, body))[0] == 200
    await town.text("要多少钱")
    texts = await town.carrier.has_heard(3)
    assert [text for _, text in texts] == ["答：身份证丢了怎么补", wording.first_contact(CITY), "答：要多少钱"]
    assert town.engine.asked == ["身份证丢了怎么补", "要多少钱"]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1), (3, 2, 1)])
async def test_parts_are_joined_in_whatever_order_they_come(town: Town, order: Sequence[int]) -> None:
    said = {1: "我的身份证丢了，", 2: "户口在外地，", 3: "在这里能补吗"}
    for number in order:
        part = {"reference": 65_535, "total": 3, "number": number}
        assert town.engine.asked == []
        await town.text(said[number], part=part)
    texts = await town.carrier.has_heard(1)
    assert texts[0] == (NUMBER, "答：我的身份证丢了，户口在外地，在这里能补吗")
    assert Counter(town.states()) == {inbox.InboundState.ANSWERED: 1, inbox.InboundState.JOINED: 2}


async def test_parts_that_come_at_once_are_joined_once(tmp_path: Path, database_url: str) -> None:
    async with opened(tmp_path, DATABASE_URL=database_url) as town:
        parts = [
            town.inbound(f"{number}，", part={"reference": 7, "total": 10, "number": number}) for number in range(1, 11)
        ]
        answers = await asyncio.gather(*(town.post(INBOUND_PATH, part) for part in [*parts, *parts]))
        assert {status for status, _ in answers} == {200}
        await town.text("还在吗")
        texts = [text for _, text in await town.carrier.has_heard(3)]
        assert texts[0] == "答：1，2，3，4，5，6，7，8，9，10，"
        assert sorted(texts[1:]) == sorted([wording.first_contact(CITY), "答：还在吗"])


def test_parts_in_transactions_that_overlap_see_each_other(database: Database) -> None:
    sealer = Sealer(Fernet.generate_key())

    def keep(session: Session, number: int) -> None:
        arrived = Arrived(f"in-{number}", NUMBER, f"{number}，", NOON, TextPart(7, 2, number))
        inbox.keep(session, sealer, SMS, arrived, 60, NOON)

    def keep_second() -> None:
        with database.transaction() as session:
            keep(session, 2)

    with database.transaction() as session:
        subscriber_of(session, sealer, SMS, NUMBER)
    second = Thread(target=keep_second)
    with database.transaction() as session:
        keep(session, 1)
        second.start()
        second.join(0.3)  # it must wait for our transaction; if it does not wait, it does not see our part either
    second.join()
    with database.transaction() as session:
        assert sorted(session.scalars(select(Inbound.state))) == [inbox.InboundState.JOINED, inbox.InboundState.WAITING]


async def test_parts_of_different_texts_and_people_are_not_joined(town: Town) -> None:
    await town.text("一", part={"reference": 1, "total": 2, "number": 1})
    await town.text("二", part={"reference": 2, "total": 2, "number": 2})
    await town.text("二", ANOTHER, part={"reference": 1, "total": 2, "number": 2})
    await town.text("到了吗", ANOTHER)
    assert (await town.carrier.has_heard(1))[0] == (ANOTHER, "答：到了吗")
    assert town.states() == [inbox.InboundState.INCOMPLETE] * 2


async def test_what_waits_is_answered_in_the_order_in_which_the_carrier_got_it(town: Town) -> None:
    town.engine.may_answer.clear()
    first, second, third = (town.inbound(text) for text in ("第一", "第二", "第三"))
    assert (await town.post(INBOUND_PATH, first))[0] == 200
    await asyncio.wait_for(town.engine.was_asked.wait(), WITHIN_SECONDS)
    for late in (third, second):
        assert (await town.post(INBOUND_PATH, late))[0] == 200
    town.engine.may_answer.set()
    texts = [text for _, text in await town.carrier.has_heard(4)]
    texts.remove(wording.first_contact(CITY))
    assert texts == ["答：第一", "答：第二", "答：第三"]


async def test_help_and_unsubscribing_are_answered_without_the_bot_and_writing_subscribes_again(town: Town) -> None:
    await town.text("帮助")
    await town.carrier.has_heard(1)
    await town.text("退订")
    await town.carrier.has_heard(2)
    await town.text("又想问了")
    texts = [text for _, text in await town.carrier.has_heard(3)]
    assert texts == [wording.help_text(CITY, HOTLINE), wording.unsubscribed(), "答：又想问了"]
    assert town.engine.asked == ["又想问了"]


async def test_a_blocked_number_is_acknowledged_and_neither_read_nor_answered(town: Town) -> None:
    with town.database.transaction() as session:
        block(subscriber_of(session, Sealer.of(town.settings), SMS, NUMBER), "骚扰", utcnow())
    await town.text("您好")
    await town.text("您好", ANOTHER)
    assert (await town.carrier.has_heard(1))[0] == (ANOTHER, "答：您好")
    assert town.states() == [inbox.InboundState.BLOCKED]
    assert town.engine.asked == ["您好"]


async def test_who_writes_too_often_is_told_so_once(tmp_path: Path) -> None:
    async with opened(tmp_path, TEXTS_PER_NUMBER_HOUR="2") as town:
        for text in ("一", "二", "三", "四", "五"):
            await town.text(text)
        texts = [text for _, text in await town.carrier.has_heard(4)]
        assert sorted(texts) == sorted(["答：一", "答：二", wording.first_contact(CITY), wording.too_fast()])
        await town.text("别人", ANOTHER)
        assert (await town.carrier.has_heard(5))[4] == (ANOTHER, "答：别人")
        assert town.states() == [inbox.InboundState.ANSWERED] * 2 + [inbox.InboundState.TOO_OFTEN] * 3


async def test_one_person_is_one_however_the_carrier_writes_the_number(town: Town) -> None:
    for number in (NUMBER, f"+86{NUMBER}", f"86{NUMBER}"):
        await town.text("您好", number)
    texts = await town.carrier.has_heard(4)
    assert {number for number, _ in texts} == {NUMBER}


async def test_no_log_line_holds_a_number_or_a_word(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    town.carrier.answers = [answering(500), answering(400)]
    await town.text("我的秘密")
    await town.post(INBOUND_PATH, town.inbound("我的秘密") | {"part": 1})
    await town.carrier.has_heard(3)
    assert NUMBER not in caplog.text
    assert "秘密" not in caplog.text


# Delivery reports


async def test_a_delivery_report_is_noted_by_the_carriers_name_or_ours(town: Town) -> None:
    await town.text("您好")
    await town.carrier.has_heard(2)
    at = NOON.isoformat()
    answer, greeting = town.outgoing()
    failed = {"id": greeting.key, "status": "failed", "why": f"停机 {NUMBER}", "at": at}
    # The name that the carrier gave may reach our database a moment after we have it.
    async with asyncio.timeout(WITHIN_SECONDS):
        while (await town.post(STATUS_PATH, {"id": "out-1", "status": "delivered", "at": at}))[0] == 404:
            pass
    assert await town.post(STATUS_PATH, failed) == (200, {"status": "accepted"})
    answer, greeting = town.outgoing()
    assert answer.state == outbox.OutgoingState.DELIVERED
    assert (greeting.state, greeting.trouble) == (outbox.OutgoingState.UNDELIVERED, "停机 [手机号]")
    await town.post(STATUS_PATH, {"id": greeting.key, "status": "delivered", "at": at})
    assert town.outgoing()[1].state == outbox.OutgoingState.UNDELIVERED


async def test_a_report_about_a_text_that_we_never_sent_is_not_found(town: Town) -> None:
    status, body = await town.post(STATUS_PATH, {"id": "nobody", "status": "delivered", "at": NOON.isoformat()})
    assert (status, body["error"]) == (404, "没有这条短信")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"id": None}, "id 要是"),
        ({"status": "sent"}, "status 要是"),
        ({"why": None}, "why 要是"),
        ({"why": "长" * 201}, "why 要是"),
        ({"at": "now"}, "at 要是"),
        ({"text": ""}, "没有 text"),
    ],
)
async def test_what_is_no_report_is_refused(town: Town, changed: dict[str, Any], message: str) -> None:
    status, body = await town.post(
        STATUS_PATH, {"id": "out-1", "status": "delivered", "at": NOON.isoformat()} | changed
    )
    assert status == 400
    assert body["error"].startswith(message)


# Outgoing texts


def answering(status: int, body: str = "{}", headers: dict[str, str] | None = None) -> Answer:
    async def answer(_: dict[str, Any]) -> web.StreamResponse:
        return web.Response(status=status, text=body, headers=headers)

    return answer


LEAVING = Leaving("a-key", NUMBER, "您的答复")


@asynccontextmanager
async def gateway(carrier: FakeCarrier) -> AsyncIterator[SmsCarrier]:
    wire = web.Application()
    wire.router.add_post("/texts", carrier.handle)
    async with TestServer(wire, host="127.0.0.1") as server, aiohttp.ClientSession() as session:
        yield SmsCarrier(session, SmsSettings(str(server.make_url("/texts")), SECRET))


async def test_a_text_goes_out_signed_and_with_its_key() -> None:
    carrier = FakeCarrier()
    async with gateway(carrier) as way_out:
        assert await way_out.send(LEAVING) == "out-1"
        assert await way_out.send(LEAVING) == "out-1"
    (headers, raw), (again, _) = carrier.requests
    assert json.loads(raw) == {"key": "a-key", "to": NUMBER, "text": "您的答复"}
    assert headers[IDEMPOTENCY_KEY] == again[IDEMPOTENCY_KEY] == "a-key"
    assert headers["Content-Type"] == "application/json"
    target = "POST /texts"
    assert checked_nonce(SECRET, target, headers, raw, utcnow()) != checked_nonce(SECRET, target, again, raw, utcnow())


@pytest.mark.parametrize("status", [200, 201, 202, 409])
async def test_an_answer_with_an_id_means_that_the_carrier_has_it(status: int) -> None:
    async with gateway(FakeCarrier(answers=[answering(status, '{"id": "a-1", "more": 5}')])) as way_out:
        assert await way_out.send(LEAVING) == "a-1"


@pytest.mark.parametrize("status", [400, 404, 410, 413, 422, 451])
async def test_what_the_carrier_refuses_is_not_sent_again(status: int) -> None:
    async with gateway(FakeCarrier(answers=[answering(status, '{"id": "a-1"}')])) as way_out:
        with pytest.raises(Refused, match=str(status)) as refused:
            await way_out.send(LEAVING)
    assert_tells_nothing(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        *(answering(status, '{"id": "a-1"}') for status in (302, 401, 403, 408, 425, 429, 500, 502, 503, 504)),
        *(answering(200, body) for body in ("", "{}", "[]", "null", "5", "[" * 50_000, '{"id": ""}', '{"id": 5}')),
        answering(200, '{"id": "a\\u0000"}'),
        answering(200, json.dumps({"id": "x" * 201})),
        answering(409),
        answering(302, headers={"Location": "/texts"}),
    ],
)
async def test_whatever_else_the_carrier_answers_the_text_is_sent_again(answer: Answer) -> None:
    async with gateway(FakeCarrier(answers=[answer])) as way_out:
        with pytest.raises(TryLater) as later:
            await way_out.send(LEAVING)
    assert_tells_nothing(later.value)


async def test_a_carrier_that_does_not_answer_or_is_not_there_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sms.TIMEOUT.total == 10
    monkeypatch.setattr(sms, "TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    answered = asyncio.Event()

    async def never(_: dict[str, Any]) -> web.StreamResponse:
        await answered.wait()
        return web.Response()

    async with gateway(FakeCarrier(answers=[never])) as way_out:
        with pytest.raises(TryLater, match="10 秒") as late:
            await way_out.send(LEAVING)
        answered.set()
    monkeypatch.undo()
    async with aiohttp.ClientSession() as session:
        nowhere = SmsCarrier(session, SmsSettings("http://127.0.0.1:9/texts", SECRET))
        with pytest.raises(TryLater, match="连不上") as absent:
            await nowhere.send(LEAVING)
    for error in (late.value, absent.value):
        assert_tells_nothing(error)


def assert_tells_nothing(error: Exception) -> None:
    assert NUMBER not in str(error)
    assert LEAVING.text not in str(error)
    assert "http" not in str(error)


async def test_a_text_is_sent_with_the_same_key_until_the_carrier_has_it_and_the_next_waits(town: Town) -> None:
    town.carrier.answers = [answering(503), answering(200)]
    await town.text("您好")
    texts = [text for _, text in await town.carrier.has_heard(4)]
    assert texts == ["答：您好"] * 3 + [wording.first_contact(CITY)]
    keys = [json.loads(raw)["key"] for _, raw in town.carrier.requests]
    assert len(set(keys[:3])) == 1
    assert keys[3] not in keys[:3]


async def test_a_text_that_the_carrier_refuses_is_left_for_staff_and_the_next_goes_out(town: Town) -> None:
    town.carrier.answers = [answering(422)]
    await town.text("您好")
    assert [text for _, text in await town.carrier.has_heard(2)] == ["答：您好", wording.first_contact(CITY)]
    with town.database.transaction() as session:
        (dead,) = outbox.troubled(session)
    assert (dead.state, dead.trouble) == (outbox.OutgoingState.DEAD, "短信网关拒收（422）")


async def test_the_number_is_kept_sealed(town: Town) -> None:
    await town.text("您好")
    await town.carrier.has_heard(2)
    with town.database.transaction() as session:
        (subscriber,) = session.scalars(select(Subscriber))
    assert NUMBER not in subscriber.user_sealed + subscriber.user_digest


# Documentation


def openapi() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(OPENAPI.read_text())
    return document


def examples_of(operation: dict[str, Any]) -> list[Any]:
    content = operation["requestBody"]["content"]["application/json"]
    return [example["value"] for example in content["examples"].values()]


def test_the_openapi_file_names_the_routes_that_there_are() -> None:
    document = openapi()
    assert document["openapi"].startswith("3.1.")
    for reference in re.findall(r'\$ref: "#/([^"]+)"', OPENAPI.read_text()):
        assert reduce(lambda node, name: node[name], reference.split("/"), document)
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == {
        (route.path, route.method.lower()) for route in sms.routes if isinstance(route, web.RouteDef)
    }
    signed = [operation for methods in document["paths"].values() for operation in methods.values()]
    for operation in [*signed, document["webhooks"]["text"]["post"]]:
        assert examples_of(operation)
        names = [parameter["$ref"].rpartition("/")[2] for parameter in operation["parameters"]]
        headers = [document["components"]["parameters"][name]["name"] for name in names]
        assert headers[:3] == [TIMESTAMP, NONCE, SIGNATURE]


async def test_every_example_in_the_openapi_file_is_accepted(town: Town) -> None:
    document = openapi()
    for body in examples_of(document["paths"][INBOUND_PATH]["post"]):
        assert await town.post(INBOUND_PATH, body) == (200, {"status": "accepted"})
    await town.carrier.has_heard(2)
    for body in examples_of(document["paths"][STATUS_PATH]["post"]):
        with town.database.transaction() as session:
            known = outbox.put(session, session.scalars(select(Subscriber)).all()[0], "您好", NOON)
            known.gateway_id, known.state = body["id"], outbox.OutgoingState.SENT
        assert await town.post(STATUS_PATH, body) == (200, {"status": "accepted"})


async def test_the_callback_in_the_openapi_file_is_what_we_send_and_take() -> None:
    callback = openapi()["webhooks"]["text"]["post"]
    taken = callback["responses"]["200"]["content"]["application/json"]["example"]
    for example in examples_of(callback):
        carrier = FakeCarrier(answers=[answering(200, json.dumps(taken))])
        async with gateway(carrier) as way_out:
            assert await way_out.send(Leaving(example["key"], example["to"], example["text"])) == taken["id"]
        assert json.loads(carrier.requests[0][1]) == example


def test_the_document_signs_its_example_as_we_do() -> None:
    document = DOCUMENT.read_text()
    secret, timestamp, nonce, target, body, signature = (
        re.search(rf"^\| {name} \| `([^`]+)` \|$", document, re.M)[1]  # type: ignore[index]
        for name in ("secret", "timestamp", "nonce", "method and path", "body", "signature")
    )
    assert sign(secret, timestamp, nonce, target, body.encode()) == signature


def test_the_document_names_the_pauses_that_we_make() -> None:
    longest = [min(timedelta(seconds=2) * 2 ** (n - 1), backoff.LONGEST) for n in range(1, outbox.MOST_ATTEMPTS)]
    minutes = round(sum(longest, timedelta()) / timedelta(minutes=1))
    document = DOCUMENT.read_text()
    assert f"{outbox.MOST_ATTEMPTS} times" in document
    assert f"{round(minutes / 2)} to {minutes} minutes" in document


@pytest.mark.machine_clock
@pytest.mark.parametrize("path", [INBOUND_PATH, STATUS_PATH])
async def test_the_commands_in_the_document_work(town: Town, path: str) -> None:
    if not shutil.which("curl") or not shutil.which("openssl"):
        pytest.skip("curl or openssl is not installed")
    await town.text("您好")
    await town.carrier.has_heard(1)
    scripts = [text for text in re.findall(r"^```sh\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S) if path in text]
    assert len(scripts) == 1
    script = scripts[0].replace("only-for-trying-it-out", SECRET).replace("ID_OR_KEY", town.outgoing()[0].key)
    script = script.replace("http://127.0.0.1:8080", str(town.client.make_url("/")).rstrip("/"))
    process = await asyncio.create_subprocess_exec("bash", "-ec", script, stdout=-1, stderr=-1)
    output, _ = await process.communicate()
    assert '{"status": "accepted"}' in output.decode()
