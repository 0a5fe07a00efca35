"""A supervisor turns things off and on; the next message is answered accordingly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.db import Database
from bot.staff import audit
from bot.web.keys import DATABASE
from tests.web.console import Browser, fill, form_token, let_in, open_browser, settings_in
from tests.web.engine import Engine, saying

OFF = {"scope": "bot", "key": "", "reason": "演练", "notice": "机器人<正在>维护。"}


@pytest.fixture
def engine() -> Engine:
    async def greet(_: dict[str, Any]) -> web.Response:
        return saying("您好")

    return Engine(greet)


@pytest.fixture
async def browser(tmp_path: Path, engine: Engine) -> AsyncIterator[Browser]:
    async with engine.serving() as port:
        settings = settings_in(tmp_path, ENGINE_PORT=port)
        database = Database(settings.database_url)
        fill(database)
        async with open_browser(settings) as opened:
            let_in(opened, database, "supervisor")
            yield opened
        database.close()


async def submit(browser: Browser, path: str, fields: dict[str, str]) -> tuple[int, str]:
    token = form_token(await (await browser.get("/console/switches")).text())
    response = await browser.post(path, data={**fields, "form_token": token})
    return response.status, await response.text()


async def said(browser: Browser) -> str:
    answer = await (await browser.post("/api/chat", json={"conversation": "c1", "text": "你好"})).json()
    return str(answer["messages"][0]["text"])


async def test_off_and_on_again_work_from_the_next_message_on(browser: Browser, engine: Engine) -> None:
    assert await said(browser) == "您好"
    status, html = await submit(browser, "/console/switches", OFF)
    assert status == 200
    assert "整个机器人已停用，从下一句话起生效" in html
    assert "机器人&lt;正在&gt;维护。" in html
    assert (await said(browser)).startswith("机器人<正在>维护。")
    assert len(engine.asked) == 1
    _, html = await submit(browser, "/console/switches/on", {"scope": "bot", "key": ""})
    assert "现在没有停用的" in html
    assert "以前停用过的" in html
    assert await said(browser) == "您好"
    assert browser.app is not None
    with browser.app[DATABASE].transaction() as session:
        entries = audit.search(session).rows
    assert [(one.who, one.action) for one in entries if one.action.startswith("switch")] == [
        ("supervisor", "switch_on"),
        ("supervisor", "switch_off"),
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"scope": "everything"}, "请选停用什么"),
        ({"scope": "channel", "key": "fax"}, "没有渠道“fax”"),
        ({"scope": "item", "key": "XX-1"}, "没有编码为“XX-1”"),
        ({"notice": " "}, "请写明给群众看的告示"),
    ],
)
async def test_a_mistake_is_told_and_what_was_typed_stays(browser: Browser, wrong: dict[str, str], told: str) -> None:
    status, html = await submit(browser, "/console/switches", {**OFF, **wrong})
    assert status == 422
    assert told in html
    assert "演练" in html


async def test_who_comes_second_is_told(browser: Browser) -> None:
    status, html = await submit(browser, "/console/switches/on", {"scope": "bot", "key": ""})
    assert (status, "整个机器人没有停用" in html) == (422, True)
