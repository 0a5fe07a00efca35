"""A letter on its whole way in a browser: written, answered, published by consent, read on a telephone."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.db import Database
from bot.reviews.reasons import Kind
from tests.voices.letters import publish
from tests.web.console import Browser, fill, open_browser, settings_in
from tests.web.pages import WIDE, chromium, sign_in, violations
from tests.web.test_portal_page import NARROW


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path, IDENTITY_KEY=os.environ["IDENTITY_KEY"])
    database = Database(settings.database_url)
    fill(database)
    with database.transaction() as session:
        publish(session, title="小区门口路灯不亮", question="东门的路灯坏了，没人来修。", answer="已经修好。")
    database.close()
    async with open_browser(settings) as opened:
        yield opened


async def is_fine(page: Page) -> None:
    """No page is wider than its window, and axe finds nothing."""
    for viewport in (WIDE, NARROW):
        await page.set_viewport_size(viewport)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        assert await violations(page) == []


async def follow(page: Page, number: str, code: str) -> None:
    await page.goto("/voices/mine")
    await page.get_by_label("编号").fill(number)
    await page.get_by_label("查询码").fill(code)
    await page.get_by_role("button", name="查看").click()


async def test_a_letter_goes_its_whole_way(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        await page.goto("/")
        await page.get_by_role("link", name="网上来信").click()
        await page.get_by_role("link", name="我要写信").click()
        await page.get_by_label("种类").select_option(Kind.COMPLAINT.value)
        await page.get_by_label("标题").fill("西门的路灯不亮")
        await page.get_by_label("内容").fill("小区门口路灯不亮，已经三天了。")
        await page.get_by_label("愿意公开这封信和答复").check()
        await page.get_by_role("button", name="寄出").click()
        await expect(page.get_by_text("信还没有寄出")).to_be_visible()
        await is_fine(page)
        await page.get_by_role("button", name="还是寄出").first.click()
        told = await page.locator("dl.receipt").inner_text()
        number, code = re.findall(r"AJ-\d{6}|(?<![A-Z0-9])[A-Z0-9]{4}-[A-Z0-9]{4}(?![A-Z0-9])", told)
        await is_fine(page)

        clerk = await open_page()
        await sign_in(clerk, "clerk")
        await clerk.goto(f"/console/cases/{number}")
        await clerk.get_by_role("button", name="认领").first.click()
        await clerk.get_by_label("回复", exact=True).fill("西门的路灯修好了。")
        await clerk.get_by_role("button", name="作为答复发出").click()
        await clerk.get_by_text("拟公开的文字").first.click()
        await clerk.get_by_role("button", name="存为拟稿").first.click()
        await expect(clerk.get_by_text("等来信人同意").first).to_be_visible()
        assert await violations(clerk) == []

        await follow(page, number, code)
        await is_fine(page)
        await page.get_by_label("非常满意", exact=True).check()
        await page.get_by_role("button", name="评价").click()
        await expect(page.get_by_role("status")).to_contain_text("谢谢")
        await page.get_by_label("我看过了，同意公开").check()
        await page.get_by_role("button", name="同意公开").click()

        reviewer = await open_page()
        await sign_in(reviewer, "reviewer")
        await reviewer.goto(f"/console/cases/{number}")
        await reviewer.get_by_text("审核公开的文字").click()
        await reviewer.get_by_role("button", name="同意公开").click()
        await expect(reviewer.get_by_role("link", name="已公开")).to_be_visible()

        await page.goto("/voices?q=西门的路灯")
        await page.get_by_role("link", name="西门的路灯不亮").click()
        await page.get_by_role("button", name="我也关心").click()
        await expect(page.get_by_text("有 1 人也关心这件事")).to_be_visible()
        await is_fine(page)
