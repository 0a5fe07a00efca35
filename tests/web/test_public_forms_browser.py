"""The public forms on disclosure are sent by a real browser, whose headers say that they come from our own page."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.db import Database
from bot.oversight.complaints import KIND_TITLES
from tests.databases import set_up
from tests.notices.requests import add_request
from tests.web.console import Browser, open_browser, settings_in
from tests.web.pages import chromium


@pytest.fixture
async def browser(database_url: str, database: Database, tmp_path: Path) -> AsyncIterator[Browser]:
    set_up(database)
    add_request(database)
    settings = settings_in(tmp_path, DATABASE_URL=database_url, IDENTITY_KEY=os.environ["IDENTITY_KEY"])
    async with open_browser(settings) as opened:
        yield opened


async def test_a_complaint_is_taken(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page: Page = await open_page()
        await page.goto("/disclosure/complain")
        await page.locator("select[name=department]").select_option("SL")
        await page.locator("select[name=kind]").select_option(next(iter(KIND_TITLES)).value)
        await page.locator("textarea[name=words]").fill("申请过了期限，没有答复，打电话也没有人接。")
        await page.locator("form[method=post] button").click()
        await expect(page.get_by_role("status")).to_contain_text("已经收到")
