"""The console as people see it: in Chromium, each person with cookies of their own."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import ConsoleMessage, Page, ViewportSize, async_playwright, expect

from tests.patience import PAGE_WITHIN_MS
from tests.web.console import PASSWORD, Browser

WIDE: ViewportSize = {"width": 1280, "height": 800}
# Where pictures of pages are kept for people to look at; git ignores it.
PICTURES = Path(os.environ.get("ARTIFACTS_DIR", "artifacts")) / "pages"

# What axe-core says of all that is in order is left in the page: there is so much of it that sending it takes longer.
_VIOLATIONS = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"

OpenPage = Callable[[], Awaitable[Page]]


def is_error(message: ConsoleMessage) -> bool:
    return message.type == "error"


@asynccontextmanager
async def chromium(
    browser: Browser, viewport: ViewportSize = WIDE, is_problem: Callable[[ConsoleMessage], bool] = is_error
) -> AsyncIterator[OpenPage]:
    """Gives a function that opens an empty page for one more person. An error that a page logs fails the test.

    Args:
        browser: says where the console is.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("no Chromium on PATH: the console is not looked at")
    expect.set_options(timeout=PAGE_WITHIN_MS)
    problems: list[str] = []
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )

        async def open_page() -> Page:
            page = await started.new_page(viewport=viewport, locale="zh-CN", base_url=str(browser.make_url("/")))
            page.set_default_timeout(PAGE_WITHIN_MS)
            await page.clock.install(time=datetime.now(UTC))
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda message: problems.append(message.text) if is_problem(message) else None)
            return page

        yield open_page
        await started.close()
    assert not problems, problems


async def sign_in(page: Page, login: str) -> None:
    await page.goto("/console")
    await page.get_by_label("登录名").fill(login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA and its best practices: address, rule, each element."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate(_VIOLATIONS)
    return [f"{page.url}: {rule['help']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


async def keep_picture(page: Page, name: str) -> None:
    """Keeps a picture of the whole page, as `items_GA-003-375.jpg`; the one of the last run is replaced."""
    width = (page.viewport_size or WIDE)["width"]
    named = re.sub(r"[^\w-]+", "_", name).strip("_") or "front"
    await page.screenshot(path=PICTURES / f"{named}-{width}.jpg", full_page=True, type="jpeg", quality=80)
