"""The page of a case in Chromium, by keyboard: answer in two strokes, canned replies, notes; nothing typed is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.db import Database, utcnow
from bot.reviews.models import CannedReply
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from tests.web.console import PASSWORD, Browser, fill, open_browser, settings_in
from tests.web.pages import chromium, sign_in, violations
from tests.web.test_console_cases import open_case


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path, ENCODER="off")


@pytest.fixture
async def browser(settings: Settings) -> AsyncIterator[Browser]:
    database = Database(settings.database_url)
    fill(database)
    with database.transaction() as session:
        accounts.add_person(
            session, login="lisi", name="李四", role=Role.CLERK, password=PASSWORD, who="terminal:root", now=utcnow()
        )
        session.add(CannedReply(title="编号", text="您的编号是 {编号}。", department_code=None))
        session.add(CannedReply(title="问候", text="您好。", department_code=None))
        for minutes in (30, 20, 10):
            open_case(session, f"居住证第{minutes}次问怎么办", utcnow() - timedelta(minutes=minutes))
    database.close()
    async with open_browser(settings) as opened:
        yield opened


async def test_a_case_is_answered_closed_and_the_next_one_opened_by_keyboard(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        await sign_in(page, "clerk")
        await page.goto("/console/cases/AJ-000001")
        reply = page.get_by_role("textbox", name="回复", exact=True)
        await page.keyboard.press("r")
        await page.keyboard.type("/编")
        await expect(page.get_by_role("listbox", name="可以插入的")).to_be_visible()
        assert await violations(page) == []
        await page.keyboard.press("Enter")
        await expect(reply).to_have_value("您的编号是 AJ-000001。")
        await page.keyboard.press("Control+Shift+Enter")
        await expect(page.get_by_text("AJ-000001 已答复并办结，这是下一件")).to_be_visible()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("AJ-000002")
        await page.wait_for_selector("html[data-ready]")
        await page.keyboard.press("j")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("AJ-000003")
        await page.wait_for_selector("html[data-ready]")
        await page.keyboard.press("n")
        await page.keyboard.type("@李")
        await expect(page.get_by_role("option", name="lisi")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("备注，只有同事看得到")).to_have_value("@lisi ")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("备注已记下")).to_be_visible()


async def test_what_is_typed_is_there_again_and_a_colleague_sees_who_writes(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        mine, theirs = await open_page(), await open_page()
        await sign_in(mine, "clerk")
        await sign_in(theirs, "lisi")
        for page in (mine, theirs):
            await page.goto("/console/cases/AJ-000001")
        await mine.get_by_role("textbox", name="回复", exact=True).press_sequentially("到派出所")
        await expect(mine.get_by_text("草稿已存")).to_be_visible()
        await expect(theirs.get_by_text("张三正在写回复")).to_be_visible()
        await mine.goto("/console/queue")
        await mine.goto("/console/cases/AJ-000001")
        reply = mine.get_by_role("textbox", name="回复", exact=True)
        await expect(reply).to_have_value("到派出所")
        await mine.get_by_role("button", name="作为答复发出").click()
        await expect(mine.get_by_text("答复已发出")).to_be_visible()
        await expect(reply).to_have_value("")
        await expect(theirs.get_by_text("张三正在写回复")).to_be_hidden()
