"""“删除我的记录” on the page, in Chromium: by keyboard, on a narrow screen, and what is left without scripts."""

from __future__ import annotations

from playwright.async_api import Page, WebSocketRoute, expect
from sqlalchemy import select

from bot.privacy.models import Deletion
from bot.web.keys import DATABASE
from tests.web.console import Browser
from tests.web.pages import OpenPage
from tests.web.test_portal_page import engine, open_page, page, portal, say, visit

__all__ = ["engine", "open_page", "page", "portal"]  # fixtures

KEPT = "信息公开申请 XXGK-2026-000007：依法要登记"


def asked_for(portal: Browser) -> list[str]:
    assert portal.app is not None
    with portal.app[DATABASE].transaction() as session:
        return list(session.scalars(select(Deletion.receipt)))


async def is_within_the_screen(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_a_citizen_has_the_records_deleted_by_keyboard(page: Page, portal: Browser) -> None:
    await say(page, "你好")
    await expect(page.get_by_text("答：你好")).to_be_visible()
    await page.get_by_role("button", name="删除我的记录").press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("删了就找不回来")
    await expect(dialog.get_by_text("依法要留下的")).to_be_hidden()
    assert await is_within_the_screen(page)
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await page.get_by_role("button", name="删除我的记录").press("Enter")
    await expect(dialog.get_by_role("button", name="先不删")).to_be_focused()
    await page.keyboard.press("Enter")
    assert asked_for(portal) == []
    await page.get_by_role("button", name="删除我的记录").press("Enter")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    card = page.get_by_role("article", name="删除记录")
    await expect(card).to_be_focused()
    [receipt] = asked_for(portal)
    await expect(card).to_contain_text(receipt)
    assert await is_within_the_screen(page)
    await card.get_by_role("link", name="查删完没有").click()
    await expect(page.get_by_role("status")).to_contain_text(f"编号 {receipt}：已经收到，正在删除")


async def test_what_the_law_keeps_is_read_before_and_after(page: Page) -> None:
    async def keep(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda frame: socket.send(str(frame).replace('"kept": []', f'"kept": ["{KEPT}"]')))

    await page.route_web_socket("**/ws", keep)
    await page.reload()
    await page.wait_for_selector("html[data-ready]")
    await page.get_by_role("button", name="删除我的记录").click()
    await expect(page.get_by_role("alert")).to_contain_text("没有要删的")
    await say(page, "你好")
    await expect(page.get_by_text("答：你好")).to_be_visible()
    await page.get_by_role("button", name="删除我的记录").click()
    await expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_text(KEPT)
    await page.get_by_role("button", name="确认删除").click()
    await expect(page.get_by_role("article", name="删除记录").get_by_role("listitem")).to_have_text(KEPT)


async def test_without_a_connection_nothing_is_said_to_be_deleted(page: Page, portal: Browser) -> None:
    async def break_off(socket: WebSocketRoute) -> None:
        await socket.close()

    await page.evaluate("globalThis.WebSocket.prototype.send = () => {}")
    await page.route_web_socket("**/ws", break_off)
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator("#status")).to_contain_text("连接断开了")
    await page.get_by_role("button", name="删除我的记录").click()
    await page.evaluate("dispatchEvent(new Event('offline'))")  # which the status tells as well
    await expect(page.get_by_text("记录还没有删")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_without_scripts_the_page_on_personal_data_is_reached(open_page: OpenPage, portal: Browser) -> None:
    started = (await open_page()).context.browser
    assert started
    context = await started.new_context(java_script_enabled=False, base_url=str(portal.make_url("/")))
    page = await context.new_page()
    await page.goto("/")
    await page.get_by_role("link", name="个人信息说明").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("个人信息说明")


async def test_whoever_comes_back_from_the_page_on_personal_data_finds_the_conversation(page: Page) -> None:
    await say(page, "你好")
    await expect(page.get_by_text("答：你好")).to_be_visible()
    await page.get_by_role("link", name="个人信息说明").click()
    await page.get_by_role("link", name="问助手").click()
    await visit(page)
    await expect(page.get_by_text("答：你好")).to_be_visible()
