"""`/items` and what belongs to it: the directory of services, for people, search engines and programs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from bot.catalogue import service as catalogue
from bot.catalogue.models import Department, Item, LegalBasis, Material, Office, Situation
from bot.db import Database, utcnow
from bot.running.sample_city import load_sample_city
from bot.switches import service as switches
from bot.switches.scopes import Scope
from bot.web import public_pages
from bot.web.characters import CONVERTED
from bot.web.keys import DATABASE
from bot.web.openapi import DOCUMENT
from tests.databases import set_up
from tests.web.console import Browser, open_browser, settings_in

HTML = {"Accept": "text/html"}
HOSTILE = "</script><script>alert(1)</script>\"'<b>&"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    settings = settings_in(tmp_path, PUBLIC_URL="https://bot.example", ENCODER="off")
    database = Database(settings.database_url)
    set_up(database, load_sample_city)
    database.close()
    async with open_browser(settings) as opened:
        yield opened


def database_of(browser: Browser) -> Database:
    assert browser.app is not None
    return browser.app[DATABASE]


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path, headers=HTML, allow_redirects=False)
    text = await response.text()
    assert response.status == status, text
    return text


def codes(page: str) -> list[str]:
    listed = page.split('<ul class="rows items">')[1].split("</ul>")[0]
    return re.findall(r'<a href="/items/([^"]+)">', listed)


def add_item(session: Any, code: str, **values: Any) -> Item:
    known: dict[str, Any] = {
        "name": f"事项{code}", "kind": "行政许可", "department_code": "GA", "applicant": "法人", "summary": "简介",
        "conditions": [], "statutory_days": None, "statutory_note": "", "promised_days": 3, "has_fee": False, "fee": "",
        "fee_basis": "", "office_code": "BD-01", "window": "", "channel": "线下", "online_note": "", "visit_count": 1,
        "result": "证", "result_validity": "", "delivery": "", "complaints_phone": "1", "note": "",
        "recorded_on": date(2026, 11, 1), "particulars": {},
    }  # fmt: skip
    item = Item(code=code, **{**known, **values})
    session.add(item)
    session.flush()
    return item


async def test_the_directory_is_searched_by_what_people_say(browser: Browser) -> None:
    assert codes(await get(browser, "/items?q=身份证丢了"))[0] == "GA-003"
    page = await get(browser, "/items?q=我想开个小饭馆")
    assert 'href="/joint/YJS-001"' in page
    assert "SC-005" in codes(page)
    assert codes(await get(browser, "/items?q=ga-003"))[0] == "GA-003"
    assert codes(await get(browser, "/items?q=居民身份证换领"))[0] == "GA-002"
    assert "没有符合的事项" in await get(browser, "/items?q=qwertyuiop")
    assert "没有符合的事项" in await get(browser, "/items?q=%00，。")


async def test_a_matter_that_is_not_offered_is_said_so(browser: Browser) -> None:
    page = await get(browser, "/items?q=气象证明")
    assert "不在本市的办事目录里" in page


async def test_the_directory_is_filtered_and_says_how_many_are_left(browser: Browser) -> None:
    page = await get(browser, "/items?department=GA&applicant=自然人")
    assert all(code.startswith("GA-") for code in codes(page))
    assert f"共 {len(codes(page))} 项" in page
    assert f'value="GA" selected>公安局（{len(codes(page))}）' in page
    assert "去掉：部门：公安局" in page
    assert "没有符合的事项" in await get(browser, "/items?department=XX")
    assert codes(await get(browser, "/items?joint=YJS-001")) == ["CG-001", "SC-004", "SC-005", "XF-001"]
    assert "共 0 项" not in await get(browser, "/items?page=abc")


async def test_what_the_national_list_says_filters_too(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        for code, handling, theme in (("ZZ-1", "即办件", "住房保障、社会保障"), ("ZZ-2", "承诺件", "住房保障")):
            add_item(session, code, particulars={"办件类型": handling, "主题分类": theme})
    assert codes(await get(browser, "/items?handling=即办件")) == ["ZZ-1"]
    assert codes(await get(browser, "/items?theme=住房保障")) == ["ZZ-1", "ZZ-2"]
    assert "<dt>办件类型</dt><dd>即办件</dd>" in await get(browser, "/items/ZZ-1")


async def test_a_long_list_has_pages_that_keep_the_filters(browser: Browser) -> None:
    page = await get(browser, "/items?channel=线上线下")
    assert len(codes(page)) == 20
    following = re.findall(r'rel="next" href="([^"]+)"', page)[0].replace("&amp;", "&")
    assert "channel=" in following
    assert not set(codes(page)) & set(codes(await get(browser, following)))


async def test_a_page_of_an_item_says_all_that_is_recorded(browser: Browser) -> None:
    page = await get(browser, "/items/GA-003")
    for anchor in ("materials", "conditions", "process", "place", "time_limit", "fee", "online", "result", "answers"):
        assert f'id="{anchor}"' in page
        assert f'href="#{anchor}"' in page
    with database_of(browser).transaction() as session:
        item = catalogue.get_item(session, "GA-003")
        assert item is not None
        told = [item.summary, item.fee, item.office.address, item.office.hours, item.result, item.complaints_phone]
        told += [one.name for one in (*item.materials, *item.steps)] + [one.article for one in item.legal_bases]
    assert [one for one in told if one not in page] == []
    assert '<link rel="canonical" href="https://bot.example/items/GA-003">' in page
    assert "居民身份证补领 · 云河市政务服务</title>" in page
    asks = re.findall(r'<a class="main" href="(/\?q=[^"]+)">问助手', page)
    assert ">居民身份证补领</textarea>" in await get(browser, asks[0])


async def test_a_case_is_chosen_by_a_link_and_narrows_the_page(browser: Browser) -> None:
    page = await get(browser, "/items/GA-004")
    assert "护照遗失或被盗的说明" in page
    page = await get(browser, "/items/GA-004?case=首次申领")
    assert "✓ 首次申领" in page
    assert "护照遗失或被盗的说明" not in page
    assert 'rel="canonical" href="https://bot.example/items/GA-004"' in page
    assert "✓" not in await get(browser, "/items/GA-004?case=没有这个情形")


async def test_a_law_that_is_repealed_is_marked(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        item = add_item(session, "ZZ-9")
        item.legal_bases = [LegalBasis(position=1, law="云河市暂住证管理办法", article="第一条", gist="")]
    page = await get(browser, "/items/ZZ-9")
    assert re.search(r'<a href="/documents/\d+">《云河市暂住证管理办法》</a><strong class="tag late">【已废止】', page)


async def test_a_hostile_name_is_shown_and_runs_nowhere(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        item = add_item(session, "ZZ-9", name=HOSTILE, summary=HOSTILE, note="{{ 7 * 7 }}")
        item.materials = [
            Material(position=1, name=HOSTILE, form="", copies=0, issuer="", waiver="", is_required=True,
                     situations=[], note="")
        ]  # fmt: skip
        item.situations = [
            Situation(question_number=1, question="哪种", position=number, title=f"{HOSTILE}{number}", keywords=[],
                      conditions=[], fee="", steps=[], is_elsewhere=False, note="")
            for number in (1, 2)
        ]  # fmt: skip
    for path in ("/items/ZZ-9", "/items?q=alert", "/departments/GA", f"/items?q={HOSTILE}".replace("&", "%26")):
        page = await get(browser, path)
        assert "<script>" not in page, path
        assert "<b>" not in page, path
    page = await get(browser, "/items/ZZ-9")
    assert "{{ 7 * 7 }}" in page
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert json.loads(data)["name"] == HOSTILE


async def test_search_engines_read_a_government_service(browser: Browser) -> None:
    for path, kind in (("/items/GA-003", "行政确认"), ("/joint/YJS-001", "一件事一次办")):
        [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', await get(browser, path), re.S)
        told = json.loads(data)
        assert (told["@type"], told["serviceType"], told["url"]) == (
            "GovernmentService", kind, f"https://bot.example{path}",
        )  # fmt: skip


async def test_an_item_that_is_switched_off_shows_the_notice_and_nothing_else(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        for key in ("GA-003", "YJS-001"):
            switches.turn_off(
                session, Scope.ITEM, key, who="cli:t", reason="错", notice="正在核对，请打电话", now=utcnow()
            )
    for path in ("/items/GA-003", "/joint/YJS-001"):
        page = await get(browser, path)
        assert "正在核对，请打电话" in page
        assert "要带什么" not in page
    assert set(json.loads(await get(browser, "/api/items/GA-003"))) == {"code", "name", "url", "notice"}
    assert "居民身份证补领" not in await get(browser, "/items.csv")


async def test_an_unknown_code_gets_near_ones_and_the_other_case_is_led_on(browser: Browser) -> None:
    page = await get(browser, "/items/GA-0033", 404)
    assert 'href="/items/GA-003"' in page
    await get(browser, "/joint/YJS-999", 404)
    for path, to in (("/items/ga-003", "/items/GA-003"), ("/items/YJS-001", "/joint/YJS-001")):
        response = await browser.get(path, headers=HTML, allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (301, to)
    await get(browser, "/items/%00", 404)


async def test_departments_and_offices_lead_to_their_items(browser: Browser) -> None:
    assert 'href="/departments/GA"' in await get(browser, "/departments")
    page = await get(browser, "/departments/GA")
    assert 'href="/items/GA-001"' in page
    assert 'href="/disclosure/organs/' in page
    await get(browser, "/departments/XX", 404)
    page = await get(browser, "/offices")
    assert "云政大道88号" in page
    assert codes(await get(browser, "/items?office=BD-18"))[:2] == ["GA-001", "GA-002"]


async def test_places_are_found_by_district_and_by_street(browser: Browser) -> None:
    page = await get(browser, "/offices?district=北岸区")
    assert "环城派出所" in page
    assert "和园派出所" not in page
    page = await get(browser, "/offices?q=和园街道")
    assert "和园派出所" in page
    assert "环城派出所" not in page
    assert "没有符合的地点" in await get(browser, "/offices?q=月球")
    page = await get(browser, "/items/GA-003")
    assert "环城派出所（北岸区，环城街道）" in page
    assert "GA-003" in codes(await get(browser, "/items?district=北岸区&q=身份证丢了"))
    assert json.loads(await get(browser, "/api/items/GA-003"))["place"]["others"]
    rows = csv.DictReader(io.StringIO((await get(browser, "/items.csv")).lstrip("\ufeff")))
    assert "环城派出所" in next(row["其他办理点"] for row in rows if row["事项编码"] == "GA-003")


async def test_everything_is_had_as_a_file_in_which_no_cell_is_a_formula(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        add_item(session, "ZZ-9", name="=HYPERLINK(1)", summary="@x", note="＋1")
        count = len(catalogue.all_items(session))
    response = await browser.get("/items.csv")
    assert "attachment" in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO((await response.text()).lstrip("\ufeff"))))
    assert len(rows) == count
    assert (rows[-1]["事项名称"], rows[-1]["简介"], rows[-1]["备注"]) == ("'=HYPERLINK(1)", "'@x", "'＋1")
    assert "居民身份证首次申领" in [row["事项名称"] for row in rows]


async def test_programs_get_the_same_as_json(browser: Browser) -> None:
    found = json.loads(await get(browser, "/api/items?q=身份证丢了"))
    assert found["items"][0]["code"] == "GA-003"
    assert found["items"][0]["url"] == "https://bot.example/items/GA-003"
    listed = json.loads(await get(browser, "/api/items?department=GA&page=1"))
    assert (listed["page"], listed["total"]) == (1, len(listed["items"]))
    record = json.loads(await get(browser, "/api/items/GA-003"))
    assert record["place"]["phone"]
    assert record["materials"]
    assert json.loads(await get(browser, "/api/items/XX-1", 404)) == {"error": "没有这个编码的事项"}
    assert {"/api/items", "/api/items/{code}", "/items.csv"} <= DOCUMENT["paths"].keys()


async def test_who_searches_too_fast_is_told_to_wait(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_pages, "SEARCHES", public_pages.parse("2/hour"))
    for _ in range(2):
        await get(browser, "/items?q=护照")
    assert "请过一分钟再试" in await get(browser, "/items?q=护照", 429)
    assert "请过一分钟再试" in await get(browser, "/documents?q=护照", 429)
    await get(browser, "/api/items", 429)
    await get(browser, "/items.csv", 429)
    await get(browser, "/items")


async def test_pages_are_kept_and_asked_for_again_cheaply(browser: Browser) -> None:
    for path in ("/items", "/items/GA-003", "/offices", "/sitemap.xml", "/robots.txt", "/api/items/GA-003"):
        response = await browser.get(path, headers=HTML)
        tag = response.headers["ETag"]
        assert response.headers["Cache-Control"].startswith("public"), path
        assert "Set-Cookie" not in response.headers
        varies = response.content_type in CONVERTED
        assert response.headers["Vary"] == ("Accept-Encoding, Cookie" if varies else "Accept-Encoding"), path
        again = await browser.get(path, headers={**HTML, "If-None-Match": tag})
        assert (again.status, await again.read()) == (304, b""), path
    assert (await browser.get("/items/XX", headers=HTML)).headers["Cache-Control"] == "no-store"


async def test_search_engines_find_every_page_and_are_kept_out_of_forms(browser: Browser) -> None:
    site_map = await get(browser, "/sitemap.xml")
    for path in ("/items/GA-003", "/joint/YJS-001", "/departments/GA", "/documents/1"):
        assert f"<loc>https://bot.example{path}</loc>" in site_map
    robots = await get(browser, "/robots.txt")
    assert "Disallow: /console" in robots
    assert "Sitemap: https://bot.example/sitemap.xml" in robots


async def test_an_unknown_address_is_a_page_for_people_and_json_for_programs(browser: Browser) -> None:
    for path in ("/nowhere", "/items/a/b", "/disclosure/nowhere", "/%E4%B8%AD"):
        page = await get(browser, path, 404)
        assert "没有这个页面" in page
        assert 'href="/items"' in page
    assert "error" in json.loads(await get(browser, "/api/nowhere", 404))
    response = await browser.get("/nowhere")
    assert await response.json() == {"error": "没有这个地址"}
    response = await browser.post("/items", headers=HTML)
    assert response.status == 405
    assert "这里不能这样打开" in await response.text()


async def test_what_breaks_is_told_in_chinese_and_nothing_of_it_leaks(browser: Browser) -> None:
    with database_of(browser).transaction() as session:
        session.delete(catalogue.get_city(session))
    page = await get(browser, "/items", 500)
    assert "系统出了点问题" in page
    assert "Traceback" not in page
    assert "NoCity" not in page


async def test_without_an_address_of_its_own_the_site_is_where_it_was_reached(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, ENCODER="off")
    database = Database(settings.database_url)
    set_up(database, load_sample_city)
    database.close()
    async with open_browser(settings) as browser:
        page = await get(browser, "/items")
        assert f'rel="canonical" href="http://{browser.host}:{browser.port}/items"' in page


@pytest.mark.parametrize(
    "path", ["/items", "/items?q=事项", "/items/ZZ-001", "/departments", "/offices", "/sitemap.xml"]
)
async def test_more_items_make_no_more_queries(browser: Browser, path: str) -> None:
    database = database_of(browser)
    counted: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    costs = []
    for first, last in ((0, 10), (10, 100)):
        with database.transaction() as session:
            for number in range(first, last):
                code = f"ZZ-{number:03}"
                session.add(Department(code=f"D{number}", name=f"部门{number}", short_names=[], phone="1"))
                session.add(Office(code=f"O{number}", name="厅", address="路", hours="", phone="1", directions=""))
                session.flush()
                add_item(session, code, department_code=f"D{number}", office_code=f"O{number}")
        await get(browser, path)
        counted.clear()
        await get(browser, path)
        costs.append(len(counted))
    assert costs[0] == costs[1] <= 30
    assert len((await get(browser, path)).encode()) < 60_000


@pytest.mark.parametrize("path", ["/items", "/items?department=GA&page=2", "/api/items", "/departments", "/offices"])
async def test_a_list_reads_no_item_again_until_one_changes(browser: Browser, path: str) -> None:
    database, read = database_of(browser), re.compile(r"\bFROM (items|aliases)\b")
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    await get(browser, "/items")
    statements.clear()
    await get(browser, path)
    assert [one for one in statements if read.search(one)] == []
    with database.transaction() as session:
        session.execute(update(Item).where(Item.code == "GA-001").values(name="改了名的事项"))
    statements.clear()
    await get(browser, path)
    assert len([one for one in statements if read.search(one)]) == 2
    assert "改了名的事项" in await get(browser, "/items?department=GA")


async def test_where_one_applies_and_books_online_are_links_of_the_page(browser: Browser) -> None:
    page = await get(browser, "/items/SC-001")
    assert (
        '<a class="main" href="https://zwfw.yunhe.example/apply/SC-001" rel="noopener noreferrer">在线办理</a>' in page
    )
    assert 'href="https://zwfw.yunhe.example/book/SC-001" rel="noopener noreferrer">预约取号</a>' in page
    assert "<dt>预约地址</dt>" not in page
    assert "预约取号" not in await get(browser, "/items/GA-003")
