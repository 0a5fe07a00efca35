"""适老版 is one setting for all pages for citizens: larger type, a person first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db import Database
from bot.running.sample_city import load_sample_city
from tests.databases import set_up
from tests.web.console import Browser, open_browser, settings_in
from tests.web.pages import chromium

PAGES = (
    "/items",
    "/items/GA-003",
    "/documents",
    "/offices",
    "/voices",
    "/voices/write",
    "/interviews",
    "/disclosure",
    "/disclosure/complain",
    "/answers",
    "/privacy",
)
HTML = {"Accept": "text/html"}


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path, ENCODER="off")
    database = Database(settings.database_url)
    set_up(database, load_sample_city)
    database.close()
    async with open_browser(settings) as opened:
        yield opened


async def choose(browser: Browser, elder: str, to: str) -> str:
    response = await browser.get("/view", params={"elder": elder, "to": to}, allow_redirects=False)
    assert response.status == 303
    return response.headers["Location"]


async def test_one_choice_holds_on_every_page_and_is_taken_back(browser: Browser) -> None:
    assert await choose(browser, "1", "/items?q=护照") == "/items?q=%E6%8A%A4%E7%85%A7"
    for path in PAGES:
        html = await (await browser.get(path, headers=HTML)).text()
        assert 'data-view="elder"' in html, path
        assert '<a href="tel:12345">拨打 12345</a>' in html, path
        assert ">标准版</a>" in html, path
    await choose(browser, "0", "/")
    for path in PAGES:
        html = await (await browser.get(path, headers=HTML)).text()
        assert 'data-view="elder"' not in html, path
        assert "拨打 12345</a>" not in html, path


async def test_a_page_without_the_city_is_larger_too(browser: Browser) -> None:
    await choose(browser, "1", "/")
    assert 'data-view="elder"' in await (await browser.get("/nowhere", headers=HTML)).text()


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "items", "", "javascript:1"]
)
async def test_the_way_back_leads_to_no_other_site(browser: Browser, to: str) -> None:
    assert await choose(browser, "1", to) == "/"


async def test_a_page_kept_by_a_browser_or_a_proxy_is_of_one_view(browser: Browser) -> None:
    plain = await browser.get("/items", headers=HTML)
    await choose(browser, "1", "/items")
    large = await browser.get("/items", headers={**HTML, "If-None-Match": plain.headers["ETag"]})
    assert large.status == 200
    assert large.headers["Vary"] == "Accept-Encoding, Cookie"


async def test_type_is_larger_and_nothing_runs_over_on_a_telephone(browser: Browser) -> None:
    async with chromium(browser, {"width": 375, "height": 720}) as open_page:
        page = await open_page()
        sizes = []
        for elder in ("0", "1"):
            await page.goto(f"/view?elder={elder}&to=/items")
            sizes.append(await page.locator("main p").first.evaluate("p => parseFloat(getComputedStyle(p).fontSize)"))
            for path in PAGES:
                await page.goto(path)
                room = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert room <= 0, path
        assert sizes[1] / sizes[0] > 1.3
