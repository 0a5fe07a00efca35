"""The console in Chromium: its content security policy, a telephone's width, the keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest
from aiohttp import hdrs
from playwright.async_api import ConsoleMessage, Page, ViewportSize, expect

from bot.db import Database, utcnow
from bot.staff import accounts, sign_ins
from bot.staff.roles import PERMISSIONS, Role
from bot.web.console.access import access_of
from tests.web.console import PASSWORD, Browser, add_answered_case, fill, open_browser, settings_in
from tests.web.pages import chromium, is_error, violations
from tests.web.school import ask, passed, ship
from tests.web.test_console_access import ROUTES, name_of, path_of

NARROW: ViewportSize = {"width": 360, "height": 720}
# What a route with such a name answers with is no page.
FILES = (".svg", ".csv", ".xlsx", ".docx", ".png")


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path)
    database = Database(settings.database_url)
    fill(database)
    add_answered_case(database)
    ship(settings)
    with database.transaction() as session:
        ask(session, "补身份证要拿什么")
        passed(session, settings)
    database.close()
    async with open_browser(settings) as opened:
        yield opened


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with chromium(browser, NARROW, is_problem) as open_page:
        yield await open_page()


def is_problem(message: ConsoleMessage) -> bool:
    """Ignores the logged 404 of a page about something that does not exist."""
    is_sample = urlsplit(message.location["url"]).path in {path_of(route) for route in ROUTES if "{" in name_of(route)}
    return is_error(message) and not (is_sample and "404" in message.text)


async def let_in(page: Page, browser: Browser, tmp_path: Path, role: Role) -> None:
    database = Database(settings_in(tmp_path).database_url)
    with database.transaction() as session:
        token = sign_ins.begin(session, accounts.get_person(session, role.value), utcnow())
    database.close()
    await page.context.clear_cookies()
    await page.context.add_cookies(
        [{"name": "console_sign_in", "value": token, "url": str(browser.make_url("/console"))}]
    )


def pages_of(role: Role) -> set[str]:
    """The addresses of the console's pages that this role may see."""
    pages = set()
    for route in ROUTES:
        access = access_of(route.handler)
        if route.method != hdrs.METH_GET or access is None or PurePosixPath(path_of(route)).suffix in FILES:
            continue
        if access.permission is None or access.permission in PERMISSIONS[role]:
            pages.add(path_of(route))
    return pages


async def test_every_page_fits_a_telephone_breaks_no_policy_and_is_read_aloud(
    page: Page, browser: Browser, tmp_path: Path
) -> None:
    """A page may have another width for each role. axe-core looks at each page once only, because it is slow."""
    await page.goto("/console")
    found, seen, too_wide = await violations(page), set[str](), {}
    for role in Role:
        await let_in(page, browser, tmp_path, role)
        for path in pages_of(role):
            await page.goto(path)
            await page.wait_for_selector("html[data-ready]")
            width = await page.evaluate("document.documentElement.scrollWidth")
            if width > NARROW["width"]:
                too_wide[path] = width
            if path not in seen or path == "/console":
                found += await violations(page)
                seen.add(path)
    assert too_wide == {}
    assert not found, "\n".join(found)


async def test_all_is_reached_by_keyboard(page: Page) -> None:
    await page.goto("/console")
    await expect(page.get_by_label("登录名")).to_be_focused()
    await page.keyboard.type("administrator")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("张三")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="键盘操作")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("g")
    await page.keyboard.press("s")
    await expect(page.get_by_role("heading", level=1, name="人员")).to_be_visible()
    await page.get_by_label("姓名").focus()
    await page.keyboard.type("gl?")  # typed into a field, it goes nowhere
    await expect(page.get_by_label("姓名")).to_have_value("gl?")
    await page.get_by_label("登录名").fill("li")
    await page.get_by_label("角色", exact=True).select_option("受理员")
    await page.get_by_label("登录名").press("Enter")
    await expect(page.get_by_role("heading", name="账号已添加")).to_be_visible()
