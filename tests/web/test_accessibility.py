"""Every page for citizens, on a wide screen and on a telephone: no violation by axe-core, a picture, a budget of bytes.

New pages are included by themselves: the routes of the application are walked, and `VALUES` fills what a path asks for.
"""

from __future__ import annotations

import gzip
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

import pytest
from aiohttp import hdrs
from playwright.async_api import ConsoleMessage

from bot.db import Database
from bot.running.sample_city import load_sample_city
from bot.web.app import make_app
from bot.web.console.frame import is_console
from bot.web.portal import MODULES
from tests.databases import set_up
from tests.web.console import Browser, open_browser, settings_in
from tests.web.pages import WIDE, chromium, is_error, keep_picture, violations
from tests.web.test_portal_page import NARROW

VALUES = {"/items/{code}": "GA-003", "/joint/{code}": "YJS-001", "/departments/{code}": "GA"}
# Every other parameter; what does not exist shows the page that says so, which is looked at too.
ANY_VALUE = "1"
# What these answer with is data and no page.
DATA = ("/ws", "/api/", "/static", "/healthz", "/readyz", "/metrics")
DATA_ENDINGS = (".js", ".svg", ".csv", ".docx", ".json", ".xml", ".txt", ".atom")
# States of pages that depend on what is asked for.
STATES = (
    "/items?q=办证", "/items?q=没有这样的事", "/items?department=GA", "/items/GA-004?case=首次申领",
    "/documents?q=居住证多久签注一次", "/documents?q=没有这样的文件", "/nowhere",
)  # fmt: skip
# 适老版, then 繁體, then as before.
VIEWS = ("/view?elder=1&to=/items/GA-003", "/view?elder=0&characters=hant&to=/", "/view?characters=&to=/")
# Compressed, with all that the page asks for to be drawn and used: half a second of a telephone's 3G.
BUDGET_BYTES = 60_000


def public_paths() -> list[str]:
    app = make_app(settings_in(Path(tempfile.gettempdir())))
    paths = {
        route.resource.canonical
        for route in app.router.routes()
        if route.resource is not None and route.method == hdrs.METH_GET and not is_console(route.resource.canonical)
    }
    pages = [path for path in paths if not path.startswith(DATA) and PurePosixPath(path).suffix not in DATA_ENDINGS]
    return sorted(re.sub(r"{[^}]+}", VALUES.get(path, ANY_VALUE), path) for path in pages)


def is_problem(message: ConsoleMessage) -> bool:
    return is_error(message) and "404" not in message.text


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path, ENCODER="off")
    database = Database(settings.database_url)
    set_up(database, load_sample_city)
    database.close()
    async with open_browser(settings) as opened:
        yield opened


async def test_axe_finds_nothing_on_any_public_page(browser: Browser) -> None:
    found = []
    async with chromium(browser, is_problem=is_problem) as open_page:
        page = await open_page()
        for path in (*public_paths(), *STATES, *VIEWS):
            await page.goto(path)
            for viewport in (WIDE, NARROW):
                await page.set_viewport_size(viewport)
                found += await violations(page)
                await keep_picture(page, path)
        await page.emulate_media(color_scheme="dark")
        found += await violations(page)
        await keep_picture(page, "dark")
    assert not found, "\n".join(found)


async def test_no_public_page_weighs_more_than_its_budget(browser: Browser) -> None:
    files: dict[str, int] = {}
    heavy = {}
    for path in (*public_paths(), *STATES):
        weight, html = await fetched(browser, path)
        for file in set(re.findall(r'"(/static/[^"]+)"', html)):
            files[file] = files.get(file) or (await fetched(browser, file))[0]
            weight += files[file]
        if weight >= BUDGET_BYTES:
            heavy[path] = weight
    assert len(files) > len(MODULES)
    assert heavy == {}


async def fetched(browser: Browser, path: str) -> tuple[int, str]:
    """The bytes that came, and what they say."""
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    response = await browser.get(path, headers=headers, auto_decompress=False)
    came = await response.read()
    is_compressed = response.headers.get("Content-Encoding") == "gzip"
    return len(came), (gzip.decompress(came) if is_compressed else came).decode()
