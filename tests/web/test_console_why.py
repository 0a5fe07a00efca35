"""Why the assistant answers as it does, as staff see it: for typed words, for a message of a case, for each role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any

import pytest

from bot.answering.units import Sort, passages_and_routes
from bot.conversations import service as conversations
from bot.conversations.outcomes import Outcome
from bot.conversations.provenance import Provenance
from bot.conversations.subjects import ApprovalItem, written
from bot.db import Database, utcnow
from bot.reviews import service
from bot.reviews.reasons import Reason
from bot.running.sample_city import load_sample_city
from bot.settings import Settings
from bot.staff.roles import Role
from bot.web.console.unit_words import title_of
from tests.databases import set_up
from tests.web.console import Browser, add_people, let_in, open_browser, settings_in

ITEM = written(ApprovalItem("GA-003", "居民身份证补领", "overview", {}))
TYPED = "那多少钱，我的手机是13812345678"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
async def browser(settings: Settings) -> AsyncIterator[Browser]:
    database = Database(settings.database_url)
    set_up(database, in_a_city)
    database.close()
    async with open_browser(settings) as opened:
        yield opened


def in_a_city(database: Database) -> None:
    """A person of each role, and AJ-000001 about an identity card, whose second message asks for the price."""
    set_up(database, load_sample_city)
    with database.transaction() as session:
        now = utcnow()
        add_people(session, (Role.CLERK, Role.DEPARTMENT, Role.REVIEWER), department="MZ")
        conversation = conversations.open_conversation(session, conversations.new_conversation_id(), "portal", now)
        for number, (text, replies) in enumerate(
            [("身份证丢了", [{"text": "补领。", "custom": ITEM}]), (TYPED, [])], 1
        ):
            message = conversations.store_message(session, conversation, text, now, str(number))
            conversations.store_answer(session, message.id, replies, Provenance(Outcome.NOTHING_FOUND), now)
        service.open_case(session, conversation.id, "portal", Reason.FELL_BACK_TWICE, [], now, TYPED)


async def ask(browser: Browser, database: Database, login: str, status: int = 200, **form: Any) -> str:
    token = let_in(browser, database, login)
    response = await browser.post("/console/why", data=form, headers={"X-CSRF-Token": token})
    html = await response.text()
    assert response.status == status, html
    return html


@pytest.fixture
def database(settings: Settings, browser: Browser) -> Database:
    return Database(settings.database_url)


async def test_a_clerk_sees_what_was_considered_and_why(browser: Browser, database: Database) -> None:
    html = await ask(browser, database, "clerk", text="补办身份证要带什么材料")
    assert "会直接回答" in html
    assert "居民身份证补领 · 要带什么" in html
    assert html.count('<li class="card') == 10
    for title in ("相同的词", "最像的已知问法", "意思相近", "问的要素", "对不上的话"):
        assert f"<dt>{title}</dt>" in html
    assert "接着上文" not in html


async def test_a_complaint_is_said_to_be_taken_down(browser: Browser, database: Database) -> None:
    html = await ask(
        browser, database, "clerk", text="我要投诉小区楼下的烧烤店，每天半夜还在营业，油烟和噪音扰民，反映多次没有人管"
    )
    assert "会先记下来，当作“投诉、反映问题”交给人办" in html


async def test_a_message_of_a_case_is_read_after_what_was_shown_before_it(browser: Browser, database: Database) -> None:
    let_in(browser, database, "clerk")
    page = await (await browser.get("/console/cases/AJ-000001")).text()
    assert 'name="message" value="2" class="link">为什么这样答' in page
    html = await ask(browser, database, "clerk", case="AJ-000001", message="2")
    assert "13812345678" not in html
    assert "那多少钱" in html
    assert "前一句答的是：居民身份证补领 · 办事概要" in html
    assert "和刚才说的是一件事" in html


async def test_a_department_sees_no_message_of_a_case_that_is_not_its_own(browser: Browser, database: Database) -> None:
    await ask(browser, database, "department", 404, case="AJ-000001", message="2")
    await ask(browser, database, "department", 404, message="2")
    await ask(browser, database, "clerk", 404, message="99999999999999999999")


async def test_what_was_typed_is_masked_before_it_is_shown_again(browser: Browser, database: Database) -> None:
    assert "13812345678" not in await ask(browser, database, "clerk", text=TYPED)


@pytest.mark.parametrize("text", ["", "  ", "长" * 2001])
async def test_nothing_and_too_much_are_refused_in_words(browser: Browser, database: Database, text: str) -> None:
    assert 'role="alert"' in await ask(browser, database, "clerk", 422, text=text)


async def send(browser: Browser, database: Database, login: str, path: str, status: int, **form: Any) -> str:
    headers = {"X-CSRF-Token": let_in(browser, database, login)}
    response = await browser.post(path, data=form, headers=headers, allow_redirects=False)
    html = await response.text()
    assert response.status == status, html
    return html


async def test_what_a_clerk_teaches_beside_a_unit_answers_once_it_is_approved(
    browser: Browser, database: Database
) -> None:
    words = "舅爷那个高龄的钱到哪个月才算"
    with database.transaction() as session:
        unit = next(one for one in passages_and_routes(session) if one.sort == Sort.PASSAGE and one.facet)
    html = await send(browser, database, "clerk", "/console/teach/words", 200, text=words, unit=unit.name)
    assert 'name="meant" value="unit" checked' in html
    assert f'value="{escape(title_of(unit))}"' in html
    form = {"text": words, "meant": "unit", "answer": title_of(unit)}
    refused = await send(browser, database, "clerk", "/console/teach/words", 422, **(form | {"answer": "没有这段"}))
    assert "没有叫“没有这段”的段落或者去处" in refused
    await send(browser, database, "clerk", "/console/teach/words", 303, **form)
    assert "照教的答" not in await ask(browser, database, "clerk", text=words)
    let_in(browser, database, "reviewer")
    assert f"答案：{escape(title_of(unit))}" in await (await browser.get("/console/lessons")).text()
    await send(browser, database, "reviewer", "/console/lessons/approve", 303, lesson="1")
    html = await ask(browser, database, "clerk", text=words)
    assert "同事教过这句话，照教的答" in html
    assert f"1. {escape(title_of(unit))}" in html


async def test_beside_a_message_each_kind_of_unit_leads_to_a_form_that_names_it(
    browser: Browser, database: Database
) -> None:
    html = await ask(browser, database, "clerk", case="AJ-000001", message="2")
    assert 'href="/console/teach/2?unit=item%3AGA-003%3Afee">教助手：这才是答案' in html
    for unit, filled in (
        ("item:GA-003:fee", 'value="居民身份证补领（GA-003）"'),
        ("item:YJS-001:overview", "（YJS-001）"),
        ("route:LX-020", 'name="meant" value="unit" checked'),
        ("absent:户口项目变更更正", 'value="户口项目变更更正"'),
    ):
        page = await (await browser.get("/console/teach/2", params={"unit": unit})).text()
        assert filled in page, unit


async def test_unknown_units_shown_before_and_odd_text_break_nothing(browser: Browser, database: Database) -> None:
    html = await ask(browser, database, "clerk", text="？？？", shown="item:none:<b>")
    assert "没有哪一条沾得上边" in html
    assert "<b>" not in html
