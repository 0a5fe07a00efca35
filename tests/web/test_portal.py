"""The page's socket: no question is lost with a connection, and an ended conversation stays ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversations.models import Conversation, Message
from bot.conversations.service import new_conversation_id
from bot.db import utcnow
from bot.disclosures.draft import Draft
from bot.disclosures.kept_drafts import keep_draft, load_draft
from bot.reviews import service as reviews
from bot.reviews.reasons import Reason
from bot.sealing import Sealer
from bot.web.keys import DATABASE, LIVE, SETTINGS
from tests.web.console import Browser
from tests.web.engine import Engine
from tests.web.portal import open_page, running_portal

RECEIPT, CODE = "XXGK-2026-000007", "K7M2-9QXD"
FILED: list[dict[str, Any]] = [
    {
        "text": f"申请已经提交。\n回执号：{RECEIPT}\n查询码：{CODE}\n依据：《政府信息公开条例》第三十条",
        "custom": {"kind": "filing", "step": 9, "of": 9, "receipt": RECEIPT},
        "turn": {"outcome": "filed"},
    }
]


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    made.answers["确认提交"] = FILED
    return made


@pytest.fixture
async def portal(engine: Engine, tmp_path: Path) -> AsyncIterator[Browser]:
    async with running_portal(engine, tmp_path) as browser:
        yield browser


def said(text: str) -> list[dict[str, Any]]:
    return [{"text": f"答：{text}"}]


async def is_stored(portal: Browser, text: str) -> None:
    """Waits until the answer is stored."""

    def answered() -> bool:
        assert portal.app is not None
        with portal.app[DATABASE].transaction() as session:
            return session.query(Message).filter_by(masked_text=text).filter(Message.outcome.is_not(None)).count() > 0

    while not await asyncio.to_thread(answered):
        await asyncio.sleep(0.01)


async def test_an_answer_that_came_while_no_page_was_there_is_there_when_one_comes_back(
    portal: Browser, engine: Engine
) -> None:
    engine.may_answer.clear()
    async with open_page(portal) as page:
        await page.say("1", "你好")
        await engine.is_asked("你好")
    engine.may_answer.set()
    await is_stored(portal, "你好")
    async with open_page(portal, page.conversation) as back:
        assert [(each["id"], each["text"], each["messages"]) for each in back.history] == [("1", "你好", said("你好"))]


async def test_an_answer_under_way_arrives_on_whatever_page_is_open_by_then(portal: Browser, engine: Engine) -> None:
    engine.may_answer.clear()
    async with open_page(portal) as page:
        await page.say("1", "你好")
        await engine.is_asked("你好")
    async with open_page(portal, page.conversation) as back, open_page(portal, page.conversation) as other:
        assert [(each["id"], "messages" in each) for each in back.history] == [("1", False)]
        engine.may_answer.set()
        for each in (back, other):
            assert await each.receive_json() == {"type": "answer", "id": "1", "messages": said("你好")}


async def test_sent_again_under_the_same_number_while_it_is_under_way_it_is_asked_once(
    portal: Browser, engine: Engine
) -> None:
    engine.may_answer.clear()
    async with open_page(portal) as page:
        await page.say("1", "你好")
        await engine.is_asked("你好")
    async with open_page(portal, page.conversation) as back:
        await back.say("1", "你好")
        engine.may_answer.set()
        assert (await back.receive_json())["messages"] == said("你好")
    assert engine.asked == ["你好"]


async def test_a_question_that_nobody_works_on_any_more_is_answered_when_it_is_sent_again(
    portal: Browser, engine: Engine
) -> None:
    """A message as after a restart: stored, but without its task."""
    conversation, now = new_conversation_id(), utcnow()
    assert portal.app is not None
    with portal.app[DATABASE].transaction() as session:
        session.add(Conversation(id=conversation, channel="portal", started_at=now, last_message_at=now))
        session.flush()
        session.add(
            Message(conversation_id=conversation, client_id="1", received_at=now, text="你好", masked_text="你好")
        )
    async with open_page(portal, conversation) as page:
        assert "messages" not in page.history[0]
        await page.say("1", "你好")
        assert (await page.receive_json())["messages"] == said("你好")
    assert engine.asked == ["你好"]


async def test_two_pages_of_a_conversation_see_the_same(portal: Browser) -> None:
    async with open_page(portal) as one, open_page(portal, one.conversation) as other:
        assert other.conversation == one.conversation
        await one.say("1", "你好")
        heard = [await other.receive_json() for _ in range(2)]
        assert [frame["type"] for frame in heard] == ["said", "answer"]
        assert (heard[0]["id"], heard[0]["text"]) == ("1", "你好")
        assert (await one.receive_json())["messages"] == heard[1]["messages"] == said("你好")


async def test_a_query_code_waits_for_a_page_and_is_told_until_one_has_shown_it(
    portal: Browser, engine: Engine
) -> None:
    engine.may_answer.clear()
    async with open_page(portal) as page:
        await page.say("1", "确认提交")
        await engine.is_asked("确认提交")
    engine.may_answer.set()
    await is_stored(portal, "确认提交")
    for _ in range(2):
        async with open_page(portal, page.conversation) as back:
            (filed,) = back.history
            assert filed["once"]
            assert CODE in filed["messages"][0]["text"]
    async with open_page(portal, page.conversation) as back:
        await back.send_json({"type": "shown", "id": "1"})
        await back.say("2", "谢谢")
        await back.receive_json()
    async with open_page(portal, page.conversation) as again:
        filed = again.history[0]
        assert "once" not in filed
        assert RECEIPT in filed["messages"][0]["text"]
        assert CODE not in str(again.history)


async def test_a_query_code_is_kept_nowhere_on_disk(portal: Browser, tmp_path: Path) -> None:
    async with open_page(portal) as page:
        await page.say("1", "确认提交")
        assert CODE in str(await page.receive_json())
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if CODE.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("first", ['{"type": "say", "id": "1", "text": "你好"}', "x", "[]", '{"conversation": 1}'])
async def test_a_socket_that_does_not_greet_is_closed(portal: Browser, engine: Engine, first: str) -> None:
    async with portal.ws_connect("/ws") as socket:
        await socket.send_str(first)
        assert (await socket.receive_json())["type"] == "error"
        await socket.receive()
        assert socket.closed
    assert engine.asked == []


def change(portal: Browser, conversation: str, **fields: Any) -> None:
    assert portal.app is not None
    with portal.app[DATABASE].transaction() as session:
        stored = session.get_one(Conversation, conversation)
        for name, value in fields.items():
            setattr(stored, name, value)


async def test_a_conversation_that_was_silent_for_too_long_is_over(portal: Browser) -> None:
    async with open_page(portal) as page:
        await page.say("1", "你好")
        await page.receive_json()
        change(portal, page.conversation, last_message_at=utcnow() - timedelta(minutes=31))
        assert portal.app is not None
        await portal.app[LIVE].changed(page.conversation)
        assert await page.receive_json() == {"type": "ended"}
        await page.socket.receive()
        assert page.socket.closed
    async with open_page(portal, page.conversation) as again:
        assert again.ended
        assert again.history == []
        assert again.conversation != page.conversation


async def test_whoever_waits_for_a_person_may_be_silent(portal: Browser) -> None:
    async with open_page(portal) as page:
        await page.say("1", "你好")
        await page.receive_json()
    change(portal, page.conversation, last_message_at=utcnow() - timedelta(days=1))
    assert portal.app is not None
    with portal.app[DATABASE].transaction() as session:
        reviews.open_case(session, page.conversation, "portal", Reason.ASKED_FOR_PERSON, [], utcnow(), "办证")
    async with open_page(portal, page.conversation) as again:
        assert not again.ended
        assert len(again.history) == 1


async def test_who_leaves_ends_it_for_every_page_and_leaves_no_draft(portal: Browser) -> None:
    async with open_page(portal) as page, open_page(portal, page.conversation) as other:
        await page.say("1", "你好")
        await page.receive_json()
        assert [(await other.receive_json())["type"] for _ in range(2)] == ["said", "answer"]
        assert portal.app is not None
        sealer = Sealer.of(portal.app[SETTINGS])
        with portal.app[DATABASE].transaction() as session:
            keep_draft(session, page.conversation, Draft(), sealer, utcnow())
        await page.send_json({"type": "leave"})
        for each in (page, other):
            assert await each.receive_json() == {"type": "ended"}
    with portal.app[DATABASE].transaction() as session:
        assert load_draft(session, page.conversation, sealer) is None
    async with open_page(portal, page.conversation) as again:
        assert again.ended
        assert again.history == []


@pytest.mark.parametrize("wanted", ["guessable", "", "x" * 24 + "/", "../" * 8])
async def test_an_id_that_is_none_of_ours_is_not_taken(portal: Browser, wanted: str) -> None:
    async with open_page(portal, wanted) as page:
        assert len(page.conversation) == 24
        assert page.conversation != wanted
        assert page.ended is bool(wanted)
