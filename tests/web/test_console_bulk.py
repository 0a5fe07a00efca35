"""Several cases of the queue at once, with a result for each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.db import Database, utcnow
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from tests.web.console import PASSWORD, Browser, fill, let_in, open_browser, settings_in
from tests.web.test_console_cases import claimed_case, the_case


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


async def act_on(browser: Browser, token: str, numbers: list[str], name: str, **fields: str) -> tuple[int, str]:
    data = [("form_token", token), ("act", name), *fields.items(), *(("case", number) for number in numbers)]
    response = await browser.post("/console/queue/acts", data=data)
    return response.status, await response.text()


async def test_each_case_is_done_by_itself_and_told_by_itself(browser: Browser, database: Database) -> None:
    mine, theirs = claimed_case(database), claimed_case(database, "lisi")
    token = let_in(browser, database, "clerk")
    await act_on(browser, token, [mine], "tags", tags="居住证")
    status, page = await act_on(browser, token, [mine, theirs, "AJ-000099"], "tags", tags="外地人")
    assert status == 200
    assert "办成 2 件，没办成 1 件" in page
    status, page = await act_on(browser, token, [mine, theirs], "snooze", until="2999-01-01T09:00")
    assert "办成 1 件，没办成 1 件" in page
    assert "由李四负责" in page
    _, page = await act_on(browser, token, [mine, theirs], "close", outcome="told_where")
    assert "已办结" in page
    with database.transaction() as session:
        cases = [the_case(session, number) for number in (mine, theirs)]
        assert [case.tags for case in cases] == [["居住证", "外地人"], ["外地人"]]
        assert [case.state for case in cases] == ["closed", "claimed"]


async def test_only_who_may_assign_assigns_several(browser: Browser, database: Database) -> None:
    numbers = [claimed_case(database), claimed_case(database)]
    token = let_in(browser, database, "clerk")
    assert (await act_on(browser, token, numbers, "assign", to="lisi"))[0] == 422
    token = let_in(browser, database, "supervisor")
    assert "办成 2 件" in (await act_on(browser, token, numbers, "assign", to="lisi"))[1]
    assert (await act_on(browser, token, [], "assign", to="lisi"))[0] == 422
    assert (await act_on(browser, token, numbers, "unmask"))[0] == 422
