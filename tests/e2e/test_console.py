"""The review console in Chromium, a clerk's page beside a citizen's, on the real processes."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.db import Database, utcnow
from bot.settings import Settings
from bot.staff import accounts, sign_ins
from bot.staff.roles import Role
from tests.e2e.conftest import City
from tests.patience import PAGE_WITHIN_MS


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
def open_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Opens a page in its own context. Each error that it logs fails the test, except the refusal of a late claim."""
    problems: list[str] = []
    contexts = []

    def opened() -> Page:
        context = browser.new_context(locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.set_default_timeout(PAGE_WITHIN_MS)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [problem for problem in problems if "409 (Conflict)" not in problem] == []


@pytest.fixture
def sign_in(city: City, open_page: Callable[[], Page]) -> Callable[[str], Page]:
    """The page of a new clerk of that name, signed in."""

    def signed_in(name: str) -> Page:
        database = Database(Settings.from_environment({"VAR_DIR": str(city.var_dir)}).database_url)
        with database.transaction() as session:
            person = accounts.add_person(
                session,
                login=f"clerk-{uuid.uuid4().hex[:12]}",
                name=name,
                role=Role.CLERK,
                password=None,
                who="terminal:test",
                now=utcnow(),
            )
            token = sign_ins.begin(session, person, utcnow())
        database.close()
        page = open_page()
        page.context.add_cookies([{"name": "console_sign_in", "value": token, "url": f"{city.portal}/console"}])
        return page

    return signed_in


@pytest.fixture
def citizen(city: City, open_page: Callable[[], Page]) -> Page:
    page = open_page()
    page.goto(city.portal)
    page.wait_for_selector("html[data-ready]")
    return page


def say(page: Page, text: str) -> None:
    page.get_by_label("想问什么").fill(text)
    page.keyboard.press("Enter")


def ask_for_a_person(page: Page) -> str:
    """Returns the number of the case."""
    say(page, "转人工")
    answer = page.locator(".theirs").last
    expect(answer).to_contain_text("AJ-")
    found = re.search(r"AJ-\d+", answer.inner_text())
    assert found
    return found[0]


def mark(page: Page) -> None:
    """Marks the page, so that a reload would be noticed."""
    page.evaluate("window.isTheSamePage = true")


def is_marked(page: Page) -> bool:
    return bool(page.evaluate("window.isTheSamePage === true"))


def test_of_two_clerks_at_once_one_gets_the_case(city: City, sign_in: Callable[[str], Page], citizen: Page) -> None:
    number = ask_for_a_person(citizen)
    pages = {name: sign_in(name) for name in ("王芳", "李四")}
    for page in pages.values():
        page.goto(f"{city.portal}/console/queue?text={number}")
        expect(page.get_by_role("button", name=f"认领并接管 {number}")).to_be_visible()
    # Both at one instant, so that neither page has learnt of the other's click.
    at = time.time() * 1000 + 1000
    for page in pages.values():
        page.evaluate(f"setTimeout(() => document.querySelector('[data-case] form button').click(), {at} - Date.now())")
    told = {name: page.locator(".flash, .problem").inner_text() for name, page in pages.items()}
    (winner,) = [name for name, words in told.items() if "由您负责到底" in words]
    (loser,) = [name for name in pages if name != winner]
    assert told[loser] == f"这件刚被{winner}认领"


def test_a_new_case_appears_in_the_queue_without_a_reload(city: City, sign_in: Callable[[str], Page]) -> None:
    queue = sign_in("王芳")
    queue.goto(f"{city.portal}/console/queue")
    mark(queue)
    search = queue.get_by_label("搜索")
    search.fill("正在输入")
    answer = city.say("转人工", f"test-{uuid.uuid4()}")[0]["text"]
    found = re.search(r"AJ-\d+", answer)
    assert found
    expect(queue.locator(f'[data-case="{found[0]}"]')).to_be_visible()
    expect(queue.get_by_text("有新的案件")).to_be_visible()
    expect(search).to_have_value("正在输入")
    assert is_marked(queue)


def test_the_queue_is_worked_by_keyboard(city: City, sign_in: Callable[[str], Page]) -> None:
    for _ in range(2):
        city.say("转人工", f"test-{uuid.uuid4()}")
    queue = sign_in("王芳")
    queue.goto(f"{city.portal}/console/queue?state=new")
    queue.wait_for_selector("html[data-ready]")
    numbers = queue.locator("[data-case] .open").all_inner_texts()
    for key, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        queue.keyboard.press(key)
        expect(queue.locator("[data-case] .open").nth(at)).to_be_focused()
    queue.keyboard.press("?")
    expect(queue.get_by_role("dialog", name="键盘操作")).to_contain_text("认领")
    queue.keyboard.press("Escape")
    queue.keyboard.press("j")
    queue.keyboard.press("c")
    expect(queue.get_by_role("heading", level=1)).to_contain_text("已认领")
    assert queue.url.split("/")[-1] in numbers
    queue.wait_for_selector("html[data-ready]")
    queue.keyboard.press("r")
    expect(queue.get_by_role("textbox", name="回复", exact=True)).to_be_focused()


def test_a_clerk_takes_over_answers_and_hands_back_beside_the_citizens_page(
    city: City, sign_in: Callable[[str], Page], citizen: Page
) -> None:
    number = ask_for_a_person(citizen)
    clerk = sign_in("王芳")
    clerk.goto(f"{city.portal}/console/cases/{number}")
    clerk.wait_for_selector("html[data-ready]")
    mark(clerk)
    clerk.keyboard.press("c")
    expect(clerk.get_by_text("由您负责到底")).to_be_visible()
    expect(citizen.get_by_text("工作人员已经加入")).to_be_visible()

    reply = clerk.get_by_role("textbox", name="回复", exact=True)
    reply.fill("您好，")
    say(citizen, "我的证什么时候好")
    expect(clerk.locator(".citizen").last).to_contain_text("我的证什么时候好")
    expect(reply).to_have_value("您好，")
    reply.press_sequentially("请稍等")
    reply.press("Control+Enter")
    expect(citizen.locator(".staff").last).to_contain_text("您好，请稍等")
    expect(reply).to_have_value("")
    expect(citizen.locator(".mine").last).to_have_text("我的证什么时候好")
    expect(citizen.locator(".theirs")).to_have_count(1)  # the bot said nothing in between

    clerk.get_by_role("button", name="交还机器人").click()
    expect(citizen.get_by_text("工作人员已经离开")).to_be_visible()
    say(citizen, "身份证丢了补办要带什么材料")
    expect(citizen.get_by_role("article", name="居民身份证补领")).to_be_visible()

    reply.fill("您的证三天后好")
    clerk.get_by_role("button", name="作为答复发出").click()
    citizen.get_by_role("button", name="非常不满意").click()
    citizen.get_by_label("哪里不满意").fill("没说去哪领")
    citizen.get_by_role("button", name="告诉我们").click()
    expect(citizen.get_by_text("谢谢")).to_be_visible()
    expect(clerk.locator(".about-person")).to_contain_text("差评")
    expect(clerk.locator(".case-head")).to_contain_text("没说去哪领")
    assert is_marked(clerk)
