"""A talk in a browser: the page of who follows it changes by itself while its staff work, and axe finds nothing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.db import Database
from tests.interviews import talks
from tests.interviews.talks import ANSWER, ASKED, GUEST
from tests.test_picture_metadata import photo
from tests.web.console import Browser, fill, open_browser, settings_in
from tests.web.pages import chromium, sign_in
from tests.web.test_voices_browser import is_fine


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path, IDENTITY_KEY=os.environ["IDENTITY_KEY"])
    database = Database(settings.database_url)
    fill(database)
    with database.transaction() as session:
        talks.held(session)
        talks.announce(session, title="门诊报销有什么变化")
    database.close()
    async with open_browser(settings) as opened:
        yield opened


async def test_a_talk_is_followed_while_it_goes_on(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        citizen, follower, clerk = [await open_page() for _ in range(3)]
        await citizen.goto("/")
        await citizen.get_by_role("link", name="在线访谈").click()
        await citizen.get_by_role("link", name="门诊报销有什么变化").click()
        await follower.goto("/interviews/2")

        await sign_in(clerk, "clerk")
        await clerk.goto("/console/interviews/2")
        await clerk.get_by_text("图片（0）").click()
        await clerk.get_by_label("JPG 或 PNG").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo(1)}
        )
        await clerk.get_by_label("说明").fill("访谈现场")
        await clerk.get_by_role("button", name="加上").click()
        await clerk.get_by_role("button", name="开始访谈").click()

        await citizen.get_by_label("问题").fill(ASKED)
        await citizen.get_by_role("button", name="提问").click()
        await is_fine(citizen)
        await clerk.get_by_role("link", name="刷新").click()
        await clerk.get_by_text("选用", exact=True).first.click()
        await clerk.get_by_role("button", name="选用", exact=True).click()
        await clerk.get_by_label("由谁答复").first.select_option(GUEST)
        await clerk.get_by_label("答复", exact=True).first.fill(ANSWER)
        await is_fine(clerk)
        await clerk.get_by_role("button", name="发布").click()

        await expect(follower.get_by_text(ANSWER)).to_be_visible()
        await expect(follower.get_by_role("img", name="访谈现场")).to_be_visible()
        await expect(follower.get_by_text("有新的内容")).to_be_visible()
        await is_fine(follower)
        await clerk.goto("/console/interviews/new")
        await is_fine(clerk)
