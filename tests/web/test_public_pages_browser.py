"""The pages of services and documents in Chromium: on wide and small screens, by keyboard, on paper."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.db import Database
from bot.running.sample_city import load_sample_city
from tests.databases import set_up
from tests.web.console import Browser, open_browser, settings_in
from tests.web.pages import chromium

PATHS = (
    "/items", "/items?q=办证", "/items?department=GA", "/items/GA-003", "/items/GA-004?case=首次申领", "/joint/YJS-001",
    "/departments", "/departments/GA", "/offices", "/documents", "/documents?q=居住证多久签注一次", "/documents/1",
)  # fmt: skip
# What is pressed with a finger is 44 px high (WCAG 2.2, 2.5.5).
_SMALL = """() => [...document.querySelectorAll("button, input, select, .acts a, .cases li a")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML)"""
_UNNAMED = """() => [...document.querySelectorAll("input:not([type=hidden]), select")]
    .filter((one) => !one.labels.length).map((one) => one.outerHTML)"""


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path, ENCODER="off")
    database = Database(settings.database_url)
    set_up(database, load_sample_city)
    database.close()
    async with open_browser(settings) as opened:
        yield opened


async def test_every_page_fits_every_screen_and_is_labelled(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        for path in PATHS:
            await page.goto(path)
            for width in (1280, 375, 320):
                await page.set_viewport_size({"width": width, "height": 720})
                wide = await page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert wide <= 0, (path, width)
                assert await page.evaluate(_SMALL) == [], (path, width)
                assert await page.evaluate(_UNNAMED) == [], path
            assert await page.locator("h1").count() == 1, path
            assert await page.locator("script:not([type='application/ld+json'])").count() == 0, path
            ids = await page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
            assert len(ids) == len(set(ids)), path


async def test_a_citizen_finds_an_item_by_keyboard_alone(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        await page.goto("/items")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("想办什么事")).to_be_focused()
        await page.keyboard.type("身份证丢了")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("共")
        await page.get_by_role("link", name="居民身份证补领").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("居民身份证补领")


async def test_filters_are_chosen_and_taken_away(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        await page.goto("/items")
        await page.get_by_text("按条件筛选").click()
        await page.get_by_label("部门", exact=True).select_option("GA")
        await page.get_by_role("button", name="筛选").click()
        await expect(page.get_by_label("部门", exact=True)).to_be_visible()
        await page.get_by_role("link", name="去掉：部门：公安局").click()
        await expect(page.get_by_role("link", name="全部清除")).to_have_count(0)


async def test_a_case_is_chosen_and_all_are_shown_again(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        await page.goto("/items/GA-004")
        await page.get_by_role("link", name="丢失补发").click()
        await page.get_by_role("link", name="未满 16 周岁").click()
        await expect(page.get_by_text("下面是“丢失补发，未满 16 周岁”的办法")).to_be_visible()
        await expect(page.locator("#materials")).not_to_contain_text("原普通护照")
        await page.get_by_role("link", name="看全部情形").click()
        await expect(page.locator("#materials")).to_contain_text("原普通护照")


async def test_what_is_printed_has_the_record_and_no_controls(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        await page.goto("/items/GA-003")
        await page.emulate_media(media="print")
        await expect(page.locator("#place")).to_be_visible()
        for hidden in ("header nav", ".acts", ".foot"):
            await expect(page.locator(hidden).first).to_be_hidden()


async def test_a_link_to_a_passage_leads_to_it(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        await page.goto("/documents?q=居住证多久签注一次")
        await page.get_by_role("link", name="云河市居住证管理办法").click()
        await expect(page.locator(".passage:target")).to_contain_text("签注一次")
        await _is_in_view(page)


async def _is_in_view(page: Page) -> None:
    await expect(page.locator(".passage:target")).to_be_in_viewport()


async def test_an_unknown_address_leads_on(browser: Browser) -> None:
    def is_problem(message: object) -> bool:
        return "404" not in str(getattr(message, "text", ""))

    async with chromium(browser, is_problem=is_problem) as open_page:
        page = await open_page()
        await page.goto("/nowhere")
        await page.get_by_label("想办什么事").fill("护照")
        await page.get_by_role("button", name="查").click()
        await expect(page.get_by_role("link", name="普通护照签发")).to_be_visible()
