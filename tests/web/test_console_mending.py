"""Mistakes in entries and imports are corrected in the console, by the roles that may, with an audit entry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import Database
from bot.disclosures.models import Request
from bot.disclosures.terms import Kind, Step
from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from tests.web.console import Browser, fill, let_in, open_browser, settings_in
from tests.web.test_console_desk import add_request, get, post, today, upload

REQUESTS = """回执号,查询码,申请人类型,申请人,申请内容,受理机关,收到日期,提交方式
XXGK-2026-999999,K7M2-9QXD,自然人,王小明,规划图则,公安局,2026-11-10,网上
"""
EVENTS = """回执号,序号,日期,环节,补正期限,延长工作日,征求对象,征求编号,答复结果,说明
XXGK-2026-999999,1,2026-11-10,收到申请,,,,,,
"""
PATH = "/console/disclosures/XXGK-2026-000001"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(settings_in(tmp_path).database_url)


@pytest.fixture
async def browser(database: Database, tmp_path: Path) -> AsyncIterator[Browser]:
    fill(database)
    async with open_browser(settings_in(tmp_path)) as opened:
        yield opened


def actions(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())))


async def test_an_outlier_is_refused_at_the_import_with_its_row(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, Role.CLERK)
    files = {"requests.csv": REQUESTS.encode(), "request_events.csv": EVENTS.encode()}
    status, text = await upload(browser, token, "/console/disclosures/import", "files", files)
    assert status == 422
    assert "高出太多" in text
    with database.transaction() as session:
        assert session.get(Request, "XXGK-2026-999999") is None


async def test_a_clerk_corrects_a_request_and_takes_back_its_last_event(browser: Browser, database: Database) -> None:
    add_request(database, "XXGK-2026-000001", Step(Kind.EXTENDED, today(), working_days=5))
    token = let_in(browser, database, Role.CLERK)
    status, text = await post(browser, token, f"{PATH}/correct", description="辖区派出所办公经费", why="看错了")
    assert status == 303
    assert "已更正" in text
    status, text = await post(browser, token, f"{PATH}/take-back", count="1", why="记错了")
    assert (status, "又有新的记录" in text) == (422, True)
    status, text = await post(browser, token, f"{PATH}/take-back", count="2", why="记错了")
    assert (status, "已撤销" in text) == (303, True)
    assert actions(database)[:2] == ["take_back_event", "correct_request"]
    with database.transaction() as session:
        request = session.get_one(Request, "XXGK-2026-000001")
        assert (request.description, len(request.events)) == ("辖区派出所办公经费", 1)


async def test_only_a_supervisor_strikes_a_request_out_and_brings_it_back(browser: Browser, database: Database) -> None:
    add_request(database)
    token = let_in(browser, database, Role.CLERK)
    assert (await post(browser, token, f"{PATH}/strike", why="误登"))[0] == 403
    token = let_in(browser, database, Role.SUPERVISOR)
    assert "作废这件申请" in await get(browser, PATH)
    status, text = await post(browser, token, f"{PATH}/strike", why="")
    assert (status, "请写明缘由" in text) == (422, True)
    _, text = await post(browser, token, f"{PATH}/strike", why="误登")
    assert "已作废" in text
    assert "误登" in text
    let_in(browser, database, Role.CLERK)
    await get(browser, PATH, 404)
    token = let_in(browser, database, Role.SUPERVISOR)
    _, text = await post(browser, token, f"{PATH}/restore", why="没有登错")
    assert "已恢复" in text
    assert actions(database)[:2] == ["restore_request", "strike_request"]


async def test_a_department_mends_its_own_requests_only(browser: Browser, database: Database) -> None:
    add_request(database)
    token = let_in(browser, database, Role.DEPARTMENT)
    assert "受理机关</label>" not in await get(browser, PATH)
    status, _ = await post(browser, token, f"{PATH}/correct", via="邮寄", department="MZ", why="看错了")
    assert status == 303
    with database.transaction() as session:
        request = session.get_one(Request, "XXGK-2026-000001")
        assert (request.submitted_via, request.department_code) == ("邮寄", "GA")
