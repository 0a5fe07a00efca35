"""How soon a page can be used on a telephone's 3G: `python -m benchmarks.first_answerable [ADDRESS]`.

Opens each page in Chromium with an empty cache, three times, over 1.6 Mbit/s with 300 ms from request to answer and on
a processor four times slower (Chromium's own emulation). A page can be used once it is painted, since no page needs a
script to be sent; the chat does more once it is connected. Prints the medians in milliseconds, and the bytes that came.

Without an address the pages are those of the sample city, served by this process over HTTP/1.1, which fetches six files
at once: the modules of the chat take three more rounds than behind a proxy that speaks HTTP/2.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from bot import migrations
from bot.db import Database
from bot.running.sample_city import load_sample_city
from bot.settings import Settings
from bot.web.app import make_app

PAGES = (
    "/", "/window", "/talk", "/items", "/items?q=身份证", "/items/GA-003", "/joint/YJS-001", "/departments", "/offices",
    "/documents", "/documents/1", "/voices", "/voices/write", "/disclosure", "/disclosure/directory",
    "/disclosure/guide", "/answers", "/privacy",
)  # fmt: skip
TRIES = 3
LATENCY_MS, DOWN_BYTES, UP_BYTES, SLOWER = 300, 1_600_000 / 8, 750_000 / 8, 4
# Of the chat page, and when it says that it is connected.
READY = "html[data-ready]"
_WATCH = """new MutationObserver((_, watching) => {
  if (!document.documentElement?.hasAttribute("data-ready")) return;
  window.readyAt = performance.now();
  watching.disconnect();
}).observe(document, { subtree: true, attributes: true, childList: true });"""
# The entry comes a little after the paint that it tells of.
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_CAME = """performance.getEntries().filter((one) => one.transferSize !== undefined)
  .reduce((sum, one) => sum + one.transferSize, 0)"""


@dataclass(frozen=True)
class Opened:
    """Milliseconds from the request on; `connected_ms` only of the chat."""

    painted_ms: float
    connected_ms: float | None
    came_bytes: float


async def opened(browser: Browser, address: str) -> Opened:
    """Opens the page once, with nothing kept from before."""
    context = await browser.new_context(viewport={"width": 375, "height": 720}, locale="zh-CN")
    page = await context.new_page()
    await page.add_init_script(_WATCH)
    await _slow_down(page)
    await page.goto(address, wait_until="load")
    connected = None
    if await page.locator("script[src]").count():
        await page.wait_for_selector(READY)
        connected = await page.evaluate("window.readyAt")
    painted = await page.wait_for_function(_PAINTED)
    found = Opened(await painted.json_value(), connected, await page.evaluate(_CAME))
    await context.close()
    return found


async def _slow_down(page: Page) -> None:
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    line = {"latency": LATENCY_MS, "downloadThroughput": DOWN_BYTES, "uploadThroughput": UP_BYTES}
    await session.send("Network.emulateNetworkConditions", {"offline": False, **line})
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


@asynccontextmanager
async def sample_city() -> AsyncIterator[str]:
    """The address of the portal of the sample city. Its engine is not started: no page needs it before one asks."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"VAR_DIR": folder, "ENCODER": "off"})
        database = Database(settings.database_url)
        migrations.upgrade(database.engine)
        load_sample_city(database)
        database.close()
        runner = web.AppRunner(make_app(settings))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
        await runner.cleanup()


@asynccontextmanager
async def _given(address: str) -> AsyncIterator[str]:
    yield address.rstrip("/")


async def measure(address: str | None) -> None:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    async with _given(address) if address else sample_city() as home, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        print(f"{'page':32} {'painted':>9} {'connected':>9} {'bytes':>7}")
        for path in PAGES:
            tries = [await opened(browser, home + path) for _ in range(TRIES)]
            painted, came = median(one.painted_ms for one in tries), median(one.came_bytes for one in tries)
            connected = [one.connected_ms for one in tries if one.connected_ms is not None]
            told = f"{median(connected):9.0f}" if connected else " " * 9
            print(f"{path:32} {painted:9.0f} {told} {came:7.0f}")
        await browser.close()


if __name__ == "__main__":
    asyncio.run(measure(sys.argv[1] if len(sys.argv) > 1 else None))
