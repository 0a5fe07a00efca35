"""The chat page for everyone: cards, proposals, long and broken-off conversations, little screens, 适老版."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect
from sqlalchemy import select

from bot.catalogue.importer import import_catalogue
from bot.catalogue.models import Item
from bot.conversations.models import Message
from bot.db import Database
from bot.places import SAMPLES
from bot.replies import approvals
from bot.web.keys import DATABASE
from bot.web.portal_view import PAGE_MESSAGES
from tests.databases import set_up
from tests.web.console import Browser
from tests.web.pages import OpenPage, chromium
from tests.web.portal import Engine, open_page, running_portal
from tests.web.test_portal_page import NARROW, say, visit

LIST = "补领要带什么"
THREE_DAYS = {"count": 3, "unit": "working_days", "text": "3 个工作日"}


def item_messages() -> list[dict[str, Any]]:
    database = Database("sqlite://")
    set_up(database)
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
        item = session.scalars(select(Item).where(Item.code == "GA-003")).one()
        made = approvals.item_answer(item, "materials").as_message()
    database.close()
    offered = [{"title": button["title"], "id": button["payload"]} for button in made["buttons"]]
    return [{**made, "buttons": offered, "turn": {"outcome": "answered_by_record"}}]


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    made.answers[LIST] = item_messages()
    return made


@pytest.fixture
async def portal(engine: Engine, tmp_path: Path) -> AsyncIterator[Browser]:
    async with running_portal(engine, tmp_path) as browser:
        yield browser


@pytest.fixture
async def open_empty(portal: Browser) -> AsyncIterator[OpenPage]:
    async with chromium(portal, NARROW) as opened:
        yield opened


@pytest.fixture
async def page(open_empty: OpenPage) -> Page:
    return await visit(await open_empty())


async def test_the_rest_of_an_item_is_one_row_of_tabs_for_mouse_and_keyboard(page: Page) -> None:
    await say(page, LIST)
    card = page.get_by_role("article", name="居民身份证补领")
    await expect(card.get_by_role("tablist")).to_have_count(1)
    await expect(card.locator("details")).to_have_count(0)
    await expect(card.get_by_role("tabpanel")).to_have_count(0)
    await card.get_by_role("tab", name="去哪办").click()
    await expect(card.get_by_role("tabpanel", name="去哪办")).to_contain_text("派出所")
    await expect(card.get_by_role("link", name="0990-8810110")).to_have_attribute("href", "tel:0990-8810110")
    await page.keyboard.press("ArrowRight")
    await expect(card.get_by_role("tab", name="多久办好")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(card.get_by_role("tabpanel", name="多久办好")).to_contain_text("20 个工作日")
    await page.keyboard.press("Enter")
    await expect(card.get_by_role("tabpanel")).to_have_count(0)
    # No button repeats a tab.
    await expect(page.locator(".theirs .buttons")).to_have_count(0)


async def test_a_joint_service_is_one_list_of_all_that_its_items_need(page: Page, engine: Engine) -> None:
    items = [{"code": "SC-004", "name": "个体工商户登记"}, {"code": "SC-005", "name": "食品经营许可"}]
    text = "开办餐饮店一件事：一张表申请。"
    about = {"kind": "joint_service", "code": "YJS-001", "name": "开办餐饮店一件事", "items": items}
    engine.answers["开饭馆"] = [{"text": text, "custom": about, "turn": {"outcome": "answered_by_record"}}]
    shared = {"name": "身份证", "form": "原件", "copies": 1, "required": True}
    own = {"name": "平面图", "form": "复印件", "copies": 2, "required": False}

    async def record(route: Route) -> None:
        is_first = route.request.url.endswith("SC-004")
        materials = [shared] if is_first else [own, shared]
        known = items[0] if is_first else items[1]
        await route.fulfill(json={**known, "department": "市监局", "promised": THREE_DAYS, "materials": materials})

    await page.route("**/api/items/*", record)
    await say(page, "开饭馆")
    card = page.get_by_role("article", name="开办餐饮店一件事")
    await expect(card).to_contain_text(text)
    await card.get_by_role("tab", name="合成一张材料清单").click()
    await expect(card.get_by_role("checkbox")).to_have_count(2)
    await expect(card).to_contain_text("共 2 种，其中 1 种几件事共用，交一次就行")
    await expect(card.get_by_text("用于：个体工商户登记、食品经营许可；原件 1 份")).to_be_visible()
    await expect(card.get_by_text("视情形；用于：食品经营许可；复印件 2 份")).to_be_visible()
    await card.get_by_role("tab", name="各要几天").click()
    await expect(card.get_by_role("progressbar")).to_have_count(2)
    await expect(card.get_by_text("3 个工作日")).to_have_count(2)


async def test_a_source_leads_to_the_passage_on_our_own_page(page: Page, engine: Engine) -> None:
    source = {"document": "居住证办法", "article": "第十四条", "passage": "持有人享受。", "page": "/documents/12#p4"}
    about = {"kind": "policy_answer", "sources": [{**source, "url": "https://city.example/1", "in_force": True}]}
    engine.answers["居住证"] = [{"text": "《居住证办法》第十四条", "custom": about}]
    await say(page, "居住证")
    await page.locator(".theirs summary").click()
    await expect(page.get_by_role("link", name="在全文里看这一段")).to_have_attribute("href", "/documents/12#p4")
    await expect(page.get_by_role("link", name="看原文")).to_have_attribute("href", "https://city.example/1")


async def test_a_page_that_leads_here_fills_the_field_and_asks_nothing(page: Page, engine: Engine) -> None:
    await page.goto("/?item=GA-003&q=%E5%B1%85%E6%B0%91%E8%BA%AB%E4%BB%BD%E8%AF%81%E8%A1%A5%E9%A2%86")
    await page.wait_for_selector("html[data-ready]")
    await expect(page.get_by_label("想问什么")).to_have_value("居民身份证补领")
    assert page.url.endswith("/")
    assert engine.asked == []


async def test_ticked_materials_stay_ticked_until_one_leaves(page: Page) -> None:
    await say(page, LIST)
    first = page.get_by_role("checkbox").first
    await first.check()
    await page.reload()
    await expect(first).to_be_checked()
    await page.get_by_role("button", name="离开并清除").click()
    await page.get_by_role("dialog").get_by_role("button", name="离开并清除").click()
    await expect(page.locator(".mine")).to_have_count(0)
    assert await page.evaluate("localStorage.length") == 0


async def test_a_printed_list_says_where_to_go_and_when_and_shows_a_code(page: Page) -> None:
    await page.evaluate("window.print = () => {}")
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
    await page.route("**/qr/GA-003.svg", lambda route: route.fulfill(body=picture, content_type="image/svg+xml"))
    await say(page, LIST)
    await expect(page.get_by_text("周一至周五")).to_be_hidden()
    await page.get_by_role("button", name="打印清单").click()
    await expect(page.locator("body.one-card")).to_have_count(1)
    await page.emulate_media(media="print")
    card = page.get_by_role("article", name="居民身份证补领")
    await expect(card.locator("img.qr")).to_be_visible()
    for words in ("周一至周五", "0990-8810110"):
        await expect(card.get_by_text(words).first).to_be_visible()
    assert await page.locator("button:visible, textarea:visible, .mine:visible, .site:visible").count() == 0


async def test_an_answer_is_graded_once_and_a_bad_grade_offers_a_person(page: Page, portal: Browser) -> None:
    await say(page, LIST)
    await page.get_by_role("button", name="评价").click()
    await page.get_by_role("button", name="不满意", exact=True).click()
    await expect(page.get_by_text("您评了“不满意”")).to_be_visible()
    assert portal.app is not None
    with portal.app[DATABASE].transaction() as session:
        assert session.scalars(select(Message.stars)).all() == [2]
    await page.reload()
    await expect(page.get_by_text("您评了“不满意”")).to_be_visible()
    await page.get_by_role("button", name="请工作人员看看").click()
    await expect(page.get_by_text("答：答错了")).to_be_visible()


async def test_greetings_are_not_graded(page: Page) -> None:
    await say(page, "你好")
    await expect(page.get_by_text("答：你好")).to_be_visible()
    await expect(page.get_by_role("button", name="评价")).to_have_count(0)


async def test_a_long_conversation_begins_with_its_newest_part(portal: Browser, page: Page) -> None:
    count = PAGE_MESSAGES + 3
    conversation = await page.evaluate("sessionStorage.conversation")
    async with open_page(portal, conversation) as talk:
        for number in range(count):
            await talk.say(str(number), f"第{number}问")
            await talk.receive_json()
    await page.reload()
    await expect(page.locator(".mine")).to_have_count(PAGE_MESSAGES)
    await expect(page.get_by_text(f"答：第{count - 1}问", exact=True)).to_be_visible()
    await page.get_by_role("button", name="看更早的对话").click()
    await expect(page.locator(".mine")).to_have_count(count)
    assert await page.locator(".mine").all_inner_texts() == [f"第{number}问" for number in range(count)]
    await expect(page.get_by_role("button", name="看更早的对话")).to_have_count(0)
    await page.evaluate("document.getElementById('main').scrollTop = 0")
    await page.get_by_role("button", name="回到最新").click()
    await expect(page.get_by_text(f"答：第{count - 1}问", exact=True)).to_be_in_viewport()


async def test_earlier_messages_of_another_conversation_are_not_told(portal: Browser) -> None:
    async with open_page(portal) as mine:
        await mine.say("1", "秘密")
        await mine.receive_json()
    async with open_page(portal) as other:
        await other.send_json({"type": "earlier", "before": 10_000})
        assert await other.receive_json() == {"type": "earlier", "history": [], "earlier": None}
        await other.send_json({"type": "grade", "id": "1", "stars": 1})
        assert (await other.receive_json())["type"] == "error"


async def test_a_draft_is_kept_and_a_new_start_can_be_taken_back(page: Page) -> None:
    await say(page, "你好")
    await expect(page.get_by_text("答：你好")).to_be_visible()
    await page.get_by_label("想问什么").fill("还没写完")
    await page.reload()
    await page.wait_for_selector("html[data-ready]")
    await expect(page.get_by_label("想问什么")).to_have_value("还没写完")
    await page.get_by_role("button", name="重新开始").click()
    await expect(page.locator(".mine")).to_have_count(0)
    await page.get_by_role("button", name="回到刚才的对话").click()
    await expect(page.get_by_text("答：你好")).to_be_visible()
    await say(page, "谢谢")
    await expect(page.get_by_text("答：谢谢")).to_be_visible()
    await expect(page.locator(".mine")).to_have_count(2)


async def test_proposals_are_chosen_by_keyboard_and_nothing_is_sent_before(page: Page, engine: Engine) -> None:
    told = {"suggestions": [{"title": "居民身份证补领", "kind": "item", "say": "居民身份证补领怎么办"}]}
    await page.route("**/api/suggest?q=*", lambda route: route.fulfill(json=told))
    field = page.get_by_label("想问什么")
    await field.press_sequentially("sfz")
    option = page.get_by_role("option", name="居民身份证补领")
    await expect(option).to_be_visible()
    await expect(page.locator("#heard")).to_contain_text("1 条建议")
    assert engine.asked == []
    await field.press("ArrowDown")
    await expect(option).to_have_attribute("aria-selected", "true")
    assert await field.get_attribute("aria-activedescendant") == await option.get_attribute("id")
    await field.press("Escape")
    await expect(option).to_be_hidden()
    await expect(field).to_have_value("sfz")
    await field.press_sequentially("b")
    await expect(option).to_be_visible()
    await field.press("ArrowDown")
    await field.press("Enter")
    await expect(page.get_by_text("答：居民身份证补领怎么办")).to_be_visible()
    assert engine.asked == ["居民身份证补领怎么办"]


async def test_what_may_be_private_is_not_looked_up(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field = page.get_by_label("想问什么")
    for text in ("13900138000", "我叫张三，住在北岸区一号楼，想问问居住证怎么办理呢", "a@b.cn"):
        await field.fill(text)
        await asyncio.sleep(0.3)
    assert [url for url in asked if "/api/suggest" in url] == []


async def test_without_a_network_the_page_says_so(page: Page) -> None:
    await page.context.set_offline(True)
    await expect(page.locator("#status")).to_contain_text("没有联网")
    await expect(page.locator("#status")).to_contain_text("12345")
    await page.context.set_offline(False)
    await expect(page.locator("#status")).to_have_text("")


@pytest.mark.parametrize(("width", "height"), [(640, 320), (320, 256), (320, 200)])
async def test_on_its_side_and_at_four_times_the_size_the_answer_can_be_read(
    page: Page, width: int, height: int
) -> None:
    await page.set_viewport_size({"width": width, "height": height})
    await say(page, LIST)
    await expect(page.get_by_role("heading", name="居民身份证补领")).to_be_in_viewport()
    field = await page.locator("#say").bounding_box()
    assert field is not None
    assert field["height"] <= 72
    assert field["y"] + field["height"] <= height + 1
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_large_type_has_a_person_first_and_is_remembered(page: Page) -> None:
    normal = await page.evaluate("getComputedStyle(document.body).fontSize")
    await page.get_by_role("link", name="适老版").click()
    assert await page.evaluate("getComputedStyle(document.body).fontSize") > normal
    person = page.get_by_role("link", name="拨打 12345")
    await expect(person).to_be_in_viewport()
    await page.reload()
    await expect(page.locator("html[data-view=elder]")).to_have_count(1)
    await page.get_by_role("link", name="标准版").click()
    assert await page.evaluate("getComputedStyle(document.body).fontSize") == normal


async def test_everything_that_is_pressed_is_44_pixels_high(page: Page) -> None:
    await say(page, LIST)
    await expect(page.get_by_role("tab").first).to_be_visible()
    low = await page.evaluate(
        """[...document.querySelectorAll("button, summary, .links a, .checklist label")]
        .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43.5).map((one) => one.outerHTML)"""
    )
    assert low == []


async def test_a_screen_reader_hears_who_spoke(page: Page) -> None:
    await say(page, "你好")
    await expect(page.get_by_role("log")).to_contain_text("您：你好")
    await expect(page.get_by_role("log")).to_contain_text("助手：答：你好")
