"""The way of a message through the gateway, with a fake engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.answering.encoder.client import Address
from bot.conversations.models import Message
from bot.db import Database
from bot.replies.buttons import Buttons
from bot.sealing import Sealer
from bot.settings import Settings
from bot.web import chat
from bot.web.app import make_app
from bot.web.keys import DATABASE, SETTINGS
from tests.databases import set_up
from tests.web.engine import Answer, Engine
from tests.web.portal import open_page, with_city


async def greet(body: dict[str, Any]) -> web.Response:
    button = {"title": "转人工", "id": "as the engine signed it"}
    turn = {"outcome": "smalltalk", "intent": "greet", "confidence": 0.9, "entities": [], "action": "a"}
    return web.json_response([{"recipient_id": body["sender"], "text": "您好", "buttons": [button], "turn": turn}])


@pytest.fixture
def engine() -> Engine:
    return Engine(greet)


@pytest.fixture
async def client(engine: Engine, tmp_path: Path) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    async with engine.serving() as port:
        settings = Settings.from_environment({"VAR_DIR": str(tmp_path), "ENGINE_PORT": port})
        database = Database(settings.database_url)
        set_up(database, with_city)
        database.close()
        async with TestClient(TestServer(make_app(settings))) as opened:
            yield opened


def stored(client: TestClient[web.Request, web.Application]) -> list[Message]:
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


async def say(client: TestClient[web.Request, web.Application], text: object, conversation: str = "c1") -> Any:
    response = await client.post("/api/chat", json={"conversation": conversation, "text": text})
    return response.status, await response.json()


async def test_a_message_is_answered_and_stored_with_how_it_came_about(
    client: TestClient[web.Request, web.Application],
) -> None:
    status, body = await say(client, "你好，我电话13800138000")
    assert status == 200
    assert body["conversation"] == "c1"
    assert body["messages"] == [{"text": "您好", "buttons": [{"title": "转人工", "id": "as the engine signed it"}]}]
    (message,) = stored(client)
    assert (message.outcome, message.intent, message.confidence) == ("smalltalk", "greet", 0.9)
    assert message.masked_text == "你好，我电话[手机号]"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"{}", 400),
        (b'{"text": 5}', 400),
        (b'{"text": null}', 400),
        (b'{"text": "' + "长".encode() * 2001 + b'"}', 400),
        (b'{"text": "x", "button": "y"}', 400),
        (b'{"button": "/handoff"}', 400),
        (b'{"button": null}', 400),
        (b'{"button": {"title": "x"}}', 400),
        (b'{"text": "x", "conversation": "../../etc"}', 400),
        (b'{"text": "x", "conversation": 7}', 400),
        (b"[" * 50_000, 400),
        (b'{"text": "' + b"x" * 10_000_000 + b'"}', 413),
        (b"\xff\xfe", 400),
    ],
)
async def test_bad_requests_get_a_clear_4xx(
    client: TestClient[web.Request, web.Application], body: bytes, status: int
) -> None:
    response = await client.post("/api/chat", data=body, headers={"Content-Type": "application/json"})
    assert response.status == status
    assert (await response.json())["error"]
    assert stored(client) == []


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01", "\ud83d", "\n\n"])
async def test_a_message_without_words_is_asked_back_without_troubling_the_engine(
    client: TestClient[web.Request, web.Application], engine: Engine, text: str
) -> None:
    status, body = await say(client, text)
    assert status == 200
    assert "没有看到文字" in body["messages"][0]["text"]
    assert engine.bodies == []
    assert stored(client)[0].outcome == "asked_back"


async def test_the_message_is_stored_before_the_engine_is_asked(
    client: TestClient[web.Request, web.Application], engine: Engine
) -> None:
    seen: list[list[Message]] = []

    async def look(body: dict[str, Any]) -> web.Response:
        seen.append(await asyncio.to_thread(stored, client))
        return await greet(body)

    engine.answer = look
    await say(client, "你好")
    assert [(message.text, message.outcome) for message in seen[0]] == [("你好", None)]


async def fail(_: dict[str, Any]) -> web.Response:
    return web.Response(status=500, text="Traceback …")


async def no_answer(_: dict[str, Any]) -> web.Response:
    return web.json_response([])


async def not_json(_: dict[str, Any]) -> web.Response:
    return web.Response(text="<html>")


@pytest.mark.parametrize("broken", [fail, no_answer, not_json])
async def test_an_engine_that_stays_broken_is_a_courteous_answer_and_a_stored_failure(
    client: TestClient[web.Request, web.Application],
    engine: Engine,
    broken: Answer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chat, "GIVEN_UP_AFTER_SECONDS", 0)
    engine.answer = broken
    status, body = await say(client, "你好")
    assert status == 200
    assert "抱歉" in body["messages"][0]["text"]
    assert stored(client)[0].outcome == "failed_engine"


def button_id(client: TestClient[web.Request, web.Application], conversation: str) -> str:
    """The id of the button “收费”, as the engine would have offered it there."""
    assert client.app is not None
    offer = {"text": "…", "buttons": [{"title": "收费", "payload": '/ask_fee{"item": "GA-003"}'}]}
    (message,) = Buttons(Sealer.of(client.app[SETTINGS])).offered(conversation, [offer])
    return str(message["buttons"][0]["id"])


async def test_a_button_is_pressed_by_its_id_and_the_conversation_keeps_what_stood_on_it(
    client: TestClient[web.Request, web.Application], engine: Engine
) -> None:
    button = button_id(client, "c1")
    response = await client.post("/api/chat", json={"conversation": "c1", "button": button})
    assert response.status == 200
    assert engine.bodies[0]["metadata"]["button"] == button
    (message,) = stored(client)
    assert (message.text, message.masked_text, message.is_pressed) == ("收费", "收费", True)


async def test_a_button_is_worth_nothing_in_another_conversation_or_changed(
    client: TestClient[web.Request, web.Application], engine: Engine
) -> None:
    button = button_id(client, "c1")
    for conversation, sent in (("c2", button), ("c1", button[:-1] + "g"), ("c1", "x" + button), ("c1", "/handoff")):
        response = await client.post("/api/chat", json={"conversation": conversation, "button": sent})
        assert response.status == 400
        assert "按钮" in (await response.json())["error"]
    assert engine.bodies == []
    assert stored(client) == []


async def test_the_socket_takes_the_press_of_a_button(
    client: TestClient[web.Request, web.Application], engine: Engine
) -> None:
    async with open_page(client) as page:
        await page.send_json({"type": "press", "id": "n1", "button": button_id(client, page.conversation)})
        assert [(await page.receive_json())["type"] for _ in range(2)] == ["typing", "answer"]
        await page.send_json({"type": "press", "id": "n2", "button": button_id(client, "another")})
        assert [(await page.receive_json())["type"] for _ in range(2)] == ["typing", "error"]
    assert [message.text for message in stored(client)] == ["收费"]


async def test_what_is_typed_goes_to_the_engine_as_words(
    client: TestClient[web.Request, web.Application], engine: Engine
) -> None:
    for text in ("/restart", "／handoff", '/ask_fee{"item": "GA-003"}'):
        await say(client, text)
    assert all("button" not in body["metadata"] for body in engine.bodies)
    assert not any(message.is_pressed for message in stored(client))


async def test_messages_of_one_conversation_wait_for_each_other(
    client: TestClient[web.Request, web.Application], engine: Engine
) -> None:
    under_way: list[int] = []
    most: list[int] = []

    async def slowly(body: dict[str, Any]) -> web.Response:
        under_way.append(1)
        most.append(len(under_way))
        for _ in range(5):
            await asyncio.sleep(0)
        under_way.pop()
        return await greet(body)

    engine.answer = slowly
    await asyncio.gather(*(say(client, f"第{n}句") for n in range(6)))
    assert max(most) == 1
    assert len(stored(client)) == 6


async def test_too_many_messages_are_put_off(client: TestClient[web.Request, web.Application]) -> None:
    answers = [await say(client, "") for _ in range(80)]
    assert {status for status, _ in answers[:60]} == {200}
    refused = [body["error"] for status, body in answers[60:] if status == 429]
    assert refused
    assert "稍等" in refused[0]


async def test_the_socket_answers_and_a_message_sent_again_is_answered_once(
    client: TestClient[web.Request, web.Application], engine: Engine
) -> None:
    async with open_page(client) as page:
        frames = []
        for _ in range(2):
            await page.send_json({"type": "say", "id": "n1", "text": "你好"})
            frames += [await page.receive_json() for _ in range(2)]
    assert [frame["type"] for frame in frames] == ["typing", "answer", "typing", "answer"]
    assert frames[1] == frames[3]
    assert len(engine.bodies) == 1
    async with open_page(client, page.conversation) as resumed:
        assert [past["text"] for past in resumed.history] == ["你好"]


async def test_the_socket_says_what_was_wrong_and_stays_open(client: TestClient[web.Request, web.Application]) -> None:
    async with open_page(client) as page:
        for frame in ("no json", "[" * 5000, '"say"', "{}", '{"type": "say"}', '{"type": "rate", "id": 1}'):
            await page.socket.send_str(frame)
            assert (await page.receive_json())["error"]
        await page.send_json({"type": "say", "id": "1", "text": "长" * 2001})
        assert [(await page.receive_json())["type"] for _ in range(2)] == ["typing", "error"]
        await page.send_json({"type": "say", "id": "2", "text": "你好"})
        assert [(await page.receive_json())["type"] for _ in range(2)] == ["typing", "answer"]


async def test_nobody_resumes_a_conversation_that_is_not_the_portals(
    client: TestClient[web.Request, web.Application],
) -> None:
    await say(client, "秘密", "guessable")
    async with open_page(client, "guessable") as page:
        assert page.history == []
        assert page.conversation != "guessable"


async def test_metrics_tell_outcomes_stages_and_what_waits_and_hold_no_words(
    client: TestClient[web.Request, web.Application], engine: Engine
) -> None:
    engine.timing = "engine;dur=40.0, actions;dur=15.0"
    await say(client, "我叫王小明")
    text = await (await client.get("/metrics")).text()
    assert 'assistant_messages_total{channel="api",ending="other",outcome="smalltalk"} 1.0' in text
    assert 'assistant_stage_seconds_sum{stage="actions"} 0.015' in text
    assert 'assistant_stage_seconds_sum{stage="engine"} 0.025' in text
    assert 'assistant_stage_seconds_count{stage="store_answer"} 1.0' in text
    assert 'assistant_waiting{queue="messages"} 0.0' in text
    assert 'assistant_stuck{kind="outbox"} 0.0' in text
    assert "王小明" not in text


async def test_readiness_says_which_part_is_down(client: TestClient[web.Request, web.Application]) -> None:
    response = await client.get("/readyz")
    body = await response.json()
    assert response.status == 503
    assert body["database"] is True
    assert body["actions"] is False
    assert body["encoder"] == "down"
    assert (await client.get("/healthz")).status == 200


async def test_readiness_and_metrics_hear_the_encoder(
    client: TestClient[web.Request, web.Application], tmp_path: Path
) -> None:
    assert "assistant_encoder_up 0.0" in await (await client.get("/metrics")).text()

    async def figures(_: web.Request) -> web.Response:
        return web.Response(text="assistant_encoder_wanted 7.0\n")

    encoder = web.Application()
    encoder.router.add_get("/healthz", figures)
    encoder.router.add_get("/metrics", figures)
    async with TestServer(encoder, host="127.0.0.1") as server:
        assert server.port
        Address(server.port, "a word").write(tmp_path / "encoder.json")
        assert (await (await client.get("/readyz")).json())["encoder"] == "up"
        text = await (await client.get("/metrics")).text()
    assert "assistant_encoder_up 1.0" in text
    assert "assistant_encoder_wanted 7.0" in text


async def test_the_page_says_that_the_city_is_a_sample_and_allows_no_foreign_code(
    client: TestClient[web.Request, web.Application],
) -> None:
    response = await client.get("/")
    assert "虚构的示例城市" in await response.text()
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    missing = await client.get("/nothing")
    assert missing.status == 404
    assert (await missing.json())["error"]
