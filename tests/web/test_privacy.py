"""The page that lists the stored data, and the button that deletes them."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import select

from bot.db import utcnow
from bot.privacy import deletion
from bot.privacy.kinds import KEPT, Kind
from bot.privacy.models import Deletion
from bot.web.keys import DATABASE, SETTINGS
from tests.web.test_chat import client, engine, say, stored

__all__ = ["client", "engine"]  # fixtures

Client = TestClient[web.Request, web.Application]


async def page(client: Client, **query: str) -> str:
    response = await client.get("/privacy", params=query)
    assert response.status == 200
    return await response.text()


async def test_the_page_tells_of_each_kind_what_how_long_why_and_whom_to_ask(client: Client) -> None:
    html = await page(client)
    # Nobody can sign in here, so nothing is told of it.
    assert KEPT[Kind.MATTERS].title not in html
    for keeping in (keeping for kind, keeping in KEPT.items() if kind != Kind.MATTERS):
        assert keeping.title in html
        assert keeping.why in html
    assert "184 天" in html
    assert "3 年" in html
    assert "12345" in html
    assert "第四十七条" in html


async def test_a_conversation_is_forgotten_from_the_page(client: Client) -> None:
    assert client.app is not None
    async with client.ws_connect("/ws") as ws:
        await ws.send_json({"type": "hello", "conversation": None})
        conversation = (await ws.receive_json())["conversation"]
        await ws.send_json({"type": "say", "id": "1", "text": "你好"})
        while (await ws.receive_json())["type"] != "answer":
            pass
        await ws.send_json({"type": "forget"})
        assert await ws.receive_json() == {"type": "forget", "kept": []}
        await ws.send_json({"type": "forget", "sure": True})
        forgotten = await ws.receive_json()
        assert (forgotten["type"], forgotten["kept"]) == ("forgotten", [])
    await say(client, "你好", "another")
    assert "正在删除" in await page(client, receipt=forgotten["receipt"])
    database, settings = client.app[DATABASE], client.app[SETTINGS]
    assert deletion.do_what_waits(database, settings, utcnow() + timedelta(minutes=1)) == [forgotten["receipt"]]
    assert "已经删完" in await page(client, receipt=forgotten["receipt"].lower())
    assert conversation not in {message.conversation_id for message in stored(client)}
    assert len(stored(client)) == 1


async def test_where_nothing_was_said_nothing_is_deleted_and_no_number_given(client: Client) -> None:
    assert client.app is not None
    async with client.ws_connect("/ws") as ws:
        await ws.send_json({"type": "hello", "conversation": None})
        await ws.receive_json()
        for frame in ({"type": "forget"}, {"type": "forget", "sure": True}):
            await ws.send_json(frame)
            answer = await ws.receive_json()
            assert (answer["type"], "没有记录" in answer["error"]) == ("error", True)
    with client.app[DATABASE].transaction() as session:
        assert list(session.scalars(select(Deletion))) == []


async def test_a_number_that_is_none_is_said_to_be_none_and_quoted_safely(client: Client) -> None:
    html = await page(client, receipt="<script>x</script>")
    assert "没有找到编号" in html
    assert "<script>" not in html
