"""The page that says whether all is well: its first line, what to do about the rest, and for whom."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db import Database
from bot.running import process_records
from bot.running.process_records import ProcessRecord
from bot.web.keys import DATABASE
from tests.web.console import Browser, fill, let_in, open_browser, settings_in
from tests.web.pages import PICTURES, WIDE, chromium, sign_in, violations
from tests.web.test_portal_page import NARROW

PATH = "/console/status"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """The engine was killed once and does not answer now."""
    settings = settings_in(tmp_path, ENCODER="off", ENGINE_PORT="1", ACTIONS_PORT="2")
    database = Database(settings.database_url)
    fill(database)
    database.close()
    settings.logs_dir.mkdir()
    killed = ProcessRecord(7, "2026-11-29T00:00:00+00:00", "2026-11-29T01:00:00+00:00", 1, "killed by signal 9")
    process_records.write(settings.logs_dir / "engine.log", killed)
    async with open_browser(settings) as opened:
        let_in(opened, opened.app[DATABASE], "supervisor")  # type: ignore[index]
        yield opened


async def shown(browser: Browser) -> str:
    response = await browser.get(PATH)
    assert response.status == 200
    return re.sub(r"<[^>]+>", "", await response.text())


async def test_it_says_first_whether_all_is_well_then_what_to_do(browser: Browser) -> None:
    text = await shown(browser)
    first = re.search(r"有 (\d+) 处有错", text)
    assert first
    assert text.index("要处理的") < text.index("问答引擎") < text.index("进行中的事")
    assert "没有响应，从 2026-11-29 09:00 起，重启过 1 次（上次：killed by signal 9）" in text
    assert "docs/alerts.md#assistantnotanswering" in text
    assert "没有用 python -m bot backup 备份过" in text
    html = await (await browser.get(PATH)).text()
    assert 'href="/console/laws"' in html
    # An administrator sees the same, without the pages that are not theirs.
    let_in(browser, browser.app[DATABASE], "administrator")  # type: ignore[index]
    html = await (await browser.get(PATH)).text()
    assert first[0] in html
    assert 'href="/console/laws"' not in html


async def test_it_is_read_on_a_telephone_too(browser: Browser) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        await sign_in(page, "supervisor")
        for name, viewport in (("wide", WIDE), ("narrow", NARROW)):
            await page.set_viewport_size(viewport)
            await page.goto(PATH)
            assert await violations(page) == []
            assert not await page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
            await page.screenshot(path=PICTURES / f"status-{name}.png", full_page=True)
