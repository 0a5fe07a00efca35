"""A citizen rates on the chat page what a person answered (好差评)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.conversations.service import open_conversation
from bot.db import Database, utcnow
from bot.reviews import call_backs, handling, service
from bot.reviews.models import Case
from bot.reviews.reasons import Reason
from bot.reviews.states import CaseState
from bot.staff import accounts
from bot.web.keys import LIVE
from tests.web.console import Browser, fill, open_browser, settings_in
from tests.web.portal import OpenedPage, open_page


@dataclass
class Portal:
    browser: Browser
    database: Database
    page: OpenedPage
    conversation: str

    async def answer(self) -> str:
        """A clerk answers; the number of the case, as the page is told it."""
        with self.database.transaction() as session:
            clerk, before = accounts.get_person(session, "clerk"), utcnow() - timedelta(minutes=1)
            open_conversation(session, self.conversation, "portal", before)
            case = service.open_case(session, self.conversation, "portal", Reason.ASKED_FOR_PERSON, [], before, "办证")
            handling.claim(session, case, clerk, before)
            handling.reply(session, case, clerk, before, "请问哪个区", is_final=False)
            handling.reply(session, case, clerk, utcnow(), "到派出所办", is_final=True)
        assert self.browser.app is not None
        await self.browser.app[LIVE].changed(self.conversation)
        asked, answered = (await self.page.receive_json())["lines"]
        assert "rate" not in asked
        return str(answered["rate"])

    async def rate(self, number: str, stars: object, why: str = "") -> dict[str, Any]:
        await self.page.send_json({"type": "rate", "case": number, "stars": stars, "why": why})
        answer: dict[str, Any] = await self.page.receive_json()
        return answer

    def case(self) -> tuple[str, list[tuple[int, str]]]:
        """State and ratings."""
        with self.database.transaction() as session:
            case = session.get_one(Case, 1)
            return case.state, [(rating.stars, rating.why) for rating in service.ratings_of(session, case)]


@pytest.fixture
async def portal(database: Database, database_url: str, tmp_path: Path) -> AsyncIterator[Portal]:
    fill(database)
    async with (
        open_browser(settings_in(tmp_path, DATABASE_URL=database_url)) as browser,
        open_page(browser) as page,
    ):
        yield Portal(browser, database, page, page.conversation)


async def test_a_good_rating_is_kept_and_asks_nothing(portal: Portal) -> None:
    number = await portal.answer()
    assert await portal.rate(number, 5) == {"type": "rated", "case": number, "stars": 5, "asks_why": False}
    assert portal.case() == (CaseState.ANSWERED, [(5, "")])


async def test_a_bad_rating_reopens_the_case_and_asks_why_once(portal: Portal) -> None:
    number = await portal.answer()
    assert (await portal.rate(number, 1))["asks_why"]
    assert portal.case()[0] == CaseState.CLAIMED
    assert not (await portal.rate(number, 1, "没说去哪个派出所，我电话13812345678"))["asks_why"]
    assert portal.case()[1] == [(1, "没说去哪个派出所，我电话[手机号]")]
    assert (await portal.rate(number, 1, "又一次"))["type"] == "error"


async def test_an_answer_is_rated_once(portal: Portal) -> None:
    number = await portal.answer()
    await portal.rate(number, 4)
    assert (await portal.rate(number, 5))["type"] == "error"
    assert portal.case()[1] == [(4, "")]


async def test_only_the_conversation_of_a_case_rates_it(portal: Portal) -> None:
    number = await portal.answer()
    async with open_page(portal.browser) as stranger:
        await stranger.send_json({"type": "rate", "case": number, "stars": 1})
        assert (await stranger.receive_json())["type"] == "error"
    assert portal.case() == (CaseState.ANSWERED, [])


@pytest.mark.parametrize("stars", [0, 6, "x", None, [], {}])
async def test_what_is_no_rating_is_said_to_be_none(portal: Portal, stars: object) -> None:
    assert (await portal.rate(await portal.answer(), stars))["error"].startswith("没有看懂这条消息")


async def test_a_page_that_comes_back_may_still_rate_until_it_has(portal: Portal) -> None:
    number = await portal.answer()

    async def rates_shown() -> list[str]:
        async with open_page(portal.browser, portal.conversation) as again:
            return [each["staff"]["rate"] for each in again.history if "rate" in each["staff"]]

    assert await rates_shown() == [number]
    await portal.rate(number, 5)
    assert await rates_shown() == []


async def test_a_call_back_is_answered_on_the_page_or_without_scripts(portal: Portal) -> None:
    await portal.answer()
    with portal.database.transaction() as session:
        call_backs.ask(session, session.get_one(Case, 1), accounts.get_person(session, "clerk"), utcnow())
    assert portal.browser.app is not None
    await portal.browser.app[LIVE].changed(portal.conversation)
    (line,) = (await portal.page.receive_json())["lines"]
    assert line["call_back"]
    page = await (await portal.browser.post("/talk", data={"conversation": portal.conversation})).text()
    assert f'value="{line["id"]}:unsolved"' in page
    await portal.page.send_json({"type": "call_back", "line": line["id"], "answer": "unsolved"})
    answer = await portal.page.receive_json()
    assert (answer["type"], answer["line"]) == ("called_back", line["id"])
    assert portal.case()[0] == CaseState.CLAIMED
    again = {"conversation": portal.conversation, "call_back": f"{line['id']}:content"}
    assert "已经回答过" in await (await portal.browser.post("/talk", data=again)).text()
