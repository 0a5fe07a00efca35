"""All conversations in the console: found, read, marked; who may, and what the audit log keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.conversations import service
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.subjects import ApprovalItem, written
from bot.db import Database, utcnow
from bot.figures.period import Period
from bot.figures.service import Figures
from bot.figures.tables import TABLES
from bot.reviews import service as cases
from bot.reviews.reasons import Reason
from bot.settings import Settings
from bot.staff.audit import search
from bot.workdays import today_in_china
from tests.databases import set_up
from tests.web.console import Browser, let_in, open_browser, settings_in
from tests.web.pages import WIDE, chromium, sign_in, violations
from tests.web.school import fill_school
from tests.web.test_portal_page import NARROW

LIST = "/console/conversations"
ITEM = ApprovalItem("GA-003", "居民身份证补领", "materials", {})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings.database_url)
    set_up(opened, fill_school)
    yield opened
    opened.close()


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    talk(database, "我叫王小明，打13800138000，身份证补领要拿什么", Outcome.ANSWERED_BY_RECORD)
    talk(database, "公园里能飞无人机吗", Outcome.NOTHING_FOUND)
    async with open_browser(settings) as opened:
        yield opened


def talk(database: Database, text: str, outcome: Outcome) -> None:
    """A conversation of one turn, and its case if nothing was found."""
    with database.transaction() as session:
        now = utcnow()
        conversation = service.open_conversation(session, service.new_conversation_id(), "portal", now)
        message = service.store_message(session, conversation, text, now)
        is_answered = outcome == Outcome.ANSWERED_BY_RECORD
        reply = {"text": "带上户口簿。", "custom": written(ITEM)} if is_answered else {"text": "没有找到。"}
        how = Provenance(outcome, "out_of_scope" if not is_answered else "ask_materials", 0.8, (), "action_answer")
        service.store_answer(session, message.id, [reply], how, now)
        if not is_answered:
            cases.open_case(session, conversation.id, "portal", Reason.FELL_BACK_TWICE, [], now, text)


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path)
    assert response.status == status
    return await response.text()


async def post(browser: Browser, token: str, path: str, status: int = 303, **form: str) -> str:
    response = await browser.post(path, data=form, headers={"X-CSRF-Token": token}, allow_redirects=False)
    assert response.status == status
    return response.headers["Location"] if status == 303 else await response.text()


async def test_a_reviewer_finds_a_conversation_and_goes_on_with_the_next(browser: Browser, database: Database) -> None:
    let_in(browser, database, "reviewer")
    html = await get(browser, LIST)
    assert "我叫[姓名]，打[手机号]，身份证补领要拿什么" in html
    assert "公园里能飞无人机吗" in html
    html = await get(browser, f"{LIST}?matter=身份证补领&ending=answered&stars=x")
    assert "无人机" not in html
    assert f'href="{LIST}/1?in=ending%3Danswered' in html
    html = await get(browser, f"{LIST}/2")
    assert f'href="{LIST}/1"' in html
    assert "AJ-000001" in html
    assert "没看出来" not in html
    assert "不属于政务服务" in html
    assert "action_answer" not in html
    assert "out_of_scope" not in html
    await get(browser, f"{LIST}/99", 404)
    await get(browser, f"{LIST}/x", 404)


async def test_what_reviewers_mark_is_counted_and_in_the_audit_log(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "reviewer")
    to = await post(browser, token, f"{LIST}/1/mark", message="1", mark="outdated", **{"in": "text=身份证"})
    assert to == f"{LIST}/1?in=text%3D%25E8%25BA%25AB%25E4%25BB%25BD%25E8%25AF%2581#m1"
    html = await get(browser, f"{LIST}/1")
    assert 'value="outdated" class="small secondary" aria-pressed="true"' in html
    assert 'href="/console/teach/1"' in html
    await post(browser, token, f"{LIST}/2/mark", message="2", mark="useful")
    for wrong in ({"message": "1", "mark": "useful"}, {"message": "2", "mark": "x"}, {"message": "x", "mark": "wrong"}):
        await post(browser, token, f"{LIST}/2/mark", 422, **wrong)
    today = today_in_china(utcnow())
    with database.transaction() as session:
        table = TABLES["marks"](Figures(session, Period(today, today), utcnow()))
        assert [row[:4] for row in table.rows] == [
            ("合计", 2, "50.0%", 1),
            ("其他回答", 1, "100.0%", 1),
            ("居民身份证补领", 1, "0.0%", 0),
        ]
        entries = [(entry.who, entry.subject, entry.why) for entry in search(session, action="mark_answer").rows]
        assert entries == [("reviewer", "消息 2", "有用"), ("reviewer", "消息 1", "过时")]


async def test_original_words_are_shown_with_a_reason_to_those_who_may_see_all_conversations(
    browser: Browser, database: Database
) -> None:
    token = let_in(browser, database, "supervisor")
    path = f"{LIST}/1/unmask"
    assert "13800138000" not in await post(browser, token, path, 422, why=" ")
    assert "13800138000" in await post(browser, token, path, 200, why="核对号码")
    await post(browser, token, f"{LIST}/99/unmask", 404, why="核对号码")
    # A clerk sees original words of cases, and reviewers see all conversations.
    await post(browser, let_in(browser, database, "clerk"), path, 404, why="核对号码")
    await post(browser, let_in(browser, database, "reviewer"), path, 403, why="核对号码")
    with database.transaction() as session:
        entries = [(entry.who, entry.subject, entry.why) for entry in search(session, action="unmask").rows]
        assert entries == [("supervisor", "对话 1", "核对号码")]


async def test_a_reviewer_marks_an_answer_in_the_browser_and_axe_finds_nothing(browser: Browser) -> None:
    found = []
    async with chromium(browser) as open_page:
        page = await open_page()
        await sign_in(page, "reviewer")
        for viewport in (WIDE, NARROW):
            await page.set_viewport_size(viewport)
            await page.goto(LIST)
            found += await violations(page)
            await page.get_by_role("link", name="身份证补领要拿什么").click()
            await page.get_by_role("button", name="答错了").click()
            await expect(page.get_by_role("button", name="答错了", pressed=True)).to_be_visible()
            found += await violations(page)
    assert not found, "\n".join(found)
