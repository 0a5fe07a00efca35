"""Questions that were not answered well, on the pages: what each role sees and does, and the items of departments."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.catalogue.models import Department, Item
from bot.db import Database, utcnow
from bot.gaps.models import Gap, GapMessage
from bot.gaps.service import GapState, monday_of
from bot.proposed_changes.service import Target, propose
from bot.proposed_changes.terms import Changeable
from bot.settings import Settings
from bot.staff.roles import Role
from bot.workdays import today_in_china
from tests.databases import set_up
from tests.web.console import Browser, let_in, open_browser, settings_in
from tests.web.pages import WIDE, chromium, sign_in, violations
from tests.web.school import LOST, ask, fill_school
from tests.web.test_portal_page import NARROW

PATH = "/console/gaps"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def database(settings: Settings) -> Database:
    opened = Database(settings.database_url)
    set_up(opened, with_gaps)
    return opened


def with_gaps(database: Database) -> None:
    """Gap 1 of the police, gap 2 of 民政局, and gap 3 of nobody."""
    fill_school(database)
    with database.transaction() as session:
        session.add(Department(code="MZ", name="民政局", short_names=[], phone=""))
        session.flush()
        add_gap(session, "GA", *LOST)
        add_gap(session, "MZ", "结婚证丢了怎么补，我电话13800138000")
        add_gap(session, None, "今天天气怎么样")


def add_gap(session: Session, department: str | None, *texts: str) -> None:
    week_on = monday_of(today_in_china(utcnow()))
    unit = "item:GA-003" if department == "GA" else ""
    gap = Gap(week_on=week_on, department_code=department, unit=unit, state=GapState.OPEN)
    session.add(gap)
    session.flush()
    session.add_all(GapMessage(message_id=ask(session, text).id, gap_id=gap.id) for text in texts)
    session.flush()


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    async with open_browser(settings) as opened:
        yield opened


async def act(browser: Browser, database: Database, login: str, path: str, **fields: str) -> tuple[int, str]:
    token = let_in(browser, database, login)
    answer = await browser.post(f"{PATH}/{path}", data={"form_token": token, **fields})
    return answer.status, await answer.text()


async def test_a_department_sees_its_own_and_writes_an_answer_which_a_reviewer_publishes(
    browser: Browser, database: Database
) -> None:
    let_in(browser, database, Role.DEPARTMENT)
    page = await (await browser.get(PATH)).text()
    assert LOST[0] in page
    assert "3 次" in page
    assert '<a href="/console/gaps">没答好的问题 <strong>1</strong></a>' in page
    assert "结婚证" not in page
    status, page = await act(browser, database, Role.DEPARTMENT, "1/answer", question="带什么", answer=" ")
    assert (status, "请写答案" in page, 'value="带什么"' in page) == (422, True, True)
    _, page = await act(browser, database, Role.DEPARTMENT, "1/answer", question="补身份证带什么", answer="带户口簿。")
    assert "审核员通过后公开" in page
    assert (await act(browser, database, Role.DEPARTMENT, "1/publish"))[0] == 403
    assert (await act(browser, database, Role.DEPARTMENT, "2/settle"))[0] == 404
    published = {"question": "补身份证带什么", "answer": "带户口簿。"}
    assert "答案已公开" in (await act(browser, database, Role.REVIEWER, "1/publish", **published))[1]


async def test_what_is_given_back_or_nobodys_is_given_out_by_a_reviewer(browser: Browser, database: Database) -> None:
    assert "改派" in (await act(browser, database, Role.DEPARTMENT, "1/give-back", why="归民政"))[1]
    _, page = await act(browser, database, Role.REVIEWER, "1/assign", department="")
    assert "请选部门" in page
    assert "归民政" in page
    assert "今天天气怎么样" in page
    assert "13800138000" not in page
    assert "已派给民政局" in (await act(browser, database, Role.REVIEWER, "1/assign", department="MZ"))[1]
    let_in(browser, database, Role.DEPARTMENT)
    for week in ("2026-03-02", "9999-12-31", "0001-01-01", "x"):
        assert (await browser.get(f"{PATH}?week={week}")).status == 200


async def test_a_department_mends_its_own_items_and_no_others(
    browser: Browser, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:
        session.get_one(Item, "GA-006").department_code = "MZ"
        session.get_one(Item, "GA-003").channel = "线下"
    token = let_in(browser, database, Role.DEPARTMENT)
    listed = await (await browser.get("/console/catalogue?department=MZ")).text()
    assert "GA-003" in listed
    assert "GA-006" not in listed
    assert "导入实施清单" not in listed
    page = await (await browser.get("/console/catalogue/GA-003")).text()
    assert "看改后的答复" in page
    assert "加一个" not in page
    assert (await browser.get("/console/catalogue/GA-006")).status == 404
    for path in ("GA-006", "GA-006/preview"):
        answer = await browser.post(f"/console/catalogue/{path}", data={"form_token": token, "fee": "1"})
        assert answer.status == 404
    assert (await browser.post("/console/catalogue/GA-003/aliases", data={"form_token": token})).status == 403
    assert "/console/changes/upload" not in await (await browser.get("/console/changes")).text()
    for code, status in (("GA-003", 200), ("GA-006", 404)):
        with database.transaction() as session:
            change = propose(
                session,
                settings,
                Target(Changeable.ITEM, code, code),
                {"fee": "9 元"},
                why="调价",
                who="x",
                now=utcnow(),
            )
        assert (await browser.get(f"/console/changes/{change.id}")).status == status


async def test_the_page_is_clean_for_axe_with_each_act_open(browser: Browser, database: Database) -> None:
    await act(browser, database, Role.DEPARTMENT, "1/answer", question="补身份证带什么", answer="带户口簿。")
    async with chromium(browser) as open_page:
        page, found = await open_page(), []
        await sign_in(page, Role.REVIEWER)
        for viewport in (WIDE, NARROW):
            await page.set_viewport_size(viewport)
            await page.goto(PATH)
            await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
            found += await violations(page)
            assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert not found, "\n".join(found)
