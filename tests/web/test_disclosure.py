"""`/disclosure`: what citizens see of published information, asking for correction, suggesting."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.publishing import corrections
from bot.publishing.importer import import_publishing
from bot.publishing.models import CorrectionRequest, Information, Proposal
from bot.publishing.terms import SUBJECTS, CorrectionOutcome
from tests.databases import set_up
from tests.publishing.organs import NOW, enter, fill, publish
from tests.publishing.test_from_requests import request as add_request
from tests.publishing.test_importer import SAMPLE, prepare
from tests.web.console import Browser, open_browser, settings_in
from tests.web.pages import chromium

FORM = {
    "organ": "MZ",
    "record": "低保公示名单",
    "wrong": "写成3人，实际4人",
    "evidence": "户口簿",
    "name": "王小明",
    "contact": "13900138000",
}
PAGES = ("", "/guide", "/directory", "/organs", "/places", "/gazettes", "/correct", "/correct/status", "/suggest")


@pytest.fixture
async def browser(database_url: str, database: Database, tmp_path: Path) -> AsyncIterator[Browser]:
    set_up(database)
    fill(database)
    settings = settings_in(tmp_path, DATABASE_URL=database_url, IDENTITY_KEY=os.environ["IDENTITY_KEY"])
    async with open_browser(settings) as opened:
        yield opened


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(f"/disclosure{path}")
    text = await response.text()
    assert response.status == status, text
    return text


async def post(browser: Browser, path: str, status: int = 200, **form: str) -> str:
    response = await browser.post(f"/disclosure{path}", data=form)
    text = await response.text()
    assert response.status == status, text
    return text


async def test_the_pages_are_found_from_the_chat_and_from_one_another(browser: Browser) -> None:
    assert '<a href="/disclosure">' in await (await browser.get("/")).text()
    page = await get(browser, "")
    for path in ("/guide", "/directory", "/organs", "/places", "/gazettes", "/correct"):
        assert f'href="/disclosure{path}"' in page
    for path in PAGES:
        page = await get(browser, path)
        assert 'href="/disclosure"' in page
        assert "<script" not in page
        assert "style=" not in page


async def test_the_guide_has_what_article_12_lists(browser: Browser) -> None:
    page = await get(browser, "/guide")
    for part in ("怎样分类", "怎样编排", "怎样获取", "办公地址", "办公时间", "联系电话", "传真号码", "互联网联系方式"):
        assert part in page
    assert "云河市民政局办公室<small>（本市政府信息公开工作主管部门）</small>" in page
    assert all(subject in page for subject in SUBJECTS)
    assert "20 个工作日内" in page
    assert "7 个工作日内" in page


async def test_the_directory_shows_what_is_published_and_nothing_else(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        enter(session, "还没公布的")
        publish(session, enter(session, "公布<b>了的", summary="概述", number="云公告〔2026〕1号"))
        publish(session, enter(session, "民政的", organ="MZ"))
    page = await get(browser, "/directory")
    assert "共 2 条" in page
    assert "还没公布的" not in page
    for part in ("索引", "名称", "内容概述", "生成日期", "GA-2026-00002", "公布&lt;b&gt;了的", "概述", "2026-11-02"):
        assert part in page
    assert "民政的" not in await get(browser, "/directory?organ=GA")
    assert "共 1 条" in await get(browser, "/directory?text=〔2026〕1号")
    assert "共 1 条" in await get(browser, "/directory?text=雲公告〔2026〕1號")
    assert "共 0 条" in await get(browser, "/directory?subject=统计信息")
    assert "看原文" in await get(browser, "/directory/GA-2026-00002")
    await get(browser, "/directory/GA-2026-00001", 404)
    await get(browser, "/directory/%00", 404)


async def test_the_directory_is_had_as_a_file(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        enter(session, "还没公布的")
        publish(session, enter(session, "=公布了的"))
        publish(session, enter(session, "民政的", organ="MZ"))
    assert 'href="/disclosure/directory.csv?organ=GA"' in await get(browser, "/directory?organ=GA")
    response = await browser.get("/disclosure/directory.csv?organ=GA")
    lines = (await response.text()).splitlines()
    assert lines[0].lstrip("\ufeff").startswith("索引,名称,内容概述,生成日期,机关")
    assert lines[1].startswith("GA-2026-00002,'=公布了的")
    assert len(lines) == 2


async def test_a_long_directory_has_pages(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        for number in range(51):
            publish(session, enter(session, f"第{number}项"))
    page = await get(browser, "/directory?organ=GA")
    assert "第 1 页，共 2 页" in page
    assert 'href="/disclosure/directory?organ=GA&amp;page=2"' in page
    assert "上一页" in await get(browser, "/directory?organ=GA&page=2")
    assert "第 1 页" in await get(browser, "/directory?page=x")


async def test_a_document_that_the_city_holds_is_shown_whole(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        set_up_sample = session.scalar(select(func.count(Information.id)))
        assert set_up_sample == 0
    set_up(database)
    with database.transaction() as session:
        prepare(session)
        import_publishing(session, SAMPLE, NOW)
    page = await get(browser, "/directory/YH-2025-00001")
    assert "正文" in page
    assert "公共租赁住房" in page
    assert "2025年政府信息公开工作年度报告" in await get(browser, "")
    organ = await get(browser, "/organs/YH")
    assert "陈嘉澍" in organ
    assert "市长" in organ
    assert "国家档案馆" in await get(browser, "/places")
    assert "2026年第4期" in await get(browser, "/gazettes")
    await get(browser, "/organs/XX", 404)


async def test_a_correction_is_asked_for_and_looked_up(browser: Browser, database: Database) -> None:
    page = await post(browser, "/correct", **FORM)
    number = re.findall(r"GZ-\d{4}-\d{6}", page)[0]
    code = re.findall(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{4})</strong>", page)[0]
    form = {"number": number, "query_code": code}
    page = await post(browser, "/correct/status", **form)
    assert "正在办理" in page
    assert "王小明" not in page
    assert "对不上" in await post(browser, "/correct/status", 403, number=number, query_code="ABCD-2345")
    with database.transaction() as session:
        corrections.decide(
            session, number, CorrectionOutcome.REFUSED, words="<i>证据不足", agency="", who="clerk", now=NOW
        )
    page = await post(browser, "/correct/status", **form)
    assert "不予更正" in page
    assert "&lt;i&gt;证据不足" in page
    assert "第五十一条" in page


async def test_a_form_with_something_missing_comes_back_filled_in(browser: Browser, database: Database) -> None:
    page = await post(browser, "/correct", 422, **{**FORM, "evidence": " "})
    assert "请填“有什么证据”" in page
    assert "写成3人，实际4人</textarea>" in page
    with database.transaction() as session:
        assert session.scalar(select(func.count(CorrectionRequest.number))) == 0


async def test_nobody_fills_the_list_of_corrections(browser: Browser) -> None:
    for _ in range(5):
        await post(browser, "/correct", **FORM)
    assert "太多" in await post(browser, "/correct", 429, **FORM)


async def test_a_page_of_others_cannot_ask(browser: Browser) -> None:
    response = await browser.post("/disclosure/correct", data=FORM, headers={"Origin": "https://evil.example"})
    assert response.status == 403


async def test_an_applicant_suggests_with_receipt_and_code(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        add_request(session, 1, "李明", outcome=None)
    form = {"receipt": "XXGK-2026-000001", "query_code": "K7M2-9QXD", "words": "大家都要停车"}
    assert "对不上" in await post(browser, "/suggest", 403, **{**form, "query_code": "ABCD-2345"})
    assert "请写明" in await post(browser, "/suggest", 422, **{**form, "words": ""})
    assert "建议已经记下，公安局" in await post(browser, "/suggest", **form)
    assert "提过" in await post(browser, "/suggest", 422, **form)
    with database.transaction() as session:
        assert session.scalars(select(Proposal)).one().words == "大家都要停车"


async def test_no_page_is_wider_than_a_small_screen(browser: Browser, database: Database) -> None:
    with database.transaction() as session:
        publish(session, enter(session, "很长的名称" * 20, date(2026, 11, 2), url="", summary="a" * 300))
    async with chromium(browser, {"width": 320, "height": 640}) as open_page:
        page = await open_page()
        for path in (*PAGES, "/directory/GA-2026-00001", "/organs/GA"):
            await page.goto(f"/disclosure{path}")
            wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, path
            for field in await page.locator("input:not([type=hidden]), select, textarea").all():
                name = await field.get_attribute("id")
                assert await page.locator(f"label[for='{name}']").count() == 1, (path, name)
