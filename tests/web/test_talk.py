"""`/talk`: the conversation without scripts, by forms alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from playwright.async_api import expect

from bot.db import utcnow
from bot.replies.buttons import Buttons
from bot.reviews import handling, service
from bot.reviews.reasons import Reason
from bot.sealing import Sealer
from bot.staff import accounts
from bot.staff.roles import Role
from bot.web.keys import DATABASE, SETTINGS
from tests.notices.test_answer_files import PDF
from tests.web.console import Browser, add_people
from tests.web.pages import chromium
from tests.web.portal import Engine, open_page, running_portal
from tests.web.test_portal import CODE, FILED, RECEIPT


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    made.answers["确认提交"] = FILED
    return made


@pytest.fixture
async def portal(engine: Engine, tmp_path: Path) -> AsyncIterator[Browser]:
    async with running_portal(engine, tmp_path) as browser:
        yield browser


async def post(portal: Browser, fields: dict[str, str], status: int = 200, **headers: str) -> str:
    response = await portal.post("/talk", data=fields, headers=headers)
    assert response.status == status
    assert "form-action 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    return await response.text()


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    assert found, html
    return found[1]


def carried(html: str) -> dict[str, str]:
    return {name: hidden(html, name) for name in ("conversation", "number")}


async def test_a_conversation_goes_on_from_form_to_form(portal: Browser, engine: Engine) -> None:
    first = await post(portal, {"text": "你好"})
    assert "答：你好" in first
    second = await post(portal, {**carried(first), "text": "那要多少钱"})
    assert hidden(second, "conversation") == hidden(first, "conversation")
    assert "答：你好" in second
    assert "答：那要多少钱" in second
    assert engine.asked == ["你好", "那要多少钱"]


async def test_a_form_that_is_sent_twice_is_answered_once(portal: Browser, engine: Engine) -> None:
    begun = carried(await post(portal, {"text": "你好"}))
    for _ in range(2):
        html = await post(portal, {**begun, "text": "再问"})
        assert html.count("答：再问") == 1
    assert engine.asked == ["你好", "再问"]


async def test_a_button_is_pressed_by_its_own_form(portal: Browser, engine: Engine) -> None:
    begun = carried(await post(portal, {"text": "你好"}))
    assert portal.app is not None
    buttons = Buttons(Sealer.of(portal.app[SETTINGS]))
    offer: dict[str, Any] = {"text": "选一个", "buttons": [{"title": "补领", "payload": "/choose"}]}
    engine.answers["选"] = buttons.offered(begun["conversation"], [offer])
    offered = await post(portal, {**begun, "text": "选"})
    pressed = await post(portal, {**carried(offered), "button": hidden(offered, "button")})
    assert "答：补领" in pressed
    refused = await post(portal, {**carried(offered), "number": "other", "button": "made-up.id"}, 422)
    assert "这个按钮用不了了" in refused


async def test_the_query_code_is_shown_once(portal: Browser) -> None:
    begun = carried(await post(portal, {"text": "你好"}))
    filed = await post(portal, {**begun, "text": "确认提交"})
    assert CODE in filed
    later = await post(portal, {"conversation": begun["conversation"]})
    assert RECEIPT in later
    assert CODE not in later


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"text": "  "}, 200, "还没有看到"),
        ({"text": "长" * 2001}, 422, "请分几次说"),
        ({"text": "你好", "conversation": "c1"}, 200, "已经结束"),
    ],
)
async def test_what_cannot_be_a_message_gets_a_sentence(
    portal: Browser, engine: Engine, fields: dict[str, str], status: int, said: str
) -> None:
    html = await post(portal, fields, status)
    assert 'role="alert"' in html
    assert said in html or "请" in html
    assert engine.asked == []


async def test_a_page_of_another_site_can_post_nothing(portal: Browser, engine: Engine) -> None:
    html = await post(portal, {"text": "转人工"}, 403, Origin="https://evil.example")
    assert "请从本站的页面发送" in html
    assert engine.asked == []


async def test_markup_that_is_typed_stays_text(portal: Browser) -> None:
    html = await post(portal, {"text": "<script>alert(1)</script>"})
    assert "<script" not in html
    assert "&lt;script&gt;" in html


async def test_a_page_with_scripts_goes_on_where_the_forms_were(portal: Browser) -> None:
    begun = carried(await post(portal, {"text": "你好"}))
    async with open_page(portal, begun["conversation"]) as page:
        assert [each["text"] for each in page.history] == ["你好"]


async def test_without_scripts_the_first_page_asks_and_is_answered(portal: Browser) -> None:
    async with chromium(portal) as open_empty:
        started = (await open_empty()).context.browser
        assert started is not None
        context = await started.new_context(java_script_enabled=False, base_url=str(portal.make_url("/")))
        page = await context.new_page()
        await page.goto("/")
        await expect(page.get_by_role("button", name="离开并清除")).to_be_hidden()
        await page.get_by_label("想问什么").fill("居住证多少钱")
        await page.get_by_role("button", name="发送").click()
        await expect(page.get_by_text("答：居住证多少钱")).to_be_visible()
        await page.get_by_label("想问什么").fill("还有呢")
        await page.get_by_role("button", name="发送").click()
        await expect(page.get_by_text("答：还有呢")).to_be_visible()
        await page.get_by_role("link", name="首页").click()
        await page.get_by_role("button", name="身份证丢了怎么补").click()
        await expect(page.get_by_text("答：身份证丢了怎么补")).to_be_visible()
        assert page.url.split("#")[0].endswith("/talk")


async def test_large_type_is_chosen_without_scripts_too(portal: Browser) -> None:
    chosen = await portal.get("/view", params={"elder": "1"}, allow_redirects=False)
    assert (chosen.status, chosen.headers["Location"]) == (303, "/")
    assert 'data-view="elder"' in await (await portal.get("/")).text()
    assert 'data-view="elder"' in await (await portal.get("/talk")).text()
    await portal.get("/view", params={"elder": "0"})
    assert 'data-view="elder"' not in await (await portal.get("/")).text()


async def test_a_clerks_answer_is_graded_and_files_are_sent_by_forms_alone(portal: Browser) -> None:
    assert portal.app is not None
    database, now = portal.app[DATABASE], utcnow()
    begun = carried(await post(portal, {"text": "你好"}))
    with database.transaction() as session:
        add_people(session, [Role.CLERK], department="GA")
        case = service.open_case(session, begun["conversation"], "portal", Reason.ASKED_FOR_PERSON, [], now, "办证")
        number, clerk = case.number, accounts.get_person(session, Role.CLERK)
    waiting = await post(portal, begun)
    assert "下一位就是您" in waiting
    form = FormData({**carried(waiting)}, quote_fields=False)
    form.add_field("file", PDF, filename="户口本.pdf")
    sent = await (await portal.post("/talk", data=form)).text()
    assert "文件：户口本.pdf" in sent
    assert 'action="/talk/files/1"' in sent
    with database.transaction() as session:
        case = service.get_case(session, number)
        handling.claim(session, case, session.merge(clerk), now)
        handling.reply(session, case, session.merge(clerk), utcnow(), "到派出所办。", is_final=True)
    answered = await post(portal, begun)
    assert "评价这次答复" in answered
    graded = await post(portal, {**begun, "case": number, "stars": "1"})
    assert "您评了“非常不满意”" in graded
    explained = await post(portal, {**begun, "case": number, "stars": "1", "why": "没有说清楚"})
    assert "评价这次答复" not in explained
    with database.transaction() as session:
        (rating,) = service.ratings_of(session, service.get_case(session, number))
        assert (rating.stars, rating.why) == (1, "没有说清楚")
    assert "不能评价" in await post(portal, {**begun, "case": number, "stars": "5"}, 422)
    assert "不能评价" in await post(portal, {**begun, "case": "AJ-000099", "stars": "9"}, 422)
