"""The page as citizens see it, in Chromium: no sentence is left out, nothing asked is lost, nothing private stays."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, ViewportSize, WebSocketRoute, expect
from sqlalchemy import select

from bot.catalogue import service as catalogue
from bot.catalogue.importer import import_catalogue
from bot.catalogue.models import AbsentMatter, Item, JointService
from bot.catalogue.situations import Variant
from bot.conversations.models import Conversation
from bot.db import Database, utcnow
from bot.disclosures.answers import Field
from bot.disclosures.draft import Draft
from bot.disclosures.importer import import_requests
from bot.disclosures.models import Request
from bot.disclosures.service import assess
from bot.documents.importer import import_documents
from bot.documents.models import Document
from bot.documents.service import FoundPassage, passages_of
from bot.language.facets import FACET_TITLES
from bot.places import SAMPLES
from bot.replies import approvals, disclosures, failures, filing, handoff, joint_services, policies, smalltalk
from bot.replies.reply import Reply
from bot.web.keys import DATABASE, LIVE
from tests.databases import set_up
from tests.web.console import Browser
from tests.web.engine import Engine
from tests.web.pages import OpenPage, chromium
from tests.web.portal import running_portal
from tests.web.test_portal import CODE, FILED, RECEIPT

NARROW: ViewportSize = {"width": 375, "height": 720}
# Of the contract, and made by nobody yet.
TO_COME: list[dict[str, Any]] = [
    {
        "text": "煤气味很重，先开窗，到室外拨打抢修电话。\n归口：燃气公司；电话：0990-1",
        "custom": {"kind": "route", "code": "GAS", "phone": "0990-1", "url": ""},
    },
    {
        "text": "养犬证本市不办。\n可以问：城市管理局。",
        "custom": {"kind": "absent", "name": "养犬证", "in_charge": "城管局"},
    },
    {
        "text": "记下了，交给市住建局。\n编号 AJ-000009，3 个工作日内答复。\n要补充或者撤回吗？",
        "custom": {"kind": "letter", "case": "AJ-000009", "department": "住建局", "due_on": "2026-12-02"},
        "buttons": [{"title": "撤回", "id": "b1"}],
    },
    {"text": "您的姓名？\n会加密保存。", "custom": {"kind": "filing", "step": 4, "of": 9}},
    {"text": FILED[0]["text"], "custom": FILED[0]["custom"]},
    {
        "text": "《办法》第三条：\n“每年签注一次。”",
        "custom": {
            "kind": "policy_answer",
            "certainty": "likely",
            "sources": [{"document": "办法", "passage": "每年签注一次。", "in_force": True, "url": "javascript:x"}],
        },
    },
    {"text": "卡片画不出来，\n话还在。", "custom": {"kind": "approval_item"}},
    {"text": "以后的种类。\n\n1. 第一句\n2. 第二句\n说完了。", "custom": {"kind": "unheard_of"}},
]
DRAW_ALL = """async (messages) => {
    const { drawMessage } = await import("/static/cards.js");
    const drawn = messages.map((message) => drawMessage(message, () => {}));
    document.getElementById("log").append(...drawn);
    return drawn.map((one) => one.innerText);
}"""


@pytest.fixture
def engine() -> Engine:
    made = Engine()
    made.answers["确认提交"] = FILED
    made.answers["转人工"] = [handoff.handed_over("AJ-000001", True, "", "12345").as_message()]
    return made


@pytest.fixture
async def portal(engine: Engine, tmp_path: Path) -> AsyncIterator[Browser]:
    async with running_portal(engine, tmp_path) as browser:
        yield browser


@pytest.fixture
async def open_page(portal: Browser) -> AsyncIterator[OpenPage]:
    async with chromium(portal, NARROW, lambda message: message.type == "error") as opened:
        yield opened


@pytest.fixture
async def page(open_page: OpenPage) -> Page:
    return await visit(await open_page())


async def visit(page: Page) -> Page:
    await page.goto("/")
    await page.wait_for_selector("html[data-ready]")
    return page


async def say(page: Page, text: str) -> None:
    await page.get_by_label("想问什么").fill(text)
    await page.keyboard.press("Enter")


def replies_of_the_sample_city() -> Iterable[Reply]:
    """Every kind that the bot makes today, of every record."""
    database = Database("sqlite://")
    set_up(database)
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
        import_documents(session, SAMPLES / "documents")
        import_requests(session, SAMPLES / "disclosures")
        for item in session.scalars(select(Item)):
            related = catalogue.related_to(session, item.code)
            for facet in FACET_TITLES:
                case = Variant(item)
                question = case.open_question([facet])
                yield approvals.item_answer(item, facet, case=case, related=related)
                if question:
                    yield approvals.item_answer(item, facet, case=case, question=question)
            yield approvals.more_of(item, facet, [], [f"{number}. 余下的第{number}条" for number in range(40)])
        for joint in session.scalars(select(JointService)):
            yield joint_services.joint_service_answer(joint, catalogue.names_of(session, joint.item_codes))
        for document in session.scalars(select(Document)):
            passages = passages_of(session, document)
            yield policies.policy_answer([FoundPassage(document, passage, 0.8, []) for passage in passages[:3]])
        for request in session.scalars(select(Request)):
            for today in (request.received_on, date(2027, 1, 20)):
                yield disclosures.disclosure_status(request, assess(request, today), today)
    database.close()
    yield approvals.item_choices({"GA-002": "换领", "GA-003": "补领"})
    dog = AbsentMatter(name="养犬证", aliases=[], in_charge="公安机关", note="")
    yield approvals.not_in_catalogue(dog, "12345")
    yield approvals.not_in_catalogue(dog, "12345", may_be_taken_down=True)
    yield from (disclosures.ask_receipt(5), disclosures.ask_query_code(RECEIPT, 4), disclosures.wrong_query_code(3))
    yield filing.ask(Draft({Field.INFORMATION: "停车场"}, Field.APPLICANT_KIND), {})
    yield from (handoff.handed_over("AJ-000001", False, "工作日", "12345"), failures.ENGINE_FAILED, failures.EMPTY)
    yield from (
        smalltalk.smalltalk("greet", "云河市"),
        policies.nothing_found([policies.Near("居住证办法", is_document=True)], "12345"),
    )


def sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[。；？！])|\s+", text) if sentence]


async def test_every_sentence_of_every_kind_of_reply_is_on_the_screen(page: Page) -> None:
    made = [reply.as_message() for reply in replies_of_the_sample_city()]
    kinds = {(message.get("custom") or {}).get("kind") for message in [*made, *TO_COME]}
    assert kinds >= {
        "approval_item", "approval_choices", "joint_service", "disclosure_status", "disclosure_identity",
        "policy_answer", "handoff", "smalltalk", "route", "absent", "letter", "filing", "fallback",
    }  # fmt: skip
    messages = [*made, *TO_COME]
    for message, shown in zip(messages, await page.evaluate(DRAW_ALL, messages), strict=True):
        words = re.sub(r"\s", "", shown)
        assert [one for one in sentences(message["text"]) if one not in words] == [], message["text"]
    links = await page.evaluate("[...document.querySelectorAll('#log a')].map((link) => link.href)")
    assert [link for link in links if not link.startswith(("http://", "https://", "tel:"))] == []
    assert "tel:12345" in links


async def test_a_filed_request_gives_its_receipt_and_its_code_and_asks_whether_they_are_kept(page: Page) -> None:
    await say(page, "确认提交")
    card = page.get_by_role("article", name="申请回执")
    for words in (RECEIPT, CODE):
        await expect(card.get_by_text(words, exact=True)).to_be_visible()
    await page.get_by_role("button", name="离开并清除").click()
    await expect(page.get_by_role("dialog")).to_contain_text("查询码还没有记好")
    await page.get_by_role("button", name="先不离开").click()
    async with page.expect_download() as download:
        await card.get_by_role("button", name="保存为文件").click()
    saved = Path(await (await download.value).path()).read_text(encoding="utf-8")
    assert RECEIPT in saved
    assert CODE in saved
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await card.get_by_role("button", name="复制").click()
    await expect(card.get_by_text("已复制")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == FILED[0]["text"]
    await expect(card.get_by_role("button", name="打印")).to_be_visible()
    kept = await page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    assert CODE not in kept
    await card.get_by_role("button", name="记好了").click()
    await expect(card.get_by_text(CODE)).to_have_count(0)
    await expect(card.get_by_text(RECEIPT)).to_be_visible()
    await page.reload()
    await expect(card.get_by_text(RECEIPT)).to_be_visible()
    await expect(card).to_contain_text("查询码忘了")
    assert CODE not in await page.content()


async def test_a_printed_receipt_is_a_sheet_that_tells_whence_it_comes_and_has_no_buttons(page: Page) -> None:
    await page.evaluate("window.print = () => {}")
    await say(page, "确认提交")
    card = page.get_by_role("article", name="申请回执")
    await expect(card.get_by_role("heading", name="政府信息公开申请回执")).to_be_hidden()
    await card.get_by_role("button", name="打印").click()
    await page.emulate_media(media="print")
    for words in ("政府信息公开申请回执", RECEIPT, CODE):
        await expect(card.get_by_text(words, exact=True)).to_be_visible()
    await expect(card.get_by_text("云河市政务助手，")).to_be_visible()
    assert await page.locator("button:visible, textarea:visible, .mine:visible").count() == 0


async def test_a_code_that_is_not_kept_holds_the_page_and_survives_a_lost_connection(page: Page) -> None:
    connections: list[WebSocketRoute] = []

    async def carry(socket: WebSocketRoute) -> None:
        connections.append(socket)
        socket.connect_to_server()

    await page.route_web_socket("**/ws", carry)
    await page.reload()
    await say(page, "确认提交")
    await expect(page.get_by_text(CODE, exact=True)).to_be_visible()
    await connections[-1].close()
    await say(page, "谢谢")
    await expect(page.get_by_text("答：谢谢")).to_be_visible()
    await expect(page.get_by_text(CODE, exact=True)).to_be_visible()
    asks = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert await page.evaluate(asks)
    await page.get_by_role("button", name="记好了").click()
    assert not await page.evaluate(asks)


async def test_an_answer_under_way_arrives_after_a_reload(page: Page, engine: Engine) -> None:
    engine.may_answer.clear()
    await say(page, "你好")
    await expect(page.locator(".state")).to_contain_text("正在查")
    await page.reload()
    await expect(page.locator(".mine")).to_have_text("你好")
    await expect(page.locator(".state")).to_contain_text("正在查")
    engine.may_answer.set()
    await expect(page.get_by_text("答：你好")).to_be_visible()
    await expect(page.locator(".state")).to_have_text("")
    assert engine.asked == ["你好"]


async def test_what_was_not_sent_says_so_and_is_sent_again(page: Page, engine: Engine) -> None:
    lost: list[WebSocketRoute] = []
    is_down = True

    async def break_off(socket: WebSocketRoute) -> None:
        server = None if is_down and lost else socket.connect_to_server()
        lost.append(socket)
        if server is None:
            await socket.close()

    await page.route_web_socket("**/ws", break_off)
    await page.reload()
    await page.wait_for_selector("html[data-ready]")
    await lost[-1].close()
    await expect(page.locator("#status")).to_contain_text("连接断开了")
    await say(page, "你好")
    await expect(page.locator(".state")).to_contain_text("没有发出去")
    is_down = False
    await page.get_by_role("button", name="重发").click()
    await expect(page.get_by_text("答：你好")).to_be_visible()
    await expect(page.locator("#status")).to_have_text("")
    await expect(page.locator(".mine")).to_have_count(1)
    assert engine.asked == ["你好"]


async def test_the_page_tells_in_time_that_the_server_says_nothing(page: Page, engine: Engine) -> None:
    is_silent = False

    async def carry(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda frame: None if is_silent else server.send(frame))

    await page.route_web_socket("**/ws", carry)
    await page.clock.install()
    await page.reload()
    await page.wait_for_selector("html[data-ready]")
    is_silent = True
    await say(page, "你好")
    await page.clock.run_for(4_000)
    await expect(page.locator(".state")).to_contain_text("没有发出去")
    await page.clock.run_for(5_000)
    await expect(page.locator("#status")).to_contain_text("正在重新连接")
    await page.clock.run_for(10_000)
    await expect(page.locator("#status")).to_contain_text("请刷新网页，或者拨打 12345")
    is_silent = False
    await page.clock.run_for(15_000)
    await expect(page.get_by_text("答：你好")).to_be_visible()
    await expect(page.locator("#status")).to_have_text("")
    assert engine.asked == ["你好"]


async def test_what_is_refused_can_be_changed(page: Page) -> None:
    await page.evaluate("document.getElementById('text').removeAttribute('maxlength')")
    await say(page, "长" * 2001)
    await expect(page.locator(".state")).to_contain_text("请分几次说")
    await page.get_by_role("button", name="修改").click()
    await expect(page.locator(".mine")).to_have_count(0)
    await say(page, "短一点")
    await expect(page.get_by_text("答：短一点")).to_be_visible()


async def test_whoever_stands_in_a_line_sees_the_place(page: Page, engine: Engine) -> None:
    async def stand_in_line(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda frame: socket.send(str(frame).replace('"typing"', '"waiting", "place": 3')))

    await page.route_web_socket("**/ws", stand_in_line)
    await page.reload()
    await page.wait_for_selector("html[data-ready]")
    engine.may_answer.clear()
    await say(page, "你好")
    await expect(page.locator(".state")).to_have_text("前面还有 3 位，请稍候")
    engine.may_answer.set()
    await expect(page.get_by_text("答：你好")).to_be_visible()


async def test_a_second_tab_follows_the_first_and_both_are_cleared_when_one_leaves(
    open_page: OpenPage, portal: Browser, engine: Engine
) -> None:
    started = (await open_page()).context.browser
    assert started
    context = await started.new_context(viewport=NARROW, base_url=str(portal.make_url("/")))
    page = await visit(await context.new_page())
    await say(page, "转人工")
    await expect(page.locator(".theirs")).to_contain_text("AJ-000001")
    other = await visit(await context.new_page())
    await expect(other.locator(".theirs")).to_contain_text("AJ-000001")
    engine.may_answer.clear()
    await say(page, "你好")
    await expect(other.locator(".mine").last).to_have_text("你好")
    engine.may_answer.set()
    for each in (page, other):
        await expect(each.get_by_text("答：你好")).to_be_visible()
    identity = await page.evaluate("sessionStorage.conversation")
    assert await other.evaluate("sessionStorage.conversation") == identity
    assert await page.evaluate("localStorage.length") == 0
    assert identity not in page.url
    await page.get_by_role("button", name="离开并清除").click()
    await expect(page.get_by_role("dialog")).to_contain_text("留下联系方式")
    await page.get_by_role("dialog").get_by_role("button", name="离开并清除").click()
    for each in (page, other):
        await expect(each.locator(".mine, .theirs")).to_have_count(0)
        await expect(each.locator("#log")).to_contain_text("离开")
        assert identity not in await each.evaluate("JSON.stringify(sessionStorage)")
    await say(page, "又来了")
    await expect(page.get_by_text("答：又来了")).to_be_visible()
    assert await page.evaluate("sessionStorage.conversation") != identity


async def test_a_page_that_is_silent_for_too_long_is_cleared(page: Page, portal: Browser) -> None:
    await say(page, "秘密")
    await expect(page.get_by_text("答：秘密")).to_be_visible()
    conversation = await page.evaluate("sessionStorage.conversation")
    assert portal.app is not None
    with portal.app[DATABASE].transaction() as session:
        session.get_one(Conversation, conversation).last_message_at = utcnow() - timedelta(hours=1)
    await portal.app[LIVE].changed(conversation)
    await expect(page.get_by_text("对话已经清除")).to_be_visible()
    assert "秘密" not in await page.content()
    await say(page, "新的")
    await expect(page.get_by_text("答：新的")).to_be_visible()
