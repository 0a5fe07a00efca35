"""The client's address, and the warning when it cannot be known."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.db import Database
from bot.staff.roles import Role
from bot.web.app import make_app
from bot.web.clients import client_of
from tests.web.console import fill, let_in, open_browser, settings_in


class FromSocket(asyncio.Transport):
    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("5.5.5.5", 40000) if name == "peername" else default


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        ("0", "1.1.1.1", "5.5.5.5"),
        ("1", "9.9.9.9, 1.1.1.1", "1.1.1.1"),
        ("2", "9.9.9.9, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        ("2", "1.1.1.1", "5.5.5.5"),
    ],
)
def test_the_client_is_whom_the_outermost_proxy_of_ours_saw(
    tmp_path: Path, proxies: str, forwarded: str, client: str
) -> None:
    app = make_app(settings_in(tmp_path, PROXY_COUNT=proxies))
    request = make_mocked_request("GET", "/", {"X-Forwarded-For": forwarded}, app=app, transport=FromSocket())
    assert client_of(request) == client


@pytest.mark.parametrize(
    ("proxies", "headers", "said"),
    [
        ("0", {"X-Forwarded-For": "1.1.1.1"}, "PROXY_COUNT 是 0"),
        ("1", {}, "没有带够 X-Forwarded-For"),
        ("0", {}, ""),
        ("1", {"X-Forwarded-For": "1.1.1.1"}, ""),
    ],
)
async def test_a_proxy_that_no_setting_tells_of_is_told_loudly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, proxies: str, headers: dict[str, str], said: str
) -> None:
    settings = settings_in(tmp_path, PROXY_COUNT=proxies)
    database = Database(settings.database_url)
    fill(database)
    async with open_browser(settings) as browser:
        let_in(browser, database, Role.ADMINISTRATOR)
        with caplog.at_level(logging.WARNING, "bot.web.clients"):
            for _ in range(3):
                await browser.get("/console", headers=headers)
        home = await (await browser.get("/console", headers=headers)).text()
        warnings = (await (await browser.get("/readyz")).json())["warnings"]
        let_in(browser, database, Role.CLERK)
        other_home = await (await browser.get("/console", headers=headers)).text()
    assert len([one for one in caplog.records if one.name == "bot.web.clients"]) == bool(said)
    assert (said in home, said in "".join(warnings)) == (True, True)
    assert bool(warnings) == bool(said)
    assert not said or said not in other_home
    database.close()
