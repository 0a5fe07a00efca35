"""`/documents`: published documents with search, filters, anchors, versions side by side, and a feed."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import time_machine
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from bot.db import Database, utcnow
from bot.documents.content import Block, Paragraph, Particulars
from bot.documents.importer import store_document
from bot.documents.models import Document
from bot.documents.passages import split
from bot.documents.reader import ReadDocument
from bot.running.sample_city import load_sample_city
from bot.switches import service as switches
from bot.switches.scopes import Scope
from tests.clock import NOW
from tests.databases import set_up
from tests.web.console import Browser, open_browser, settings_in
from tests.web.test_items import HOSTILE, HTML, database_of

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path, PUBLIC_URL="https://bot.example", ENCODER="off")
    database = Database(settings.database_url)
    set_up(database, load_sample_city)
    database.close()
    async with open_browser(settings) as opened:
        yield opened


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path, headers=HTML)
    text = await response.text()
    assert response.status == status, text
    return text


def store(session: Session, title: str, *lines: str, key: str = "uploads/新.md", **particulars: object) -> Document:
    blocks: list[Block] = [Paragraph(line) for line in lines]
    stated = Particulars.model_validate({"title": title, **particulars})
    return store_document(session, key, ReadDocument(title, stated, split(blocks)), title + "".join(lines))


def id_of(session: Session, title: str) -> int:
    return session.scalars(select(Document.id).where(Document.title == title)).one()


def listed(page: str) -> list[str]:
    rows = page.split('<ul class="rows documents">')[1].split("</ul>")[0]
    return [re.sub(r"\s+", " ", title).strip() for title in re.findall(r'<a href="/documents/[^"]+">(.*?)</a>', rows)]


async def test_documents_are_found_by_title_by_number_and_by_what_they_answer(browser: Browser) -> None:
    page = await get(browser, "/documents?q=居住证多久签注一次")
    assert listed(page)[0] == "云河市居住证管理办法 第十一条"
    assert re.search(r'href="/documents/\d+#p\d+"', page)
    assert "居住证每年签注一次" in page
    assert listed(await get(browser, "/documents?q=云府规〔2016〕3号"))[0].startswith("云河市居住证管理办法")
    assert listed(await get(browser, "/documents?q=暂住证管理办法"))[0].startswith("【已废止】云河市暂住证管理办法")
    assert "没有符合的文件" in await get(browser, "/documents?q=qwertyuiop")


async def test_the_list_is_filtered_by_issuer_year_kind_and_force(browser: Browser) -> None:
    assert len(listed(await get(browser, "/documents?force=repealed"))) == 2
    assert all("【已废止】" in title for title in listed(await get(browser, "/documents?force=repealed")))
    for query in ("issuer=云河市民政局", "year=2016", "kind=指南"):
        page = await get(browser, f"/documents?{query}")
        assert f"共 {len(listed(page))} 份" in page
        assert listed(page)
    assert all("指南" in title for title in listed(await get(browser, "/documents?kind=指南")))
    page = await get(browser, "/documents")
    assert len(listed(page)) == 20
    assert not set(listed(page)) & set(listed(await get(browser, "/documents?page=2")))


async def test_what_was_recognised_from_a_scan_says_so_in_the_list_and_on_its_page(browser: Browser) -> None:
    title = "云河市充电柜管理通知"
    with database_of(browser).transaction() as session:
        read = ReadDocument(title, Particulars(title=title), split([Paragraph("充电柜设在室外。")]), is_recognised=True)
        number = store_document(session, "scan.pdf", read, "digest").id
    assert "文字可能有误，以原件为准" in await get(browser, f"/documents/{number}")
    assert "由扫描件识别，以原件为准" in await get(browser, f"/documents?q={title}")


async def test_a_page_of_a_document_has_an_anchor_for_each_article_and_its_laws(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        number = id_of(session, "云河市居住证管理办法")
    page = await get(browser, f"/documents/{number}")
    for told in ("云府规〔2016〕3号", "云河市人民政府", "2016-06-20", "现行有效", "https://yunhe.example/documents/"):
        assert told in page
    assert re.search(r'<div class="passage" id="p(\d+)"><p><a class="number" href="#p\1">第一条</a>', page)
    assert "引用的法律和文件" in page
    assert "《居住证暂行条例》" in page
    assert "和上一版对照" not in page
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert json.loads(data)["legislationLegalForce"] == "InForce"


async def test_what_is_repealed_says_so_and_of_what_is_unknown_nothing_is_said(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        repealed = id_of(session, "云河市暂住证管理办法")
        unknown = store(session, "云河市临时办法", "第一条　甲。", "第二条　乙。").id
    page = await get(browser, f"/documents/{repealed}")
    assert "<h1>【已废止】云河市暂住证管理办法</h1>" in page
    assert "现在办事不能以它为准" in page
    page = await get(browser, f"/documents/{unknown}")
    assert "现行有效" not in page
    assert "废止" not in page
    assert "legislationLegalForce" not in page


async def test_two_versions_stand_side_by_side_with_what_differs(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        store(session, "云河市甲办法", "第一条　每年签注一次，不收费。", "第二条　旧的。")
        number = store(session, "云河市甲办法", "第一条　每两年签注一次，不收费。", "第三条　新的。").id
    page = await get(browser, f"/documents/{number}")
    assert f'href="/documents/{number}/versions"' in page
    page = await get(browser, f"/documents/{number}/versions")
    for told in (
        "<del>每年签注一次，</del>不收费。",
        "<ins>每两年签注一次，</ins>不收费。",
        "<del>旧的。</del>",
        "<ins>新的。</ins>",
    ):
        assert told in page
    assert "3 处不同" in page
    await get(browser, f"/documents/{number}/versions?before=1&after=2")
    for query in ("before=2&after=2", "before=9", "after=0&before=2"):
        await get(browser, f"/documents/{number}/versions?{query}", 404)


async def test_an_unknown_document_gets_a_page_with_ways_on(browser: Browser) -> None:
    for path in ("/documents/999999", "/documents/abc", "/documents/1/versions", "/documents/99999999999999999999"):
        page = await get(browser, path, 404)
        assert 'href="/documents"' in page
        assert "/disclosure#apply" in page


async def test_a_hostile_document_is_shown_and_runs_nowhere(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        number = store(session, HOSTILE, f"第一条　{HOSTILE}《{HOSTILE}法》第一条", "第二条　\x0b。", issuer=HOSTILE).id
    for path in (f"/documents/{number}", "/documents", "/documents?q=alert"):
        page = await get(browser, path)
        assert "<script>" not in page, path
        assert "<b>" not in page, path
    ElementTree.fromstring(await get(browser, "/documents.atom"))  # noqa: S314


async def test_a_document_that_is_switched_off_shows_the_notice_and_nothing_else(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        number = id_of(session, "云河市居住证管理办法")
        switches.turn_off(
            session, Scope.DOCUMENT, "云河市居住证管理办法", who="cli:t", reason="错", notice="正在核对", now=utcnow()
        )
    page = await get(browser, f"/documents/{number}")
    assert "正在核对" in page
    assert "每年签注一次" not in page


async def test_new_documents_are_followed_by_a_feed(browser: Browser) -> None:
    # The sample city may have been stored by an earlier test, in which it was the same day but later.
    with time_machine.travel(NOW + timedelta(days=1)), database_of(browser).transaction() as session:
        store(session, "云河市新办法\x0b", "第一条　新。", published_on=date(2026, 11, 1))
    response = await browser.get("/documents.atom")
    assert response.content_type == "application/atom+xml"
    told = ElementTree.fromstring(await response.text())  # noqa: S314
    first = told.find(f"{ATOM}entry")
    assert first is not None
    assert first.findtext(f"{ATOM}title") == "云河市新办法"
    assert str(first.findtext(f"{ATOM}id")).startswith("https://bot.example/documents/")
    assert first.findtext(f"{ATOM}published") == "2026-11-01T00:00:00+08:00"
    assert len(told.findall(f"{ATOM}entry")) == 31


@pytest.mark.parametrize("path", ["/documents", "/documents?q=办法", "/documents.atom"])
async def test_more_documents_make_no_more_queries(browser: Browser, path: str) -> None:
    database = database_of(browser)
    counted: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    costs = []
    for first, last in ((0, 10), (10, 100)):
        with database.transaction() as session:
            for number in range(first, last):
                store(
                    session,
                    f"云河市第{number}号办法",
                    f"第一条　第{number}项事。",
                    "第二条　乙。",
                    key=f"uploads/{number}.md",
                )
        await get(browser, path)
        counted.clear()
        await get(browser, path)
        costs.append(len(counted))
    assert costs[0] == costs[1] <= 20
    assert len((await get(browser, path)).encode()) < 60_000


@pytest.mark.parametrize("path", ["/documents", "/documents?kind=办法&page=2", "/documents.atom"])
async def test_the_list_reads_no_document_again_until_one_changes(browser: Browser, path: str) -> None:
    database, title = database_of(browser), "云河市居住证管理办法"
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert title in await get(browser, "/documents?year=2016")
    statements.clear()
    await get(browser, path)
    assert [one for one in statements if "FROM documents" in one] == []
    with database.transaction() as session:
        session.execute(update(Document).where(Document.title == title).values(withdrawn_at=utcnow()))
    statements.clear()
    await get(browser, path)
    assert len([one for one in statements if "FROM documents" in one]) == 1
    assert title not in await get(browser, "/documents?year=2016")
