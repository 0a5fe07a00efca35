"""Two pairs of eyes in Chromium: one person proposes a fee, another approves it, citizens read it; and it is undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.db import Database
from bot.places import SAMPLES
from bot.referrals.importer import import_routes
from bot.staff.roles import Role
from tests.databases import set_up, with_sample_catalogue
from tests.web.console import Browser, add_people, open_browser, settings_in
from tests.web.pages import WIDE, chromium, sign_in, violations
from tests.web.test_portal_page import NARROW

ITEM = "/console/catalogue/GA-004"
FEE = "首次申领免费，换领每证 21 元"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path, ENCODER="off")
    database = Database(settings.database_url)
    set_up(database, with_sample_catalogue)
    with database.transaction() as session:
        import_routes(session, SAMPLES / "routes")
        add_people(session, (Role.REVIEWER, Role.SUPERVISOR), department="")
    database.close()
    async with open_browser(settings) as opened:
        yield opened


async def accessible(page: Page) -> None:
    for viewport in (NARROW, WIDE):
        await page.set_viewport_size(viewport)
        assert await violations(page) == []
        assert not await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


async def test_a_fee_is_proposed_compared_approved_read_by_citizens_and_undone(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        editor, approver, citizen = await open_page(), await open_page(), await open_page()
        await sign_in(editor, "reviewer")
        await editor.goto(ITEM)
        await editor.get_by_label("收费标准").fill(FEE)
        await editor.get_by_role("button", name="看改后的答复").click()
        await accessible(editor)
        await editor.get_by_label("为什么改，核准的人会看到").fill("收费标准调整")
        await editor.get_by_role("button", name="提出，请人核准").click()
        await expect(editor.get_by_text("是您自己提的，要请别人核准")).to_be_visible()
        await citizen.goto("/items/GA-004")
        await expect(citizen.get_by_text(FEE)).to_have_count(0)

        await sign_in(approver, "supervisor")
        await approver.get_by_role("link", name="改动待核准 1").click()
        await accessible(approver)
        await approver.get_by_role("table").get_by_role("link").click()
        await expect(approver.locator("ins")).to_contain_text("21 元")
        await accessible(approver)
        await approver.get_by_role("button", name="核准，马上生效").click()
        await expect(approver.get_by_text("已核准，从现在起生效")).to_be_visible()
        await citizen.reload()
        await expect(citizen.get_by_text(FEE).first).to_be_visible()

        await approver.get_by_label("为什么撤销").fill("文号不对")
        await approver.get_by_role("button", name="撤销，马上恢复原来的").click()
        await expect(approver.get_by_text("已撤销，恢复了原来的内容")).to_be_visible()
        await citizen.reload()
        await expect(citizen.get_by_text(FEE)).to_have_count(0)
        for path in ("/console/changes/upload", "/console/referrals", "/console/referrals/LX-001"):
            await approver.goto(path)
            await accessible(approver)
