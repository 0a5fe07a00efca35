"""What is to be done now, on every page of the console, and how each person is told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.db import Database, utcnow
from bot.reviews import handling, service
from bot.reviews.reasons import ClosedAs, Reason
from bot.staff import accounts
from tests.web.console import Browser, fill, let_in, open_browser, settings_in
from tests.web.pages import chromium, is_error


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(settings_in(tmp_path).database_url)
    fill(opened)
    return opened


@pytest.fixture
async def browser(tmp_path: Path, database: Database) -> AsyncIterator[Browser]:
    async with open_browser(settings_in(tmp_path)) as opened:
        yield opened


def ask_for_person(database: Database, conversation_id: str = "c1") -> str:
    lines = [{"by": "citizen", "text": "转人工"}]
    with database.transaction() as session:
        reason = Reason.ASKED_FOR_PERSON
        return service.open_case(session, conversation_id, "portal", reason, lines, utcnow()).number


async def news(browser: Browser) -> dict[str, object]:
    response = await browser.get("/console/desk/news?part=news", headers={"Accept": "application/json"})
    found: dict[str, object] = await response.json()
    return found


async def test_every_page_counts_who_waits(browser: Browser, database: Database) -> None:
    let_in(browser, database, "clerk")
    assert '<li data-kind="waits" hidden>' in await (await browser.get("/console/account")).text()
    ask_for_person(database)
    page = await (await browser.get("/console/account")).text()
    assert (
        '<li data-kind="waits"><a href="/console/queue?waits=1&amp;state=new">有人在等 <strong>1</strong></a>' in page
    )
    let_in(browser, database, "auditor")
    assert "data-desk-news" not in await (await browser.get("/console/account")).text()


async def test_the_search_finds_closed_cases_too_and_the_list_without_one_does_not(
    browser: Browser, database: Database
) -> None:
    number = ask_for_person(database)
    with database.transaction() as session:
        case, clerk = service.get_case(session, number), accounts.get_person(session, "clerk")
        handling.claim(session, case, clerk, utcnow())
        handling.close(session, case, clerk, utcnow(), ClosedAs.WITHDRAWN)
    let_in(browser, database, "clerk")
    found = {}
    for query in ("", f"text={number}", f"text={number}&state=open", "state=any", "state=open"):
        found[query] = f'data-case="{number}"' in await (await browser.get(f"/console/queue?{query}")).text()
    assert [query for query, is_found in found.items() if is_found] == [f"text={number}", "state=any"]


async def test_a_person_is_told_of_what_they_chose_and_of_nothing_before(browser: Browser, database: Database) -> None:
    number = ask_for_person(database)
    token = let_in(browser, database, "clerk")
    before = await news(browser)
    assert (before["ways"], before["news"]) == ([], [])
    assert {kind for kind, shown in before["shown"].items() if shown} == {"waits"}
    fields = {"form_token": token, "waits": "1", "sound": "1", "nonsense": "1"}
    saved = await browser.post("/console/desk/wishes", data=fields)
    assert "提醒已设好" in await saved.text()
    after = await news(browser)
    assert after["ways"] == ["sound"]
    assert isinstance(after["news"], list)
    assert after["news"][0]["words"] == f"有人在等：{number}"
    other = let_in(browser, database, "supervisor")
    assert (await news(browser))["ways"] == []
    await browser.post("/console/desk/wishes", data={"form_token": other})


async def test_whoever_opens_the_address_of_the_news_sees_the_queue(browser: Browser, database: Database) -> None:
    let_in(browser, database, "clerk")
    opened = await browser.get("/console/desk/news", headers={"Accept": "text/html"}, allow_redirects=False)
    assert (opened.status, opened.headers["Location"]) == (303, "/console/queue")


async def test_the_number_in_the_title_and_the_counts_follow_without_a_new_page(
    browser: Browser, database: Database
) -> None:
    token = let_in(browser, database, "clerk")
    await browser.post("/console/desk/wishes", data={"form_token": token, "waits": "1", "title": "1"})
    kept = browser.session.cookie_jar.filter_cookies(browser.make_url("/console"))["console_sign_in"].value
    async with chromium(browser, {"width": 1280, "height": 800}, is_error) as open_page:
        page = await open_page()
        url = str(browser.make_url("/console"))
        await page.context.add_cookies([{"name": "console_sign_in", "value": kept, "url": url}])
        await page.goto("/console/account")
        await page.wait_for_selector("html[data-ready]")
        await expect(page.locator(".urgent")).not_to_contain_text("1")
        ask_for_person(database)
        await page.evaluate("document.dispatchEvent(new Event('desk-changed'))")
        await expect(page.get_by_role("link", name="有人在等 1")).to_be_visible()
        await expect(page).to_have_title("（1）我的账号 · 政务助手工作台")
