"""Access to each entry point: keys, conversations of others, foreign pages, types, headers, figures."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from click.testing import CliRunner
from sqlalchemy import select

from bot.api_keys import service as api_keys
from bot.api_keys.models import ApiKey
from bot.cli import cli
from bot.db import utcnow
from bot.web import errors
from bot.web.clients import network_of
from bot.web.keys import DATABASE
from tests.web.portal import open_page
from tests.web.test_chat import client as client
from tests.web.test_chat import engine as engine
from tests.web.test_chat import stored

Client = TestClient[web.Request, web.Application]


def make_key(client: Client, name: str, per_minute: int = 100) -> dict[str, str]:
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        key = api_keys.add(session, name, per_minute, who="terminal:test", now=utcnow())
    return {"Authorization": f"Bearer {key}"}


async def post(client: Client, body: dict[str, Any], **headers: str) -> int:
    return (await client.post("/api/chat", json={"text": "你好", **body}, headers=headers)).status


async def test_a_conversation_belongs_to_the_key_or_the_address_that_began_it(client: Client) -> None:
    mine, others = make_key(client, "小程序"), make_key(client, "自助机")
    assert await post(client, {"conversation": "c1"}, **mine) == 200
    assert await post(client, {"conversation": "c1"}, **mine) == 200
    assert await post(client, {"conversation": "c1"}, **others) == 403
    assert await post(client, {"conversation": "c1"}) == 403
    assert await post(client, {"conversation": "c2"}) == 200
    assert await post(client, {"conversation": "c2"}) == 200
    assert await post(client, {"conversation": "c2"}, **mine) == 403
    assert len(stored(client)) == 4


async def test_nobody_goes_on_in_a_conversation_of_the_portal_by_its_id(client: Client) -> None:
    async with open_page(client) as page:
        await page.say("1", "你好")
        assert (await page.receive_json())["type"] == "answer"
        conversation = page.conversation
    assert await post(client, {"conversation": conversation}) == 403


async def test_a_key_that_is_wrong_or_revoked_opens_nothing(client: Client) -> None:
    key = make_key(client, "小程序")
    assert await post(client, {}, Authorization="Bearer city_wrong") == 401
    assert client.app is not None
    with client.app[DATABASE].transaction() as session:
        api_keys.revoke(session, "小程序", who="terminal:test", now=utcnow())
        (kept,) = session.scalars(select(ApiKey))
        assert key["Authorization"].removeprefix("Bearer ") not in vars(kept).values()
    assert await post(client, {}, **key) == 401
    assert stored(client) == []


async def test_a_key_has_a_limit_of_its_own(client: Client) -> None:
    key = make_key(client, "小程序", per_minute=3)
    assert [await post(client, {}, **key) for _ in range(3)] == [200] * 3
    response = await client.post("/api/chat", json={"text": "你好"}, headers=key)
    assert response.status == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert await post(client, {}) == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_only_json_is_taken_which_no_foreign_page_can_send_unasked(client: Client, content_type: str) -> None:
    response = await client.post(
        "/api/chat", data=json.dumps({"text": "你好"}).encode(), headers={"Content-Type": content_type}
    )
    assert response.status == 415
    assert stored(client) == []


async def test_the_socket_opens_to_our_own_page_and_to_programs_only(client: Client) -> None:
    ours = f"http://{client.host}:{client.port}"
    for origin, status in ((ours, 101), ("https://evil.example", 403), ("null", 403), (f"{ours}.evil.example", 403)):
        headers = {
            "Origin": origin, "Connection": "Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }  # fmt: skip
        response = await client.get("/ws", headers=headers)
        assert response.status == status, origin
        response.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 200), ("GET", "/nothing", 404), ("PUT", "/api/chat", 405), ("POST", "/api/chat", 400),
     ("GET", "/console", 303), ("GET", "/static/chat.js", 200), ("GET", "/healthz", 200)],
)  # fmt: skip
async def test_every_answer_has_the_headers_that_pages_have(
    client: Client, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path, headers={"Content-Type": "application/json"}, allow_redirects=False)
    assert response.status == status
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in response.headers
    assert "Strict-Transport-Security" not in response.headers
    assert ("Cache-Control" in response.headers) != path.startswith("/static/")


async def test_figures_are_for_this_machine_and_not_for_whom_a_proxy_brings(client: Client) -> None:
    assert (await client.get("/metrics")).status == 200
    assert (await client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})).status == 404


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/api/chat", "application/json"),
        *(
            (path, "multipart/form-data; boundary=x")
            for path in ("/answers", "/answers/supplement", "/disclosure/complain", "/console/sign-in")
        ),
    ],
)
async def test_a_body_that_comes_drop_by_drop_is_not_waited_for(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str, content_type: str
) -> None:
    for limit in ("BODY_WITHIN_SECONDS", "UPLOADED_WITHIN_SECONDS"):
        monkeypatch.setattr(errors, limit, 0.01)
    never = asyncio.Event()

    async def drops() -> Any:
        yield b"--x\r\n"
        await never.wait()

    response = await client.post(path, data=drops(), headers={"Content-Type": content_type})
    assert response.status == 408


@pytest.mark.parametrize("path", ["/answers", "/disclosure/complain", "/disclosure/correct", "/console/sign-in"])
async def test_a_torn_form_is_refused_and_breaks_nothing(client: Client, path: str) -> None:
    response = await client.post(path, data=b"--", headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert response.status == 400


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "unknown"),
    ],
)
def test_one_household_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


def test_keys_are_made_listed_and_revoked_on_the_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")

    def run(*arguments: str) -> tuple[int, str]:
        finished = CliRunner().invoke(cli, ["api-keys", *arguments])
        return finished.exit_code, finished.output

    code, made = run("add", "小程序", "--per-minute", "30")
    assert code == 0
    assert made.startswith("city_")
    assert run("add", "小程序")[0] == 1
    code, listed = run("list")
    assert "小程序  提问  每分钟 30 条" in listed
    assert run("add", "发布系统", "--scope", "documents")[0] == 0
    assert "发布系统  发布文件  " in run("list")[1]
    assert made.split()[0] not in listed
    assert run("revoke", "小程序")[0] == 0
    assert "作废" in run("list")[1]
    assert run("revoke", "小程序")[0] == 1
