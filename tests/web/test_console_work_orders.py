"""Work orders on the pages: steps by the people of each side, the list, and what a department sees of others’."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.catalogue.models import Department
from bot.db import Database, utcnow
from bot.reviews import handling, service, work_orders
from bot.reviews.order_states import OrderState, lead_order
from bot.reviews.reasons import Reason
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.roles import Role
from tests.web.console import PASSWORD, Browser, fill, let_in, open_browser, settings_in

CASE = "AJ-000001"


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
    """AJ-000001, which the clerk has sent to the police."""
    with database.transaction() as session:
        session.add(Department(code="MZ", name="民政局", short_names=[], phone="0990-2"))
        accounts.add_person(
            session,
            login="minzheng",
            name="何青",
            role=Role.DEPARTMENT,
            department_code="MZ",
            password=PASSWORD,
            who="terminal:root",
            now=utcnow(),
        )
        clerk, now = accounts.get_person(session, Role.CLERK), utcnow()
        lines = [{"by": "citizen", "text": "路灯坏了"}]
        case = service.open_case(session, "c1", "portal", Reason.ASKED_FOR_PERSON, lines, now)
        handling.claim(session, case, clerk, now)
        work_orders.issue(session, case, clerk, now, "GA", "请去看看", 2)
    async with open_browser(settings) as opened:
        yield opened


async def act(browser: Browser, database: Database, login: str, name: str, **fields: str) -> str:
    token = let_in(browser, database, login)
    answer = await browser.post(f"/console/cases/{CASE}/{name}", data={"form_token": token, **fields})
    return await answer.text()


def state(database: Database) -> str:
    with database.transaction() as session:
        order = lead_order(session, service.get_case(session, CASE))
        assert order is not None
        return order.state


async def test_a_department_signs_asks_for_more_time_and_a_supervisor_grants_it(
    browser: Browser, database: Database
) -> None:
    assert "已签收" in await act(browser, database, Role.DEPARTMENT, "sign-order", order="1")
    refused = await act(browser, database, Role.DEPARTMENT, "ask-extension", order="1", days="九", why="要等人")
    assert "填 1 到 60 个工作日" in refused
    assert 'value="要等人"' in refused
    await act(browser, database, Role.DEPARTMENT, "ask-extension", order="1", days="3", why="要等人")
    assert state(database) == OrderState.EXTENSION_ASKED
    let_in(browser, database, Role.SUPERVISOR)
    waiting = await (await browser.get("/console/work-orders?show=extension_asked")).text()
    assert CASE in waiting
    assert "并告诉了群众" in await act(browser, database, Role.SUPERVISOR, "grant-extension", order="1")


async def test_a_clerk_grants_no_extension_and_another_department_does_nothing(
    browser: Browser, database: Database
) -> None:
    assert "没有“指派和改派”的权限" in await act(browser, database, Role.CLERK, "grant-extension", order="1")
    assert "不在您的部门办理" in await act(browser, database, "minzheng", "sign-order", order="1")
    assert state(database) == OrderState.ISSUED


async def test_an_order_that_there_is_not_is_refused_in_words(browser: Browser, database: Database) -> None:
    for order in ("7", "一", ""):
        assert "没有这张工单" in await act(browser, database, Role.DEPARTMENT, "sign-order", order=order)


async def test_a_department_sees_its_own_orders_only_and_one_that_assists_sees_the_case(
    browser: Browser, database: Database
) -> None:
    let_in(browser, database, "minzheng")
    assert CASE not in await (await browser.get("/console/work-orders?department=GA&show=all")).text()
    await act(browser, database, Role.CLERK, "assist", department="MZ", why="请核对")
    let_in(browser, database, "minzheng")
    assert "签收" in await (await browser.get(f"/console/cases/{CASE}")).text()
    assert "已交回" in await act(browser, database, "minzheng", "finish-order", order="2", text="在册")
    assert "在册" in await (await browser.get(f"/console/cases/{CASE}")).text()


async def test_the_list_takes_any_address(browser: Browser, database: Database) -> None:
    let_in(browser, database, Role.SUPERVISOR)
    for query in ("show=nonsense", "from=2026-13-40&to=x", "page=0", "page=99999999999", "department=%27"):
        assert (await browser.get(f"/console/work-orders?{query}")).status == 200


async def test_a_clerk_enters_what_was_told_by_telephone(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, Role.CLERK)
    fields = {"form_token": token, "way": "phone", "kind": "complaint", "words": "路灯坏了", "contact": "不知道"}
    refused = await browser.post("/console/cases", data=fields)
    assert refused.status == 422
    assert "联系方式没有看懂" in await refused.text()
    told = await (await browser.post("/console/cases", data={**fields, "contact": "138 1234 5678"})).text()
    assert "已立件，编号 AJ-000002" in told
    assert "来电" in told
    assert "138****5678" in told


async def test_a_call_back_by_telephone_opens_the_case_again_and_the_department_gets_it_once_more(
    browser: Browser, database: Database
) -> None:
    await act(browser, database, Role.DEPARTMENT, "draft", text="已经修好。")
    await act(browser, database, Role.CLERK, "send-draft", draft="1", text="已经修好。")
    assert "重新打开" in await act(browser, database, Role.CLERK, "called-back", answer="unsolved", words="还是黑的")
    assert "已发回部门重办" in await act(browser, database, Role.CLERK, "redo", why="灯还没亮")
    assert state(database) == OrderState.ISSUED
