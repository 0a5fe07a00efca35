"""繁體: one choice for all pages and answers; what a citizen typed, addresses and the console stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.web.characters import COOKIE, TRADITIONAL, Verbatim, in_traditional, page_in_traditional
from bot.web.portal import MODULES
from bot.web.traditional import traditional
from tests.web.console import Browser
from tests.web.pages import chromium
from tests.web.portal import Engine, running_portal
from tests.web.test_portal_everyone import LIST, item_messages
from tests.web.test_portal_page import NARROW, visit

TEMPLATES = Path("bot/web/templates")
HTML = {"Accept": "text/html"}
CHOSEN = {"Cookie": f"{COOKIE}={TRADITIONAL}"}


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    made.answers[LIST] = item_messages()
    return made


@pytest.fixture
async def portal(engine: Engine, tmp_path: Path) -> AsyncIterator[Browser]:
    async with running_portal(engine, tmp_path) as browser:
        yield browser


@pytest.mark.parametrize(
    ("html", "converted"),
    [
        ("<p>营业执照</p>", "<p>營業執照</p>"),
        ('<html lang="zh-CN">', '<html lang="zh-Hant">'),
        ('<img alt="标志" src="/标志.svg">', '<img alt="標誌" src="/标志.svg">'),
        ('<a href="/items?q=护照">护照</a>', '<a href="/items?q=护照">護照</a>'),
        ('<input name="q" value="护照" placeholder="护照">', '<input name="q" value="护照" placeholder="護照">'),
        ("<textarea>护照</textarea><b>护照</b>", "<textarea>护照</textarea><b>護照</b>"),
        ('<p translate="no">于<p>国</p></p><p>国</p>', '<p translate="no">于<p>国</p></p><p>國</p>'),
        ('<input translate="no" title="国"><i>国</i>', '<input translate="no" title="国"><i>國</i>'),
        ('<script src="/static/chat.js"></script>国', '<script src="/static/hant/chat.js"></script>國'),
        ("<script>国</script>国", "<script>国</script>國"),
    ],
)
def test_what_is_shown_is_converted_and_what_is_sent_stays(html: str, converted: str) -> None:
    assert page_in_traditional(html) == converted


def test_words_depend_on_the_phrase_and_stay_those_of_the_source() -> None:
    assert traditional("皇后的头发，答复软件里的征求意见") == "皇后的頭髮，答覆軟件裡的徵求意見"


def test_json_keeps_its_names_addresses_and_what_was_typed() -> None:
    told = {"号": ["国", 1, None, True], "url": "https://国", "text": Verbatim("国")}
    assert in_traditional(told) == {"号": ["國", 1, None, True], "url": "https://国", "text": "国"}


def test_every_choice_of_a_form_says_what_it_sends_since_its_words_are_converted() -> None:
    pages = [path for path in TEMPLATES.rglob("*.html") if "console" not in path.parts]
    assert [path.name for path in pages if re.search(r"<option(?![^>]* value=)", path.read_text())] == []


async def test_one_choice_holds_on_every_page_and_is_taken_back(portal: Browser) -> None:
    paths = ("/", "/talk", "/items", "/disclosure", "/privacy", "/answers", "/voices/write", "/window", "/nowhere")
    chosen = await portal.get("/view", params={COOKIE: TRADITIONAL, "to": "/items?q=1"}, allow_redirects=False)
    assert chosen.headers["Location"] == "/items?q=1"
    for path in paths:
        html = await (await portal.get(path, headers=HTML)).text()
        assert '<html lang="zh-Hant"' in html, path
        assert 'translate="no">简体</a>' in html, path
        assert "自動轉換" in html, path
    await portal.get("/view", params={COOKIE: "", "to": "/privacy"})
    for path in paths:
        html = await (await portal.get(path, headers=HTML)).text()
        assert '<html lang="zh-CN"' in html, path
        assert 'translate="no">繁體</a>' in html, path


async def test_a_page_kept_by_a_browser_is_of_the_characters_that_were_chosen(portal: Browser) -> None:
    simplified = await portal.get("/items")
    headers = {**CHOSEN, "If-None-Match": simplified.headers["ETag"]}
    converted = await portal.get("/items", headers=headers)
    assert converted.status == 200
    again = await portal.get("/items", headers={**CHOSEN, "If-None-Match": converted.headers["ETag"]})
    assert again.status == 304


async def test_programs_and_the_console_are_left_alone(portal: Browser) -> None:
    assert "登录" in await (await portal.get("/console/sign-in", headers=CHOSEN)).text()
    asked = {"json": {"text": "护照"}}
    told = [
        (await (await portal.post("/api/chat", **asked, headers=headers)).json())["messages"][0]["text"]
        for headers in ({}, CHOSEN)
    ]
    assert told == ["答：护照", "答：護照"]


async def test_scripts_speak_in_the_characters_of_their_page(portal: Browser) -> None:
    html = await (await portal.get("/", headers=CHOSEN)).text()
    for name in MODULES:
        assert f'"/static/hant/{name}"' in html
        assert (await portal.get(f"/static/hant/{name}")).content_type == "text/javascript"
    assert "發送" in html
    assert "您前面還有" in await (await portal.get("/static/hant/person.js")).text()
    assert (await portal.get("/static/hant/nothing.js")).status == 404


async def test_an_answer_comes_in_the_characters_of_the_page_and_a_question_as_it_was_typed(portal: Browser) -> None:
    async with portal.ws_connect("/ws") as socket:
        await socket.send_json({"type": "hello", "conversation": None, "lang": "zh-Hant"})
        conversation = (await socket.receive_json())["conversation"]
        await socket.send_json({"type": "say", "id": "1", "text": "于国"})
        while (frame := await socket.receive_json())["type"] != "answer":
            pass
        assert frame["messages"][0]["text"] == "答：於國"
    async with portal.ws_connect("/ws") as socket:
        await socket.send_json({"type": "hello", "conversation": conversation, "lang": "zh-Hant"})
        history = (await socket.receive_json())["history"]
    assert history[0]["text"] == "于国"
    assert "答：於國" in json.dumps(history, ensure_ascii=False)


async def test_a_citizen_chooses_and_talks(portal: Browser, engine: Engine) -> None:
    async with chromium(portal, NARROW) as open_page:
        page = await visit(await open_page())
        await page.get_by_role("link", name="繁體").click()
        await expect(page.get_by_role("heading", name="您好，想辦什麼事？")).to_be_visible()
        await page.wait_for_selector("html[data-ready]")
        engine.answers["補領要帶什麼"] = engine.answers[LIST]
        await page.get_by_label("想問什麼").fill("補領要帶什麼")
        await page.keyboard.press("Enter")
        card = page.get_by_role("article", name="居民身份證補領")
        # A line of the answer is told from the materials of the record by their names, both converted.
        await expect(card.get_by_role("checkbox")).to_have_count(await card.locator("li").count())
        await card.get_by_role("tab", name="去哪辦").click()
        await expect(card.get_by_role("tabpanel", name="去哪辦")).to_contain_text("派出所")
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.get_by_role("link", name="简体").click()
        await expect(page.get_by_role("article", name="居民身份证补领")).to_be_visible()
        await expect(page.get_by_text("補領要帶什麼")).to_be_visible()
