"""The official account: what WeChat pushes is answered in its own request, or by a customer-service message."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select, update

from bot.conversations.channels import WECHAT
from bot.conversations.models import Message
from bot.db import Database
from bot.helpline import answers, leases
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.helpline.texts import Leaving
from bot.settings import Settings, WeChatSettings
from bot.web.app import make_app
from bot.web.carriers import wechat, wechat_api, wechat_envelope
from bot.web.carriers.carrier import Refused, TryLater
from bot.web.carriers.wechat_api import WeChatCarrier
from bot.web.carriers.wechat_envelope import BadEnvelope, encrypt, open_message, read_xml, reply_xml, sign
from bot.web.keys import DATABASE, LIVE, SETTINGS
from tests.databases import set_up
from tests.helpline.town import add_city
from tests.patience import WITHIN_SECONDS
from tests.web.engine import Engine, saying

AES_KEY = "Q2l0eUhlbHBsaW5lV2VDaGF0QUVTS2V5Rm9yVGVzdHM"
ACCOUNT = WeChatSettings("wx5823bf96d3bd56c7", "a secret", "a token of tests", AES_KEY, "")
ACCOUNT_ID = "gh_7f083739789a"
OPENID = "oia2TjjewbmiOUlr6X-1crbLOvLw"
Client = TestClient[web.Request, web.Application]


ANSWER = "您好，这里是政务助手"


async def answer(_: dict[str, Any]) -> web.Response:
    return saying(ANSWER, intent="greet")


@dataclass
class FakeWeChat:
    """The account's API. `tokens_taken`: None for all that it gave. `errcodes`: for the next sends, then 0."""

    tokens_given: int = 0
    tokens_taken: set[str] | None = None
    errcodes: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    sent: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    lasts_seconds: int = 7200

    async def give_token(self, request: web.Request) -> web.Response:
        body = await request.json()
        assert body == {"grant_type": "client_credential", "appid": ACCOUNT.app_id, "secret": ACCOUNT.app_secret}
        self.tokens_given += 1
        return web.json_response({"access_token": f"token-{self.tokens_given}", "expires_in": self.lasts_seconds})

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.bodies.append(raw)
        if self.tokens_taken is not None and request.query["access_token"] not in self.tokens_taken:
            return web.Response(text='{"errcode":40001,"errmsg":"invalid credential"}', content_type="text/plain")
        errcode = self.errcodes.pop(0) if self.errcodes else 0
        if errcode == 0:
            self.sent.put_nowait(json.loads(raw))
        return web.json_response({"errcode": errcode, "errmsg": "…"})

    def as_app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self.give_token)
        app.router.add_post("/cgi-bin/message/custom/send", self.take)
        return app


@pytest.fixture
def engine() -> Engine:
    return Engine(answer)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives an answer all the time it needs, however busy the machine is; tests of late answers set their own times."""
    monkeypatch.setattr(wechat, "ANSWER_WITHIN_SECONDS", 60)
    monkeypatch.setattr(answers, "PASSIVE_FOR", timedelta(minutes=5))


@pytest.fixture
def account() -> FakeWeChat:
    return FakeWeChat()


@pytest.fixture
async def api_url(account: FakeWeChat) -> AsyncIterator[str]:
    async with TestServer(account.as_app(), host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(params=["plain", "encrypted"])
def aes_key(request: pytest.FixtureRequest) -> str:
    return AES_KEY if request.param == "encrypted" else ""


@pytest.fixture
async def client(engine: Engine, api_url: str, aes_key: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with engine.serving() as port:
        env = {
            "VAR_DIR": str(tmp_path),
            "ENGINE_PORT": port,
            "WECHAT_APP_ID": ACCOUNT.app_id,
            "WECHAT_APP_SECRET": ACCOUNT.app_secret,
            "WECHAT_TOKEN": ACCOUNT.token,
            "WECHAT_AES_KEY": aes_key,
            "WECHAT_ACCEPT_PLAIN": "1",
            "WECHAT_API_URL": api_url,
        }
        settings = Settings.from_environment(env)
        database = Database(settings.database_url)
        set_up(database)
        with database.transaction() as session:
            add_city(session)
        database.close()
        async with TestClient(TestServer(make_app(settings))) as opened:
            yield opened
        engine.may_answer.set()


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Engine:
    """The engine, which takes longer than WeChat waits."""
    monkeypatch.setattr(wechat, "ANSWER_WITHIN_SECONDS", 0.05)
    monkeypatch.setattr(answers, "PASSIVE_FOR", timedelta(0))
    engine.may_answer.clear()
    return engine


def account_of(client: Client) -> WeChatSettings:
    assert client.app is not None
    settings = client.app[SETTINGS].wechat
    assert settings is not None
    return settings


def stored(client: Client, table: type[Any]) -> list[Any]:
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def message_xml(**fields: str) -> str:
    fields = {"ToUserName": ACCOUNT_ID, "FromUserName": OPENID, "CreateTime": "1795000000", **fields}
    return "<xml>" + "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in fields.items()) + "</xml>"


def said(text: str, number: str = "23456789012345678", **fields: str) -> str:
    return message_xml(MsgType="text", Content=text, MsgId=number, **fields)


def signed(name: str = "signature", *parts: str, at: float | None = None) -> dict[str, str]:
    query = {"timestamp": str(int(time.time() if at is None else at)), "nonce": secrets.token_hex(5)}
    return {**query, name: sign(ACCOUNT.token, *query.values(), *parts)}


async def push(client: Client, xml: str, **changed: str) -> tuple[int, str]:
    """As WeChat pushes it: in 安全模式 where the account is set up for it. The answer is opened again."""
    settings = account_of(client)
    if settings.aes_key is None:
        query, body = signed(), xml
    else:
        encrypted = encrypt(settings, xml)
        query = {**signed("msg_signature", encrypted), "encrypt_type": "aes", "openid": OPENID}
        body = f"<xml><ToUserName><![CDATA[{ACCOUNT_ID}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    response = await client.post("/helpline/wechat", params={**query, **changed}, data=body.encode())
    answered = await response.text()
    if response.status != 200 or not answered.startswith("<xml>"):
        return response.status, answered
    if settings.aes_key is not None:
        fields = read_xml(answered.encode())
        query = {"timestamp": fields["TimeStamp"], "nonce": fields["Nonce"], "msg_signature": fields["MsgSignature"]}
        message = open_message(settings, query, answered.encode(), datetime.now(UTC))
    else:
        message = read_xml(answered.encode())
    assert (message["ToUserName"], message["FromUserName"], message["MsgType"]) == (OPENID, ACCOUNT_ID, "text")
    return response.status, message["Content"]


async def next_sent(account: FakeWeChat) -> dict[str, Any]:
    return await asyncio.wait_for(account.sent.get(), WITHIN_SECONDS)


def let_wechat_give_up(client: Client) -> None:
    """As if so much time had passed that WeChat waits no longer for the answers that are there."""
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        session.execute(update(Outgoing).values(due_at=Outgoing.made_at))


async def until_asked(engine: Engine) -> None:
    await asyncio.wait_for(engine.was_asked.wait(), WITHIN_SECONDS)
    engine.was_asked.clear()


async def test_wechat_verifies_the_address(client: Client) -> None:
    response = await client.get("/helpline/wechat", params={**signed(), "echostr": "5837397301622104395"})
    assert (response.status, await response.text()) == (200, "5837397301622104395")
    assert response.content_type == "text/plain"


@pytest.mark.parametrize(
    "changed",
    [{"signature": "0" * 40}, {"signature": "签名"}, {"signature": ""}, {"nonce": "x"}, {"timestamp": "1"}],
)
async def test_whoever_does_not_know_the_token_learns_nothing(client: Client, changed: dict[str, str]) -> None:
    response = await client.get("/helpline/wechat", params={**signed(), "echostr": "x", **changed})
    assert response.status == 403


async def test_a_wrong_signature_is_refused_and_nothing_is_kept(client: Client) -> None:
    wrong = dict.fromkeys(("signature", "msg_signature"), "0" * 40)
    status, _ = await push(client, said("你好"), **wrong)
    assert status == 403
    assert stored(client, Inbound) == []


@pytest.mark.parametrize("away", [-3600, 3600])
async def test_a_signature_found_in_some_log_is_of_no_use_later(client: Client, away: int) -> None:
    settings = account_of(client)
    encrypted = encrypt(settings, said("你好")) if settings.aes_key else ""
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>" if encrypted else said("你好")
    name, parts = ("msg_signature", [encrypted]) if encrypted else ("signature", [])
    query = signed(name, *parts, at=time.time() + away)
    response = await client.post("/helpline/wechat", params=query, data=body.encode())
    assert response.status == 403


async def test_a_text_is_answered_in_wechats_own_request(client: Client, engine: Engine) -> None:
    status, text = await push(client, said("你好"))
    assert status == 200
    assert text.startswith(ANSWER)
    assert "\n\n" in text  # the first answer comes with the greeting
    assert engine.asked == ["你好"]
    assert {one.state for one in stored(client, Outgoing)} == {"sent"}


async def test_the_same_message_again_gets_the_same_answer_and_the_engine_is_asked_once(
    client: Client, engine: Engine, account: FakeWeChat
) -> None:
    first = await push(client, said("你好"))
    assert await push(client, said("你好")) == first
    assert engine.asked == ["你好"]
    assert len(stored(client, Inbound)) == 1
    assert account.sent.empty()


async def test_one_number_of_two_people_is_two_messages(client: Client, engine: Engine) -> None:
    await push(client, said("甲"))
    settings = account_of(client)
    xml = said("乙").replace(OPENID, "oOther")
    encrypted = encrypt(settings, xml) if settings.aes_key else ""
    query = signed("msg_signature", encrypted) if encrypted else signed()
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>" if encrypted else xml
    assert (await client.post("/helpline/wechat", params=query, data=body.encode())).status == 200
    assert engine.asked == ["甲", "乙"]


async def test_two_pushes_wait_for_one_answer_and_both_get_it(client: Client, engine: Engine) -> None:
    engine.may_answer.clear()
    pushes = [asyncio.create_task(push(client, said("你好"))) for _ in range(2)]
    await until_asked(engine)
    async with asyncio.timeout(WITHIN_SECONDS):
        while len(waiting_for_answers(client)) < 2:
            await asyncio.wait(pushes, timeout=0.01)
    engine.may_answer.set()
    first, second = await asyncio.wait_for(asyncio.gather(*pushes), WITHIN_SECONDS)
    assert first == second
    assert first[1].startswith(ANSWER)
    assert engine.asked == ["你好"]


def waiting_for_answers(client: Client) -> list[asyncio.Event]:
    assert client.app is not None
    listeners = client.app[LIVE]._listeners
    return [event for topic, events in listeners.items() if topic.startswith("answer to text") for event in events]


async def test_a_late_answer_is_one_customer_service_message(client: Client, late: Engine, account: FakeWeChat) -> None:
    assert await push(client, said("你好")) == (200, "success")
    await until_asked(late)
    assert await push(client, said("你好")) == (200, "success")
    late.may_answer.set()
    message = await next_sent(account)
    assert (message["touser"], message["msgtype"]) == (OPENID, "text")
    assert message["text"]["content"] == ANSWER
    assert "政务" in (await next_sent(account))["text"]["content"]  # the greeting
    assert await push(client, said("你好")) == (200, "success")
    assert late.asked == ["你好"]
    assert len(stored(client, Outgoing)) == 2
    assert account.sent.empty()
    assert "政务助手".encode() in account.bodies[0]


async def test_what_somebody_sends_just_now_is_not_given_to_wechat_too(
    client: Client, engine: Engine, account: FakeWeChat
) -> None:
    engine.may_answer.clear()
    pushed = asyncio.create_task(push(client, said("你好")))
    await until_asked(engine)
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        (subscriber,) = session.scalars(select(Subscriber))
        assert leases.take(session, Subscriber.sending_until, subscriber.id, datetime.now(UTC))
    engine.may_answer.set()
    assert await pushed == (200, "success")
    with client.app[DATABASE].transaction() as session:
        leases.free_all(session)
    let_wechat_give_up(client)
    assert (await next_sent(account))["text"]["content"] == ANSWER


async def test_what_does_not_fit_goes_after_as_a_customer_service_message(
    client: Client, engine: Engine, account: FakeWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wechat, "MOST_BYTES", len(ANSWER.encode()))
    assert await push(client, said("你好")) == (200, ANSWER)
    assert await push(client, said("你好")) == (200, ANSWER)
    let_wechat_give_up(client)
    greeting = (await next_sent(account))["text"]["content"]
    assert greeting
    assert greeting != ANSWER
    assert account.sent.empty()


async def test_who_follows_is_greeted(client: Client, engine: Engine) -> None:
    event = message_xml(MsgType="event", Event="subscribe", EventKey="qrscene_1")
    status, text = await push(client, event)
    assert status == 200
    assert "云河市" in text
    assert await push(client, event) == (status, text)
    assert engine.asked == []


async def test_who_unfollows_gets_nothing_more(client: Client, engine: Engine, account: FakeWeChat) -> None:
    await push(client, said("你好"))
    event = message_xml(MsgType="event", Event="unsubscribe", EventKey="")
    assert await push(client, event) == (200, "success")
    (subscriber,) = stored(client, Subscriber)
    assert subscriber.unsubscribed_at is not None
    assert account.sent.empty()


async def test_a_touch_of_the_menu_says_its_key(client: Client, engine: Engine) -> None:
    click = message_xml(MsgType="event", Event="CLICK", EventKey="怎么办身份证")
    status, text = await push(client, click)
    assert status == 200
    assert text.startswith(ANSWER)
    await push(client, click)
    assert engine.asked == ["怎么办身份证"]
    # Another key, touched in the same second.
    await push(client, message_xml(MsgType="event", Event="CLICK", EventKey="社保"))
    assert engine.asked == ["怎么办身份证", "社保"]


@pytest.mark.parametrize(
    "fields",
    [
        {"Event": "VIEW", "EventKey": "https://example.org/"},
        {"Event": "LOCATION", "Latitude": "23.1"},
        {"Event": "CLICK", "EventKey": ""},
        {"Event": "MASSSENDJOBFINISH", "Status": "send success"},
    ],
)
async def test_other_events_are_acknowledged_and_ignored(client: Client, fields: dict[str, str]) -> None:
    assert await push(client, message_xml(MsgType="event", **fields)) == (200, "success")
    assert stored(client, Inbound) == []


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"MsgType": "image", "PicUrl": "http://mmbiz.qpic.cn/x"}, "[图片]"),
        ({"MsgType": "voice", "MediaId": "m", "Recognition": ""}, "[语音]"),
        ({"MsgType": "video", "MediaId": "m"}, "[视频]"),
        ({"MsgType": "shortvideo", "MediaId": "m"}, "[视频]"),
        ({"MsgType": "location", "Location_X": "23.134521", "Label": "某人的家"}, "[位置]"),
        ({"MsgType": "link", "Url": "http://example.org"}, "[链接]"),
        ({"MsgType": "text", "Content": "【收到不支持的消息类型，暂无法显示】"}, "[不是文字]"),
    ],
)
async def test_what_is_no_text_is_named_and_asked_for_in_words(
    client: Client, engine: Engine, fields: dict[str, str], text: str
) -> None:
    status, answered = await push(client, message_xml(MsgId="1", **fields))
    assert status == 200
    assert answered != "success"
    assert engine.asked == []
    (message,) = stored(client, Message)
    assert message.text == text


async def test_a_voice_that_wechat_understood_is_a_text(client: Client, engine: Engine) -> None:
    await push(client, message_xml(MsgId="1", MsgType="voice", MediaId="m", Recognition="怎么办护照"))
    assert engine.asked == ["怎么办护照"]


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><xml><MsgType>text</MsgType><Content>&i;</Content></xml>"
)
EXTERNAL = (
    '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    "<xml><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>&f;</Content></xml>"
)


@pytest.mark.parametrize("xml", [LAUGHS, EXTERNAL, "<!DOCTYPE xml><xml/>", "<xml>", "", "<xml>&f;</xml>", "{}", "<a/>"])
async def test_entities_and_broken_xml_are_refused(client: Client, xml: str) -> None:
    status, answered = await push(client, xml)
    assert status == 400
    assert "root:" not in answered
    assert stored(client, Inbound) == []


@pytest.mark.parametrize("created", ["", "x", "9" * 30])
async def test_a_message_without_a_time_is_refused(client: Client, created: str) -> None:
    assert (await push(client, said("你好", CreateTime=created)))[0] == 400


@pytest.mark.parametrize("aes_key", [AES_KEY], indirect=False)
async def test_where_messages_are_encrypted_a_plain_one_is_refused(client: Client, aes_key: str) -> None:
    response = await client.post("/helpline/wechat", params=signed(), data=said("你好").encode())
    assert response.status == 403
    # 兼容模式 carries both, and only one of them is signed.
    encrypted = encrypt(account_of(client), said("你好"))
    both = said("别的").replace("</xml>", f"<Encrypt>{encrypted}</Encrypt></xml>")
    query = signed("msg_signature", encrypted)
    assert (await client.post("/helpline/wechat", params=query, data=both.encode())).status == 200
    assert [message.text for message in stored(client, Message)] == ["你好"]


@pytest.mark.parametrize("aes_key", [AES_KEY], indirect=False)
async def test_a_message_for_another_account_is_refused(client: Client, aes_key: str) -> None:
    encrypted = encrypt(replace(account_of(client), app_id="wxother"), said("你好"))
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>"
    query = signed("msg_signature", encrypted)
    assert (await client.post("/helpline/wechat", params=query, data=body.encode())).status == 403


@pytest.mark.parametrize("encrypted", ["AAAA", "!!!!", "签", "A" * 64, "eHh4eHh4eHh4eHh4eHh4eA=="])
def test_what_cannot_be_decrypted_is_unreadable(encrypted: str) -> None:
    body = f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()
    with pytest.raises(BadEnvelope):
        open_message(ACCOUNT, signed("msg_signature", encrypted), body, datetime.now(UTC))


def test_encryption_is_that_of_wechatpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made by wechatpy 1.8.18 with this random start."""
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _: "0123456789abcdef")
    xml = "<xml><MsgType>text</MsgType><Content>办身份证</Content></xml>"
    encrypted = (
        "YGBKwS462oVv56X2JTO3OyZD0crJBxOtavVIJheIba1c1F7NeO45K1gr2d0MskF4l4JpFPPO5yyZi+SBH7JF5nY9gxWqF1t/"
        "9LmaeNb4vqCarUEKt+W5ko20SQGaMR+oaaPhTtmkDeDPOAVQg2OnoJZQLTPkDwQ4ZCHoF+U9XPQ="
    )
    assert encrypt(ACCOUNT, xml) == encrypted
    assert sign(ACCOUNT.token, "1795000000", "74155", encrypted) == "d25d46f73f414d2f34da2e84f5893dfd875b6345"
    assert wechat_envelope.decrypt(ACCOUNT, encrypted).decode() == xml


def test_a_reply_may_hold_what_xml_may_not() -> None:
    plain = replace(ACCOUNT, aes_key=None)
    xml = reply_xml(plain, {"FromUserName": "o", "ToUserName": "g"}, "甲]]>乙<&\x00\x0b丙", datetime.now(UTC))
    assert read_xml(xml.encode())["Content"] == "甲]]>乙<&丙"


async def test_no_line_of_the_log_names_anybody(
    client: Client, engine: Engine, account: FakeWeChat, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await push(client, said("我的秘密"))
        await push(client, said("我的秘密", CreateTime="x"))
        await push(client, said("我的秘密"), msg_signature="0", signature="0")
    for record in caplog.records:
        if record.name.startswith("bot"):
            assert OPENID not in record.getMessage()
            assert "秘密" not in record.getMessage()
    (inbound,) = stored(client, Inbound)
    assert OPENID not in inbound.gateway_id


LEAVING = Leaving("key-1", OPENID, "您好")


@pytest.fixture
async def gateway(api_url: str) -> AsyncIterator[WeChatCarrier]:
    async with ClientSession() as session:
        yield WeChatCarrier(session, replace(ACCOUNT, api_url=api_url))


async def test_a_token_is_asked_for_once_by_all_who_need_it(gateway: WeChatCarrier, account: FakeWeChat) -> None:
    await asyncio.gather(*(gateway.send(LEAVING) for _ in range(8)))
    assert (account.tokens_given, account.sent.qsize()) == (1, 8)


async def test_a_token_is_renewed_before_it_expires(gateway: WeChatCarrier, account: FakeWeChat) -> None:
    account.lasts_seconds = 300
    await gateway.send(LEAVING)
    await gateway.send(LEAVING)
    assert account.tokens_given == 2


async def test_a_token_that_wechat_no_longer_takes_is_renewed_once(gateway: WeChatCarrier, account: FakeWeChat) -> None:
    await gateway.send(LEAVING)
    account.tokens_taken = {"token-2"}
    await asyncio.gather(*(gateway.send(LEAVING) for _ in range(4)))
    assert (account.tokens_given, account.sent.qsize()) == (2, 5)
    account.tokens_taken = set()
    with pytest.raises(TryLater, match="40001"):
        await gateway.send(LEAVING)
    assert account.tokens_given == 3


@pytest.mark.parametrize(
    ("errcode", "error"),
    [
        (-1, TryLater),
        (45047, TryLater),
        (45009, TryLater),
        (12345, TryLater),
        (45015, Refused),
        (48001, Refused),
        (43004, Refused),
        (40003, Refused),
    ],
)
async def test_what_wechat_says_decides_whether_it_is_tried_again(
    gateway: WeChatCarrier, account: FakeWeChat, errcode: int, error: type[Exception]
) -> None:
    account.errcodes = [errcode]
    with pytest.raises(error, match=str(errcode)) as raised:
        await gateway.send(LEAVING)
    assert OPENID not in str(raised.value)
    assert await gateway.send(LEAVING) == "key-1"


@pytest.mark.parametrize(("status", "text"), [(200, "<html>"), (200, "[]"), (502, "{}"), (500, "")])
async def test_what_is_no_answer_of_wechats_is_tried_again(status: int, text: str) -> None:
    app = web.Application()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    app.router.add_post("/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server, ClientSession() as session:
        gateway = WeChatCarrier(session, replace(ACCOUNT, api_url=f"http://127.0.0.1:{server.port}"))
        with pytest.raises(TryLater):
            await gateway.send(LEAVING)


async def test_an_account_that_cannot_be_reached_is_tried_again() -> None:
    async with ClientSession() as session:
        gateway = WeChatCarrier(session, replace(ACCOUNT, api_url="http://127.0.0.1:9"))
        with pytest.raises(TryLater, match="不通"):
            await gateway.send(LEAVING)


async def test_who_does_not_answer_in_time_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wechat_api, "SEND_WITHIN_SECONDS", 0.05)
    never = asyncio.Event()
    app = web.Application()

    async def answer(_: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    app.router.add_post("/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server, ClientSession() as session:
        gateway = WeChatCarrier(session, replace(ACCOUNT, api_url=f"http://127.0.0.1:{server.port}"))
        with pytest.raises(TryLater, match="及时"):
            await gateway.send(LEAVING)
        never.set()


async def test_what_goes_out_is_named_by_its_channel(client: Client, late: Engine, account: FakeWeChat) -> None:
    await push(client, said("你好"))
    late.may_answer.set()
    await next_sent(account)
    assert {one.channel for one in stored(client, Outgoing)} == {WECHAT}
