"""The pages for citizens as axe-core reads them: no violation in any state, on a wide screen and on a telephone.

New pages are included by themselves: the routes of the application are walked, and `VALUES` fills what a path asks for.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

import pytest
from aiohttp import hdrs
from playwright.async_api import ConsoleMessage

from bot.db import Database
from bot.running.preparation import load_sample_city
from bot.web.app import make_app
from bot.web.console.frame import is_console
from tests.databases import set_up
from tests.web.console import Browser, open_browser, settings_in
from tests.web.pages import WIDE, chromium, is_error, violations
from tests.web.test_portal_page import NARROW

VALUES = {"/items/{code}": "GA-003", "/joint/{code}": "YJS-001", "/departments/{code}": "GA"}
# Every other parameter; what does not exist shows the page that says so, which is looked at too.
ANY_VALUE = "1"
# What these answer with is data and no page.
DATA = ("/ws", "/api/", "/static", "/healthz", "/readyz", "/metrics")
DATA_ENDINGS = (".js", ".svg", ".csv", ".docx", ".json", ".xml", ".txt", ".atom")
# States of pages that depend on what is asked for.
STATES = (
    "/items?q=办证", "/items?q=没有这样的事", "/items?department=GA", "/items/GA-004?case=首次申领", "/talk?elder=1",
    "/documents?q=居住证多久签注一次", "/documents?q=没有这样的文件", "/nowhere",
)  # fmt: skip


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
        for viewport in (WIDE, NARROW):
            await page.set_viewport_size(viewport)
            for path in (*public_paths(), *STATES):
                await page.goto(path)
                found += await violations(page)
    assert not found, "\n".join(found)
