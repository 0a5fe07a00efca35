"""The pages of publishing in the console: list, entry, duties, corrections, proposals."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db import Database, utcnow
from bot.disclosures.terms import Decision
from bot.publishing import corrections, from_requests, tasks
from bot.publishing.corrections import CorrectionForm
from bot.publishing.models import CorrectionRequest, Information, Proposal, PublishingTask
from bot.sealing import own_sealer
from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from bot.web.chores import watch_publishing
from bot.workdays import today_in_china
from tests.publishing.organs import add_organs, duty, enter
from tests.publishing.test_from_requests import request as add_request
from tests.web.console import Browser, fill, let_in, open_browser, settings_in
from tests.web.pages import chromium, sign_in

PATH = "/console/publishing"
FORM = {"organ": "GA", "subject": "监督检查", "title": "抽检<b>结果", "number": "云公告〔2026〕1号", "summary": "概述"}


@pytest.fixture
async def browser(database_url: str, database: Database, tmp_path: Path) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        add_organs(session)
        session.add(duty())
    settings = settings_in(tmp_path, DATABASE_URL=database_url, IDENTITY_KEY=os.environ["IDENTITY_KEY"])
    async with open_browser(settings) as opened:
        yield opened


def late_entry(database: Database, organ: str = "GA") -> int:
    """An entry of two months ago, with its task."""
    with database.transaction() as session:
        now = utcnow()
        row = enter(session, "旧的结果", today_in_china(now) - timedelta(days=60), organ, now)
        tasks.refresh(session, now)
        return row.id


def ask_for_correction(database: Database, organ: str = "MZ") -> str:
    with database.transaction() as session:
        asked = CorrectionForm(organ, "低保公示名单", "写成3人，实际4人", "户口簿", "王小明", "13900138000")
        return corrections.ask(session, asked, own_sealer(), utcnow()).request.number


def propose(database: Database) -> int:
    with database.transaction() as session:
        add_request(session, 1, "李明")
        add_request(session, 2, "王芳", outcome=Decision.GRANTED)
        from_requests.refresh(session, utcnow())
        return session.scalars(select(Proposal.id)).one()


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path)
    text = await response.text()
    assert response.status == status, text
    return text


async def post(browser: Browser, path: str, token: str, status: int = 200, **form: str) -> str:
    response = await browser.post(path, data={"form_token": token, **form})
    text = await response.text()
    assert response.status == status, text
    return text


async def test_an_entry_is_made_changed_and_published(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, Role.CLERK.value)
    today = str(today_in_china(utcnow()))
    refused = await post(browser, f"{PATH}/new", token, 422, **FORM)
    assert "请填生成日期" in refused
    assert 'value="抽检&lt;b&gt;结果"' in refused
    page = await post(browser, f"{PATH}/new", token, **FORM, made_on=today, duty="GA-01")
    assert "抽检&lt;b&gt;结果" in page
    assert "还剩 20 个工作日" in page
    with database.transaction() as session:
        number = session.scalars(select(Information.id)).one()
    page = await post(browser, f"{PATH}/{number}/change", token, **{**FORM, "title": "抽检结果"}, made_on=today)
    assert "已改" in page
    assert "请填由谁做的" in await post(browser, f"{PATH}/{number}/publish", token, 422, published_on=today)
    page = await post(
        browser,
        f"{PATH}/{number}/publish",
        token,
        published_on=today,
        reviewed_by="李四",
        url="https://yunhe.example/1",
    )
    assert "按期公布" in page
    assert "李四 审查" in page
    assert "抽检结果" not in await get(browser, PATH)
    assert "抽检结果" in await get(browser, f"{PATH}?show=published&subject=监督检查&text=抽检")


async def test_what_is_late_stands_first_on_the_list_and_on_the_first_page(
    browser: Browser, database: Database
) -> None:
    token = let_in(browser, database, Role.DEPARTMENT.value)
    late_entry(database)
    late_entry(database, "MZ")
    assert "主动公开有 1 项" in await get(browser, "/console")
    page = await get(browser, PATH)
    assert "要办的（1）" in page
    assert re.search(r"过期 \d+ 个工作日", page)
    assert "MZ-" not in page
    with database.transaction() as session:
        own, other = (
            session.scalars(select(PublishingTask.id).where(PublishingTask.organ_code == code)).one()
            for code in ("GA", "MZ")
        )
    await post(browser, f"{PATH}/tasks/{other}/settle", token, 422, note="等批准")
    assert "写明情况" in await post(browser, f"{PATH}/tasks/{own}/settle", token, 422, note=" ")
    assert "已写明情况" in await post(browser, f"{PATH}/tasks/{own}/settle", token, note="等批准")
    assert "要办的" not in await get(browser, PATH)


async def test_the_list_stands_by_organ_for_those_who_see_several(browser: Browser, database: Database) -> None:
    let_in(browser, database, Role.CLERK.value)
    for organ in ("MZ", "GA"):
        late_entry(database, organ)
    page = await get(browser, f"{PATH}?show=late")
    heads = re.findall(r'scope="rowgroup">([^<]+)<', page)
    assert heads == ["云河市公安局", "云河市民政局"]
    let_in(browser, database, Role.DEPARTMENT.value)
    assert 'scope="rowgroup"' not in await get(browser, PATH)


def test_the_chores_raise_what_is_late_and_propose_what_several_were_given(database: Database) -> None:
    fill(database)
    with database.transaction() as session:
        add_organs(session)
        enter(session, now=utcnow(), made_on=today_in_china(utcnow()) - timedelta(days=60))
        for serial, applicant in ((1, "李明"), (2, "王芳")):
            add_request(session, serial, applicant)
    watch_publishing(database)
    watch_publishing(database)
    with database.transaction() as session:
        assert (tasks.open_count(session), from_requests.open_count(session)) == (1, 1)


async def test_an_entry_is_withheld_with_a_reason(browser: Browser, database: Database) -> None:
    token, number = let_in(browser, database, Role.REVIEWER.value), late_entry(database)
    await post(browser, f"{PATH}/{number}/withhold", token, 422, why=" ")
    page = await post(browser, f"{PATH}/{number}/withhold", token, why="涉及商业秘密，第三方不同意")
    assert "不发布：涉及商业秘密" in page
    assert "要办的" not in await get(browser, PATH)


async def test_a_department_has_nothing_of_another_organ(browser: Browser, database: Database) -> None:
    token, number = let_in(browser, database, Role.DEPARTMENT.value), late_entry(database, "MZ")
    await get(browser, f"{PATH}/{number}", 404)
    await post(browser, f"{PATH}/{number}/withhold", token, 404, why="x")
    await post(browser, f"{PATH}/new", token, 422, **{**FORM, "organ": "MZ"}, made_on="2026-01-05")
    correction = ask_for_correction(database)
    await get(browser, f"{PATH}/corrections/{correction}", 404)
    assert correction not in await get(browser, f"{PATH}/corrections")


async def test_the_list_is_exported_as_a_file_that_no_spreadsheet_runs(browser: Browser, database: Database) -> None:
    let_in(browser, database, Role.CLERK.value)
    with database.transaction() as session:
        enter(session, "=1+1", today_in_china(utcnow()) - timedelta(days=1), now=utcnow())
    response = await browser.get(f"{PATH}/export.csv?show=all")
    assert response.headers["Content-Type"].startswith("text/csv")
    lines = (await response.text()).splitlines()
    assert lines[0].lstrip("\ufeff").startswith("索引号,机关,主题,名称")
    assert "'=1+1" in lines[1]
    with database.transaction() as session:
        assert session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "export")).one()


async def test_the_table_of_duties_leads_to_a_form_that_is_filled_in(browser: Browser, database: Database) -> None:
    let_in(browser, database, Role.CLERK.value)
    assert 'href="/console/publishing/new?duty=GA-01"' in await get(browser, f"{PATH}/duties")
    page = await get(browser, f"{PATH}/new?duty=GA-01")
    assert '<option value="GA-01" selected>' in page
    assert '<option value="监督检查" selected>' in page


async def test_a_correction_is_decided_and_its_applicant_opened_for_a_reason(
    browser: Browser, database: Database
) -> None:
    token, number = let_in(browser, database, Role.CLERK.value), ask_for_correction(database)
    assert "有 1 件更正申请" in await get(browser, "/console")
    page = await get(browser, f"{PATH}/corrections/{number}")
    assert "写成3人，实际4人" in page
    assert "13900138000" not in page
    await post(browser, f"{PATH}/corrections/{number}/applicant", token, 422, why="")
    assert "13900138000" in await post(browser, f"{PATH}/corrections/{number}/applicant", token, why="核实")
    await post(browser, f"{PATH}/corrections/{number}/decide", token, 422, outcome="refused", words="")
    await post(browser, f"{PATH}/corrections/{number}/decide", token, 422, outcome="nonsense", words="好")
    page = await post(browser, f"{PATH}/corrections/{number}/decide", token, outcome="corrected", words="已改为4人")
    assert f"{number} 已办结" in page
    with database.transaction() as session:
        assert session.get_one(CorrectionRequest, number).words == "已改为4人"
        assert session.scalars(select(AuditEntry.action).where(AuditEntry.subject == number)).all() == [
            "open_applicant",
            "decide_correction",
        ]


async def test_a_department_decides_but_does_not_see_who_asked(browser: Browser, database: Database) -> None:
    token, number = let_in(browser, database, Role.DEPARTMENT.value), ask_for_correction(database, "GA")
    assert "看姓名和联系方式" not in await get(browser, f"{PATH}/corrections/{number}")
    await post(browser, f"{PATH}/corrections/{number}/applicant", token, 403, why="核实")


async def test_a_proposal_is_accepted_or_set_aside(browser: Browser, database: Database) -> None:
    token, number = let_in(browser, database, Role.CLERK.value), propose(database)
    page = await get(browser, f"{PATH}/proposals")
    assert "2 个申请人问过同样的" in page
    assert "第四十四条第一款" in page
    await post(browser, f"{PATH}/proposals/{number}/accept", token, 422, title="停车位", made_on="")
    page = await post(browser, f"{PATH}/proposals/{number}/accept", token, title="停车位", made_on="2026-01-05")
    assert "已列入主动公开" in page
    assert '<a href="/console/disclosures/XXGK-2026-000001">' in page
    await post(browser, f"{PATH}/proposals/{number}/set-aside", token, 422, why="晚了")


async def test_a_suggestion_is_written_down_and_set_aside(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, Role.CLERK.value)
    with database.transaction() as session:
        add_request(session, 1, "李明", "王小明，13900138000，要停车位的规划", outcome=None)
    await post(browser, f"{PATH}/proposals", token, 422, receipt="XXGK-2026-000009", words="大家都要知道")
    page = await post(browser, f"{PATH}/proposals", token, receipt="xxgk-2026-000001", words="大家都要知道")
    assert "申请人建议" in page
    assert "13900138000" not in re.findall(r'name="title"[^>]*value="([^"]*)"', page)[0]
    with database.transaction() as session:
        number = session.scalars(select(Proposal.id)).one()
    assert "不转为主动公开" in await post(browser, f"{PATH}/proposals/{number}/set-aside", token, why="已经公布过")


async def test_reviewers_publish_but_do_not_decide_corrections(browser: Browser, database: Database) -> None:
    let_in(browser, database, Role.REVIEWER.value)
    assert "更正申请" not in await get(browser, PATH)
    await get(browser, f"{PATH}/corrections", 403)


async def test_no_page_is_wider_than_a_small_screen_and_every_field_has_a_label(
    browser: Browser, database: Database
) -> None:
    entry, correction = late_entry(database), ask_for_correction(database)
    propose(database)
    paths = ("", "/new", "/duties", f"/{entry}", "/corrections", f"/corrections/{correction}", "/proposals")
    async with chromium(browser, {"width": 320, "height": 640}) as open_page:
        page = await open_page()
        await sign_in(page, Role.SUPERVISOR.value)
        for path in paths:
            await page.goto(f"{PATH}{path}")
            wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, path
            for field in await page.locator("main :is(input:not([type=hidden]), select, textarea)").all():
                name = await field.get_attribute("id")
                assert await page.locator(f"label[for='{name}']").count() == 1, (path, name)
