"""The window on other sites: three made ones of other origins, one with hostile styles, one with a strict policy."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import ConsoleMessage, FrameLocator, Page, expect

from tests.web.console import Browser
from tests.web.engine import Engine
from tests.web.pages import OpenPage, chromium
from tests.web.portal import running_portal
from tests.web.test_portal_page import NARROW

HOSTILE = (
    "<style>body * { display: none !important; font-size: 50px !important; color: red !important; "
    "position: static !important }</style>"
)
STATIC = Path("bot/web/static")


class Site:
    """A page of another origin with the window in it. `assistant`: where it comes from, known once it has started."""

    def __init__(self) -> None:
        self.assistant = ""
        self.attributes = 'data-title="云河政务助手" data-item="GA-003"'
        self.style = ""
        self.policy = ""

    async def page(self, _: web.Request) -> web.Response:
        html = (
            f"<!doctype html><html lang=zh><title>本地新闻</title>{self.style}<h1>本地新闻</h1>"
            f'<a href="#">别的链接</a><script src="{self.assistant}/window.js" {self.attributes} defer></script>'
        )
        headers = {"Content-Security-Policy": self.policy.format(self.assistant)} if self.policy else {}
        return web.Response(text=html, content_type="text/html", headers=headers)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/", self.page)
        app.router.add_get("/favicon.ico", self.page)
        async with TestServer(app, host="127.0.0.1") as server:
            # `localhost` is another site than the assistant's 127.0.0.1, as a portal of another domain is.
            yield f"http://localhost:{server.port}"


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    made.answers["周六上班吗"] = [{"text": "周六上午上班。", "turn": {"outcome": "answered_by_record"}}]
    return made


@pytest.fixture
async def site() -> AsyncIterator[tuple[Site, str]]:
    made = Site()
    async with made.serving() as address:
        yield made, address


@pytest.fixture
async def portal(engine: Engine, tmp_path: Path, site: tuple[Site, str]) -> AsyncIterator[Browser]:
    async with running_portal(engine, tmp_path, WINDOW_ORIGINS=site[1]) as browser:
        site[0].assistant = str(browser.make_url("/")).rstrip("/")
        yield browser


@pytest.fixture
async def open_empty(portal: Browser) -> AsyncIterator[OpenPage]:
    def is_problem(message: ConsoleMessage) -> bool:
        return message.type == "error" and "data-color" not in message.text

    async with chromium(portal, is_problem=is_problem) as opened:
        yield opened


async def opened_on(page: Page, address: str) -> FrameLocator:
    await page.goto(address)
    await page.get_by_role("button", name="云河政务助手").click()
    frame = page.frame_locator("iframe")
    await expect(frame.locator("html[data-ready]")).to_have_count(1)
    await expect(frame.get_by_label("想问什么")).to_be_focused()
    return frame


@pytest.mark.parametrize(
    ("style", "policy"),
    [
        ("", ""),
        (HOSTILE, ""),
        ("", "default-src 'none'; style-src 'none'; script-src {0}; frame-src {0}"),
    ],
)
async def test_one_line_on_another_site_gives_a_window_that_answers(
    open_empty: OpenPage, site: tuple[Site, str], style: str, policy: str
) -> None:
    site[0].style, site[0].policy = style, policy
    page = await open_empty()
    frame = await opened_on(page, site[1])
    await frame.get_by_label("想问什么").fill("周六上班吗")
    await page.keyboard.press("Enter")
    await expect(frame.get_by_role("log")).to_contain_text("周六上午上班。")
    button = page.get_by_role("button", name="关闭政务助手")
    assert (await button.evaluate("one => getComputedStyle(one).fontSize")) == "16px"
    await button.click()
    await expect(page.get_by_role("button", name="云河政务助手")).to_be_focused()


async def test_answers_that_come_while_it_is_closed_are_counted(
    open_empty: OpenPage, site: tuple[Site, str], engine: Engine
) -> None:
    page = await open_empty()
    frame = await opened_on(page, site[1])
    engine.may_answer.clear()
    await frame.get_by_label("想问什么").fill("周六上班吗")
    await page.keyboard.press("Enter")
    await expect(frame.get_by_role("log")).to_contain_text("周六上班吗")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="云河政务助手")).to_be_focused()
    engine.may_answer.set()
    await expect(page.get_by_role("button", name="云河政务助手，1 条新答复")).to_be_visible()
    await page.get_by_role("button", name="云河政务助手，1 条新答复").click()
    await expect(frame.get_by_role("log")).to_contain_text("周六上午上班。")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="云河政务助手", exact=True)).to_be_visible()


async def test_the_site_opens_it_with_a_question_which_is_not_sent(
    open_empty: OpenPage, site: tuple[Site, str]
) -> None:
    page = await open_empty()
    await page.goto(site[1])
    await page.evaluate("CityAssistant.open({ question: '食品经营许可证要什么材料' })")
    field = page.frame_locator("iframe").get_by_label("想问什么")
    await expect(field).to_have_value("食品经营许可证要什么材料")
    await page.evaluate("CityAssistant.open({ question: '多久办好' })")
    await expect(field).to_have_value("多久办好")


async def test_what_is_being_written_stays_when_the_window_is_opened_again(
    open_empty: OpenPage, site: tuple[Site, str]
) -> None:
    site[0].attributes = 'data-title="云河政务助手" data-question="居住证怎么办"'
    page = await open_empty()
    field = (await opened_on(page, site[1])).get_by_label("想问什么")
    await expect(field).to_have_value("居住证怎么办")
    await field.fill("居住证丢了")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="云河政务助手", exact=True).click()
    await expect(field).to_be_focused()
    await expect(field).to_have_value("居住证丢了")


async def test_on_a_small_screen_it_fills_the_screen_and_nothing_behind_it_is_reached(
    open_empty: OpenPage, site: tuple[Site, str]
) -> None:
    page = await open_empty()
    await page.set_viewport_size(NARROW)
    await opened_on(page, site[1])
    box = await page.get_by_role("dialog", name="云河政务助手").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (NARROW["width"], NARROW["height"])
    assert await page.get_by_role("dialog").evaluate("dialog => dialog.matches(':modal')")


async def test_a_colour_on_which_white_cannot_be_read_is_not_used(open_empty: OpenPage, site: tuple[Site, str]) -> None:
    site[0].attributes = 'data-title="云河政务助手" data-color="#ffcc00" data-position="left"'
    page = await open_empty()
    await page.goto(site[1])
    opener = page.get_by_role("button", name="云河政务助手")
    assert await opener.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(11, 95, 165)"
    box = await opener.bounding_box()
    assert box is not None
    assert box["x"] < 100


async def test_only_the_named_origins_may_show_it_in_a_frame(portal: Browser, site: tuple[Site, str]) -> None:
    framed = await portal.get("/window")
    assert framed.headers["Content-Security-Policy"].endswith(f"frame-ancestors 'self' {site[1]}")
    plain = await portal.get("/")
    assert plain.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")


async def test_the_page_about_an_item_asks_about_it(portal: Browser) -> None:
    page = await (await portal.get("/window?item=XX-999")).text()
    assert "required></textarea>" in page


def test_what_another_site_loads_before_it_is_opened_is_little() -> None:
    assert len(gzip.compress((STATIC / "window.js").read_bytes())) < 30_000
