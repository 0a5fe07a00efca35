"""While a clerk answers in a conversation, the bot is silent; an answer already under way is dropped too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.conversations import staff_messages
from bot.conversations.models import Conversation
from bot.conversations.service import history, new_conversation_id, open_conversation
from bot.db import Database
from bot.reviews import handling, service
from bot.reviews.models import Case
from bot.reviews.reasons import ClosedAs, Reason
from bot.reviews.states import CaseActionRefused, CaseState
from bot.reviews.takeover import hand_back, take_over
from bot.settings import Settings
from bot.staff.models import Person
from bot.web.app import make_app
from bot.web.keys import LIVE
from tests.web.engine import Engine, saying
from tests.web.portal import open_page

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@dataclass
class Desk:
    """A running gateway, and a clerk who has claimed the case of a conversation."""

    client: TestClient[web.Request, web.Application]
    database: Database
    engine: Engine
    conversation: str = field(default_factory=new_conversation_id)

    async def say(self, text: str) -> list[str]:
        response = await self.client.post("/api/chat", json={"conversation": self.conversation, "text": text})
        assert response.status == 200
        return [message["text"] for message in (await response.json())["messages"]]

    async def begin(self) -> None:
        """Opens the conversation as a program that owns it: the owner's digest is read from another one it began."""
        response = await self.client.post("/api/chat", json={"text": "你好"})
        with self.database.transaction() as session:
            before = session.get_one(Conversation, (await response.json())["conversation"])
            open_conversation(session, self.conversation, "portal", NOW, before.owner_digest)
        self.engine.bodies.clear()

    def claim(self) -> None:
        with self.database.transaction() as session:
            open_conversation(session, self.conversation, "portal", NOW)
            case = service.open_case(session, self.conversation, "portal", Reason.ASKED_FOR_PERSON, [], NOW, "办证")
            session.add(clerk("wang"))
            session.flush()
            handling.claim(session, case, person(session, "wang"), NOW)

    async def clerk_does(self, act: Any) -> None:
        with self.database.transaction() as session:
            act(session, the_case(session), person(session, "wang"))
        await self.client.app[LIVE].changed(self.conversation)

    async def take_over(self) -> None:
        await self.clerk_does(lambda session, case, who: take_over(session, case, who, NOW))

    async def hand_back(self) -> None:
        await self.clerk_does(lambda session, case, _: hand_back(session, case, NOW))

    async def reply(self, text: str) -> None:
        await self.clerk_does(lambda session, case, who: handling.reply(session, case, who, NOW, text, is_final=False))


def clerk(login: str) -> Person:
    return Person(
        login=login,
        name=f"{login}先生",
        role="clerk",
        is_active=True,
        created_at=NOW,
        password_hash=None,
    )


def person(session: Any, login: str) -> Person:
    return next(each for each in session.query(Person) if each.login == login)


def the_case(session: Any) -> Case:
    (case,) = service.open_cases(session)
    return case


@pytest.fixture
async def desk(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async def agree(_: dict[str, Any]) -> web.Response:
        return saying("好的", intent="thank")

    engine = Engine(agree)
    async with engine.serving() as port:
        settings = Settings.from_environment(
            {"VAR_DIR": str(tmp_path), "DATABASE_URL": database_url, "ENGINE_PORT": port}
        )
        async with TestClient(TestServer(make_app(settings))) as client:
            yield Desk(client, database, engine)


async def test_what_the_citizen_says_goes_to_the_clerk_and_not_to_the_bot(desk: Desk) -> None:
    await desk.begin()
    desk.claim()
    await desk.take_over()
    assert await desk.say("在吗") == ["工作人员已经加入，接下来由工作人员直接回答您。"]
    assert await desk.say("我的证呢") == ["您的话已经转给工作人员，请稍等。"]
    assert desk.engine.asked == []
    with desk.database.transaction() as session:
        assert [message.text for message in history(session, desk.conversation)] == ["在吗", "我的证呢"]
        assert the_case(session).citizen_waits


async def test_the_clerks_words_reach_the_citizen_once(desk: Desk) -> None:
    await desk.begin()
    desk.claim()
    await desk.take_over()
    await desk.say("在吗")
    await desk.reply("您好，请说申请号")
    assert await desk.say("A123") == ["工作人员：您好，请说申请号"]
    assert await desk.say("好") == ["您的话已经转给工作人员，请稍等。"]


async def test_an_answer_under_way_does_not_slip_in(desk: Desk) -> None:
    await desk.begin()
    desk.claim()
    desk.engine.may_answer.clear()
    asking = asyncio.create_task(desk.say("办护照多少钱"))
    while not desk.engine.asked:
        await asyncio.sleep(0)
    await desk.take_over()
    desk.engine.may_answer.set()
    assert await asking == ["工作人员已经加入，接下来由工作人员直接回答您。"]
    with desk.database.transaction() as session:
        (message,) = history(session, desk.conversation)
        assert (message.outcome, message.replies) == ("with_person", [])


async def test_handed_back_the_bot_goes_on(desk: Desk) -> None:
    await desk.begin()
    desk.claim()
    await desk.take_over()
    await desk.say("在吗")
    await desk.hand_back()
    assert await desk.say("谢谢") == ["工作人员已经离开，接下来还是由智能助手回答。", "好的"]
    assert desk.engine.asked == ["谢谢"]


async def test_closing_the_case_gives_the_conversation_back(desk: Desk) -> None:
    await desk.begin()
    desk.claim()
    await desk.take_over()
    await desk.clerk_does(lambda session, case, who: handling.close(session, case, who, NOW, ClosedAs.TOLD_WHERE))
    assert (await desk.say("谢谢"))[-1] == "好的"


async def test_only_who_is_responsible_may_take_over(desk: Desk) -> None:
    desk.claim()
    with desk.database.transaction() as session:
        session.add(clerk("li"))
        session.flush()
        with pytest.raises(CaseActionRefused, match="不由您负责"):
            take_over(session, the_case(session), person(session, "li"), NOW)


async def test_taking_over_twice_is_told_once(desk: Desk) -> None:
    desk.claim()
    await desk.take_over()
    await desk.take_over()
    with desk.database.transaction() as session:
        assert len(staff_messages.staff_messages(session, desk.conversation)) == 1
        assert the_case(session).state == CaseState.CLAIMED


async def test_the_open_page_shows_what_the_clerk_writes_without_asking(desk: Desk) -> None:
    async with open_page(desk.client) as page:
        desk.conversation = page.conversation
        desk.claim()
        await desk.take_over()
        joined = await page.receive_json()
        assert (joined["type"], joined["lines"][0]["by"]) == ("staff", "")
        await page.send_json({"type": "say", "id": "1", "text": "在吗"})
        assert (await page.receive_json())["type"] == "typing"
        assert await page.receive_json() == {"type": "answer", "id": "1", "messages": []}
        await desk.reply("在，请说")
        line = (await page.receive_json())["lines"][0]
        assert (line["by"], line["text"]) == ("工作人员", "在，请说")


async def test_a_page_that_comes_back_has_the_clerks_words_in_their_place(desk: Desk) -> None:
    async with open_page(desk.client) as page:
        desk.conversation = page.conversation
        await page.send_json({"type": "say", "id": "1", "text": "在吗"})
        while (await page.receive_json())["type"] != "answer":
            pass
    desk.claim()
    await desk.take_over()
    async with open_page(desk.client, desk.conversation) as page:
        assert {each.get("text") or each["staff"]["by"] for each in page.history} == {"在吗", ""}
