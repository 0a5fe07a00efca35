"""The chat page in Chromium, as a citizen uses it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect, sync_playwright

from tests.e2e.conftest import City
from tests.patience import PAGE_WITHIN_MS

NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, city: City) -> Iterator[Page]:
    """A fresh visitor on a narrow screen; an error that the page logs fails the test."""
    context = browser.new_context(viewport=NARROW, locale="zh-CN")
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.set_default_timeout(PAGE_WITHIN_MS)
    opened.goto(city.portal)
    opened.wait_for_selector("html[data-ready]")
    yield opened
    context.close()
    assert problems == []


def say(page: Page, text: str) -> None:
    """By keyboard alone."""
    page.get_by_label("想问什么").fill(text)
    page.keyboard.press("Enter")


def answers(page: Page) -> int:
    return page.locator(".theirs").count()


def test_an_item_is_a_card_whose_materials_can_be_ticked(page: Page) -> None:
    say(page, "身份证丢了补办要带什么材料")
    card = page.get_by_role("article", name="居民身份证补领")
    expect(card.get_by_role("heading", name="要带什么")).to_be_visible()
    first = card.get_by_role("checkbox").first
    first.check()
    expect(first).to_be_checked()
    expect(card.get_by_role("button", name="打印清单")).to_be_visible()
    tab = card.get_by_role("tab", name="收费")
    tab.click()
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(card.get_by_role("tabpanel", name="收费")).to_contain_text("元")


def test_nothing_is_wider_than_a_screen_of_320_pixels(page: Page) -> None:
    for text in ("身份证丢了补办要带什么材料", "提取公积金", "居住证能享受哪些公共服务"):
        before = answers(page)
        say(page, text)
        expect(page.locator(".theirs")).not_to_have_count(before)
        expect(page.locator(".state")).to_have_text([""] * page.locator(".state").count())
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_a_choice_is_made_with_a_button(page: Page) -> None:
    say(page, "提取公积金")
    page.get_by_role("button", name="住房公积金提取(租房)").click()
    expect(page.get_by_role("article", name="住房公积金提取(租房)")).to_be_visible()
    expect(page.locator(".mine").last).to_have_text("住房公积金提取(租房)")


def test_the_conversation_is_there_after_a_reload(page: Page) -> None:
    say(page, "身份证丢了补办要带什么材料")
    expect(page.get_by_role("article", name="居民身份证补领")).to_be_visible()
    page.reload()
    expect(page.get_by_role("article", name="居民身份证补领")).to_be_visible()
    say(page, "那要多少钱")
    expect(page.get_by_role("heading", name="收费", exact=True)).to_be_visible()


def test_a_message_lost_with_the_connection_is_sent_again_and_answered(page: Page) -> None:
    connections: list[WebSocketRoute] = []

    def lose_the_first_message(socket: WebSocketRoute) -> None:
        connections.append(socket)
        server = socket.connect_to_server()

        def carry(frame: str | bytes) -> None:
            if len(connections) == 1 and '"say"' in str(frame):
                server.close()
                socket.close()
            else:
                server.send(frame)

        socket.on_message(carry)

    page.route_web_socket("**/ws", lose_the_first_message)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    say(page, "你好")
    expect(page.locator(".theirs")).to_have_count(1)
    expect(page.locator(".mine")).to_have_count(1)
    assert len(connections) == 2


def test_the_status_of_a_request_is_a_timeline(page: Page) -> None:
    say(page, "查一下XXGK-2026-000123")
    expect(page.locator(".theirs").last).to_contain_text("查询码")
    say(page, "K7M2-9QXD")
    card = page.get_by_role("article", name="XXGK-2026-000123")
    expect(card.locator(".timeline li").first).to_contain_text("2026年11月10日")


def test_a_filed_request_gives_receipt_and_code_and_the_receipt_once_more(page: Page) -> None:
    said = ["我要申请信息公开", f"北岸区{uuid.uuid4().hex[:6]}号地块的规划条件", "住建局", "个人", "钱多多"]
    for text in [*said, "11010519491231002X", "13900138000", "电子", "网上查看"]:
        before = answers(page)
        say(page, text)
        expect(page.locator(".theirs")).not_to_have_count(before)
    page.get_by_role("button", name="确认提交").click()
    card = page.get_by_role("article", name="申请回执")
    receipt = card.locator('[data-key="回执号"]').inner_text()
    code = card.locator('[data-key="查询码"]').inner_text()
    assert re.fullmatch(r"XXGK-\d{4}-\d{6}", receipt)
    assert re.fullmatch(r"\w{4}-\w{4}", code)
    card.get_by_role("button", name="记好了").click()
    say(page, "回执号是多少")
    again = page.locator(".theirs").last
    expect(again.locator('[data-key="回执号"]')).to_have_text(receipt)
    expect(again).to_contain_text("查询码只在提交时显示一次")
    expect(page.get_by_text(code)).to_have_count(0)


def test_a_source_unfolds(page: Page) -> None:
    say(page, "居住证能享受哪些公共服务")
    source = page.locator(".theirs details").first
    source.locator("summary").click()
    expect(source.locator("blockquote")).to_contain_text("居住证")


def test_html_that_is_typed_stays_text(page: Page) -> None:
    say(page, "<img src=x onerror=alert(1)><b>粗</b>")
    expect(page.locator(".mine").last).to_have_text("<img src=x onerror=alert(1)><b>粗</b>")
    expect(page.locator(".mine img, .theirs img")).to_have_count(0)


def test_the_input_takes_a_letter_and_no_more(page: Page) -> None:
    field = page.get_by_label("想问什么")
    field.click()
    page.keyboard.insert_text("长" * 2100)
    assert len(field.input_value()) == 2000


def test_everything_comes_from_the_page_itself(browser: Browser, city: City) -> None:
    context = browser.new_context()
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(city.portal)
    opened.wait_for_selector("html[data-ready]")
    context.close()
    assert asked
    assert all(url.startswith(city.portal) for url in asked)
