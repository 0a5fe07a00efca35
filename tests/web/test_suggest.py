"""`/api/suggest`: names and usual questions while one types; it keeps nothing, and is not for programs that flood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.catalogue.importer import import_catalogue
from bot.conversations.models import Message
from bot.db import Database
from bot.documents.importer import import_documents
from bot.places import SAMPLES
from bot.web import suggest
from bot.web.keys import DATABASE
from tests.databases import set_up
from tests.web.console import Browser, open_browser, settings_in


def _with_sample(database: Database) -> None:
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
        import_documents(session, SAMPLES / "documents")


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path)
    database = Database(settings.database_url)
    set_up(database, _with_sample)
    database.close()
    async with open_browser(settings) as opened:
        yield opened


async def proposed(browser: Browser, typed: str) -> list[dict[str, str]]:
    response = await browser.get("/api/suggest", params={"q": typed})
    assert response.status == 200
    found: list[dict[str, str]] = (await response.json())["suggestions"]
    return found


async def test_matters_documents_and_questions_are_proposed(browser: Browser) -> None:
    found = await proposed(browser, "身份证")
    assert len(found) == suggest.MOST
    assert {one["kind"] for one in found} == {"item", "question", "document"}
    assert found[0]["kind"] == "item"
    assert {"title": "居民身份证补领", "kind": "item", "say": "居民身份证补领怎么办"} in await proposed(
        browser, "sfzbl"
    )
    assert (await proposed(browser, "kbcy"))[0]["kind"] == "joint"
    assert "居民身份证补领要多少钱" in [one["say"] for one in await proposed(browser, "身份证补领要多少")]


async def test_repealed_documents_are_not_proposed(browser: Browser) -> None:
    assert [one for one in await proposed(browser, "暂住证") if one["kind"] == "document"] == []


@pytest.mark.parametrize("typed", ["", "\0", "' or 1=1 --", "<script>", "%", "🙂", "长" * 500])
async def test_whatever_is_typed_gets_an_answer(browser: Browser, typed: str) -> None:
    assert await proposed(browser, typed) == []


async def test_nothing_typed_is_kept_and_only_the_browser_may_keep_the_answer(browser: Browser) -> None:
    response = await browser.get("/api/suggest", params={"q": "张三"})
    assert response.headers["Cache-Control"].startswith("private")
    assert browser.app is not None
    with browser.app[DATABASE].transaction() as session:
        assert session.query(Message).count() == 0


async def test_who_floods_is_refused_in_chinese(browser: Browser) -> None:
    statuses = [(await browser.get("/api/suggest", params={"q": "a"})).status for _ in range(302)]
    assert statuses[0] == 200
    refused = await browser.get("/api/suggest", params={"q": "a"})
    assert refused.status == 429
    assert "稍等" in (await refused.json())["error"]


async def test_the_code_on_a_printed_list_leads_to_the_item_and_there_is_none_for_what_is_unknown(
    browser: Browser,
) -> None:
    drawn = await browser.get("/qr/GA-003.svg")
    assert (drawn.status, drawn.content_type) == (200, "image/svg+xml")
    assert "<path" in await drawn.text()
    assert (await browser.get("/qr/YJS-001.svg")).status == 200
    assert (await browser.get("/qr/GA-999.svg")).status == 404
