"""Nothing typed on the page of a case is lost: kept by script or button, told to colleagues, gone when sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db import Database, utcnow
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from tests.web.console import PASSWORD, Browser, fill, let_in, open_browser, settings_in
from tests.web.test_console_cases import act, claimed_case, get


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, DATABASE_URL=database_url)


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        accounts.add_person(
            session, login="lisi", name="李四", role=Role.CLERK, password=PASSWORD, who="terminal:root", now=utcnow()
        )
    async with open_browser(settings) as opened:
        yield opened


async def test_a_reply_typed_and_not_sent_is_there_again_and_gone_once_it_is_sent(
    browser: Browser, database: Database
) -> None:
    number = claimed_case(database)
    token = let_in(browser, database, "clerk")
    status, page = await act(browser, token, number, "keep", act="reply", text="到派出所<办>")
    assert status == 303
    assert "草稿已存" in page
    assert "到派出所&lt;办&gt;</textarea>" in await get(browser, f"/console/cases/{number}")
    await act(browser, token, number, "reply", text="到派出所办", kind="final")
    page = await get(browser, f"/console/cases/{number}")
    assert "&lt;办&gt;" not in page


async def test_the_script_is_answered_in_json_and_colleagues_see_who_is_writing(
    browser: Browser, database: Database
) -> None:
    number = claimed_case(database, "lisi")
    fields = {"form_token": let_in(browser, database, "lisi"), "act": "reply", "text": "您好"}
    response = await browser.post(f"/console/cases/{number}/keep", data=fields, headers={"Accept": "application/json"})
    assert await response.json() == {"kept": True}
    assert "正在写回复" not in await get(browser, f"/console/cases/{number}")
    let_in(browser, database, "clerk")
    page = await get(browser, f"/console/cases/{number}")
    assert "李四正在写回复" in page
    assert "您好" not in page


async def test_what_was_typed_stays_readable_when_the_case_has_gone_to_another(
    browser: Browser, database: Database
) -> None:
    number = claimed_case(database)
    token = let_in(browser, database, "clerk")
    await act(browser, token, number, "keep", act="reply", text="到派出所办")
    await act(browser, token, number, "hand-on", to="lisi")
    page = await get(browser, f"/console/cases/{number}")
    assert "您没有发出的回复" in page
    assert "到派出所办" in page


async def test_only_who_may_see_a_case_keeps_words_about_it(browser: Browser, database: Database) -> None:
    number = claimed_case(database)
    token = let_in(browser, database, "department")
    assert (await act(browser, token, number, "keep", act="note", text="好"))[0] == 404
    token = let_in(browser, database, "clerk")
    assert (await act(browser, token, number, "keep", act="close", text="好"))[0] == 422
