"""Home is what waits for the person; each number is that of the list to which it leads."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.db import Database, utcnow
from bot.reviews import handling, service, work_orders
from bot.reviews.reasons import Reason
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from bot.switches import service as switches
from bot.switches.scopes import Scope
from tests.web.console import Browser, fill, let_in, open_browser, settings_in
from tests.web.pages import WIDE, chromium, sign_in, violations
from tests.web.test_portal_page import NARROW

PAGES = (
    *("/console", "/console/work-orders", "/console/work-orders?show=returned", "/console/cases/new"),
    *(
        "/console/cases/AJ-000004",
        "/console/figures?compare=1",
        "/console/figures/cases?which=opened",
        "/console/audit",
    ),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def database(settings: Settings) -> Database:
    opened = Database(settings.database_url)
    fill(opened)
    return opened


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    """Two new cases, one in hand and late, one with the police, of which they have handed in a draft of another."""
    with database.transaction() as session:
        clerk, officer = accounts.get_person(session, Role.CLERK), accounts.get_person(session, Role.DEPARTMENT)
        now = utcnow()
        cases = [
            service.open_case(
                session,
                f"c{number}",
                "portal",
                Reason.ASKED_FOR_PERSON,
                [{"by": "citizen", "text": f"问题{number}"}],
                now - timedelta(days=number),
            )
            for number in range(5)
        ]
        for case in cases[2:]:
            handling.claim(session, case, clerk, now)
        for case in cases[3:]:
            work_orders.issue(session, case, clerk, now, "GA", "", None)
        handling.draft_answer(session, cases[4], officer, now, "好")
    async with open_browser(settings) as opened:
        yield opened


async def numbers(browser: Browser) -> dict[str, int]:
    """Path → the number that the first page shows for it."""
    html = await (await browser.get("/console")).text()
    found = re.findall(r'<a href="(/console/[^"]+)"[^>]*><strong>(\d+)</strong>', html)
    found += re.findall(r'<a href="(/console/[^"]+)"[^>]*aria-label="[^"]+">(\d+)</a>', html)
    return {path.replace("&amp;", "&"): int(number) for path, number in found}


@pytest.mark.parametrize("role", [Role.CLERK, Role.DEPARTMENT, Role.REVIEWER, Role.SUPERVISOR])
async def test_each_number_is_that_of_the_list_behind_it(browser: Browser, database: Database, role: Role) -> None:
    let_in(browser, database, role)
    found = await numbers(browser)
    assert found
    for path, number in found.items():
        html = await (await browser.get(path)).text()
        total = re.search(r"共 (\d+) [件张]", html)
        assert total, path
        assert int(total[1]) == number, path


async def test_a_clerk_sees_own_work_and_a_supervisor_everybodys(browser: Browser, database: Database) -> None:
    let_in(browser, database, Role.CLERK)
    clerk = await numbers(browser)
    assert clerk["/console/queue?state=new"] == 2
    assert not any("owner=" in path for path in clerk)
    with database.transaction() as session:
        switches.turn_off(session, Scope.CHANNEL, "sms", who="t", reason="试", notice="停", now=utcnow())
    let_in(browser, database, Role.SUPERVISOR)
    supervisor = await numbers(browser)
    assert supervisor["/console/queue?state=open&owner=clerk"] == 3
    assert supervisor["/console/work-orders?show=to_sign&department=GA"] == 1
    assert "停用中：渠道“短信”" in await (await browser.get("/console")).text()


async def test_who_handles_no_cases_has_no_list_of_work(browser: Browser, database: Database) -> None:
    let_in(browser, database, Role.AUDITOR)
    assert "等我办的" not in await (await browser.get("/console")).text()


async def test_home_and_the_lists_behind_it_are_clean_for_axe_and_sort_with_scripts(
    browser: Browser, database: Database
) -> None:
    async with chromium(browser) as open_page:
        page = await open_page()
        await sign_in(page, Role.SUPERVISOR)
        found = []
        for path in PAGES:
            await page.goto(path)
            for viewport in (WIDE, NARROW):
                await page.set_viewport_size(viewport)
                found += await violations(page)
                assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
        assert not found, "\n".join(found)
        await page.goto("/console")
        clerks = page.locator("table.load").first
        await clerks.get_by_role("button", name="手上的").click()
        await clerks.get_by_role("button", name="手上的").click()
        assert await clerks.locator("tbody td").first.text_content() == "3"
