"""The pages of oversight: reconsideration and lawsuits, yearly reports with their public page."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.catalogue.models import Department
from bot.db import Database
from bot.oversight.models import Contest, Order
from bot.oversight.typed import Figure, Text
from bot.staff.models import AuditEntry
from bot.workdays import today_in_china
from tests.clock import NOW
from tests.oversight.register import answered, request
from tests.web.console import Browser, fill, let_in, open_browser, settings_in

TODAY = today_in_china(NOW)
YEAR = TODAY.year - 1
RECEIVED = TODAY.replace(year=YEAR, month=3, day=3)
RECEIPT = f"XXGK-{YEAR}-000001"


@pytest.fixture
async def browser(database_url: str, database: Database, tmp_path: Path) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        session.add(Department(code="SL", name="水利局", short_names=[], phone="0990-2"))
        session.flush()
        session.add(request(1, RECEIVED, answered(RECEIVED + timedelta(days=7)), department="GA"))
        session.add(request(2, RECEIVED, department="SL"))
    async with open_browser(
        settings_in(tmp_path, DATABASE_URL=database_url, IDENTITY_KEY=os.environ["IDENTITY_KEY"])
    ) as opened:
        yield opened


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path)
    assert response.status == status, await response.text()
    return await response.text()


async def post(browser: Browser, path: str, token: str, status: int = 200, **form: str) -> str:
    response = await browser.post(path, data={"form_token": token, **form})
    assert response.status == status, await response.text()
    return await response.text()


def filled_form() -> dict[str, str]:
    return {**{text.value: "平稳。<b>" for text in Text}, **{figure.value: "0" for figure in Figure}}


async def test_a_contest_is_recorded_decided_and_removed_on_the_page_of_its_request(
    browser: Browser, database: Database
) -> None:
    token = let_in(browser, database, "clerk")
    path = f"/console/disclosures/{RECEIPT}"
    assert "复议和诉讼" in await get(browser, path)
    form = {"remedy": "reconsideration", "filed_on": str(RECEIVED + timedelta(days=9)), "authority": "市人民政府"}
    refused = await post(
        browser, f"{path}/contest", token, 422, **{**form, "filed_on": str(RECEIVED - timedelta(days=1))}
    )
    assert "收到申请" in refused
    assert 'value="市人民政府"' in refused
    assert "尚未审结" in await post(browser, f"{path}/contest", token, **form)
    with database.transaction() as session:
        number = session.scalars(select(Contest.id)).one()
    one = f"{path}/contest/{number}"
    assert "请选结果" in await post(browser, f"{one}/decide", token, 422)
    decided = {"result": "corrected", "decided_on": str(RECEIVED + timedelta(days=40))}
    assert "结果纠正" in await post(browser, f"{one}/decide", token, **decided)
    assert "为什么要删" in await post(browser, f"{one}/remove", token, 422, why=" ")
    assert "没有记录" in await post(browser, f"{one}/remove", token, why="记错了")
    assert "没有这一件" in await post(browser, f"{one}/remove", token, 422, why="再删")
    with database.transaction() as session:
        found = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == RECEIPT).order_by(AuditEntry.id))
        assert list(found) == ["record_contest", "decide_contest", "remove_contest"]


async def test_a_contest_about_no_request_has_a_page_of_its_own_and_each_department_sees_its_own(
    browser: Browser, database: Database
) -> None:
    token = let_in(browser, database, "clerk")
    path = "/console/oversight/contests"
    assert "没有记录" in await get(browser, path)
    form = {
        "remedy": "lawsuit_first",
        "filed_on": str(RECEIVED),
        "authority": "云河市清江区人民法院",
        "department": "SL",
        "note": "没有公布<b>收费标准",
    }
    refused = await post(browser, path, token, 422, **{**form, "note": " "})
    assert "什么事" in refused
    assert 'value="云河市清江区人民法院"' in refused
    page = await post(browser, path, token, **form)
    assert "没有公布&lt;b&gt;收费标准" in page
    assert "水利局，" in page
    with database.transaction() as session:
        number = session.scalars(select(Contest.id)).one()
    token = let_in(browser, database, "department")
    assert "没有公布" not in await get(browser, path)
    for act in ("decide", "remove"):
        await post(browser, f"{path}/{number}/{act}", token, 422, result="upheld", decided_on=str(TODAY), why="x")
    await post(browser, path, token, **{**form, "department": "SL", "note": "自己的事"})
    with database.transaction() as session:
        assert session.scalars(select(Contest.department_code).order_by(Contest.id)).all() == ["SL", "GA"]
    token = let_in(browser, database, "clerk")
    decided = await post(browser, f"{path}/{number}/decide", token, result="upheld", decided_on=str(TODAY))
    assert "结果维持" in decided
    assert "没有公布" not in await post(browser, f"{path}/{number}/remove", token, why="记错了")


async def test_a_department_records_nothing_about_the_requests_of_others(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "department")
    other = f"/console/disclosures/XXGK-{YEAR}-000002/contest"
    for path in (other, f"{other}/1/decide", f"{other}/1/remove"):
        await post(browser, path, token, 404, remedy="reconsideration", filed_on=str(TODAY), authority="市人民政府")


async def test_a_report_is_typed_handed_in_published_and_taken_back(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    path = f"/console/oversight/reports/{YEAR}"
    assert "第四十九条" in await get(browser, f"/console/oversight/reports?year={YEAR}")
    assert "“行政许可：本年处理决定数量”还没有填" in await get(browser, f"{path}?organ=GA")
    refused = await post(browser, f"{path}/save?organ=GA", token, 422, **{**filled_form(), "licences": "很多"})
    assert "要填整数，不是“很多”" in refused
    saved = await post(browser, f"{path}/save?organ=GA", token, **filled_form())
    assert "都对得上" in saved
    assert "平稳。&lt;b&gt;" in saved
    assert "style=" not in saved
    assert "已提交" in await post(browser, f"{path}/submit?organ=GA", token)
    await post(browser, f"{path}/publish?organ=GA", token, 403)
    assert (await browser.get(f"/disclosure/reports/{YEAR}?organ=GA")).status == 404

    token = let_in(browser, database, "supervisor")
    assert "已公布" in await post(browser, f"{path}/publish?organ=GA", token)
    public = await get(browser, f"/disclosure/reports/{YEAR}?organ=GA")
    assert f"公安局{YEAR}年政府信息公开工作年度报告" in public
    assert "<script" not in public
    assert f"公安局{YEAR}年" in await get(browser, "/disclosure/reports")
    assert f"公安局{YEAR}年" in await get(browser, f"/disclosure/reports/{YEAR}")
    file = await browser.get(f"/disclosure/reports/{YEAR}/report.docx?organ=GA")
    assert (await file.read())[:2] == b"PK"
    await get(browser, f"/disclosure/reports/{YEAR}/report.docx?organ=SL", 404)
    assert "已经公布" in await post(browser, f"{path}/save?organ=GA", token, 422, **filled_form())
    assert "已撤回" in await post(browser, f"{path}/take-back?organ=GA", token, why="要改")
    await get(browser, f"/disclosure/reports/{YEAR}?organ=GA", 404)


async def test_a_department_sees_and_writes_its_own_report_only(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "department")
    page = await get(browser, f"/console/oversight/reports?year={YEAR}")
    assert "公安局" in page
    assert "水利局" not in page
    assert "公安局" in await get(browser, f"/console/oversight/reports/{YEAR}?organ=SL")
    await post(browser, f"/console/oversight/reports/{YEAR}/save?organ=SL", token, **filled_form())
    file = await browser.get(f"/console/oversight/reports/{YEAR}/report.docx?organ=SL")
    assert "%E5%85%AC%E5%AE%89%E5%B1%80" in file.headers["Content-Disposition"]


async def test_there_is_no_report_of_a_coming_year_or_of_an_unknown_organ(browser: Browser, database: Database) -> None:
    let_in(browser, database, "supervisor")
    await get(browser, f"/console/oversight/reports/{TODAY.year + 1}", 404)
    await get(browser, "/console/oversight/reports/abc", 404)
    await get(browser, f"/console/oversight/reports/{YEAR}?organ=XX", 404)
    assert "还没有公布的年度报告" in await get(browser, "/disclosure/reports")


async def complain(browser: Browser, status: int = 200, **changed: str) -> str:
    form = {
        "department": "GA",
        "kind": "not_answered",
        "receipt": "",
        "words": "我叫王小明，电话13900000001，没有理由<b>",
        "contact": "13900000001",
    }
    response = await browser.post("/disclosure/complain", data={**form, **changed})
    assert response.status == status
    assert response.headers["Cache-Control"] == "no-store"
    return await response.text()


def receipt_in(page: str) -> dict[str, str]:
    number, code = re.findall(r"<dd>((?:TS-|[A-Z0-9]{4}-)[A-Z0-9-]+)</dd>", page)
    return {"number": number, "query_code": code}


async def test_a_citizen_complains_and_reads_the_answer_with_number_and_code(
    browser: Browser, database: Database
) -> None:
    assert "第四十七条" in await get(browser, "/disclosure/complain")
    kept = await complain(browser, 422, words=" ", contact="写过的")
    assert "请写明是什么事" in kept
    assert 'value="写过的"' in kept
    proof = receipt_in(await complain(browser))
    await get(browser, "/disclosure/complaint")
    response = await browser.post("/disclosure/complaint", data={**proof, "query_code": "ABCD-2345"})
    assert (response.status, "对不上" in await response.text()) == (403, True)
    waiting = await (await browser.post("/disclosure/complaint", data=proof)).text()
    assert "已收到" in waiting

    token = let_in(browser, database, "supervisor")
    assert "有 1 件公开投诉举报没有答复" in await get(browser, "/console")
    assert proof["number"] in await get(browser, "/console/oversight/complaints")
    path = f"/console/oversight/complaints/{proof['number']}"
    page = await get(browser, path)
    assert "13900000001" not in page
    assert "请写明为什么要看" in await post(browser, f"{path}/open", token, 422, why="")
    opened = await post(browser, f"{path}/open", token, why="电话核实")
    assert "联系方式：13900000001" in opened
    assert "没有理由&lt;b&gt;" in opened
    assert "正在查证" in await post(browser, f"{path}/take-up", token)
    assert "请选查证的结果" in await post(browser, f"{path}/answer", token, 422, words="写过的答复")
    done = await post(browser, f"{path}/answer", token, finding="upheld", words="已督促整改。")
    assert "已答复" in done
    assert proof["number"] in await get(browser, "/console/oversight/complaints?show=answered")
    told = await (await browser.post("/disclosure/complaint", data=proof)).text()
    assert "已督促整改。" in told
    assert "<b>属实" not in told


async def test_too_many_complaints_from_one_address_are_refused(browser: Browser) -> None:
    for _ in range(20):
        await complain(browser, 422, kind="")
    assert "过一会儿再试" in await complain(browser, 429)


async def test_an_order_goes_from_the_office_to_the_department_and_back(browser: Browser, database: Database) -> None:
    proof = receipt_in(await complain(browser))
    token = let_in(browser, database, "supervisor")
    new = await get(browser, f"/console/oversight/orders/new?complaint={proof['number']}")
    assert 'value="GA" selected' in new
    await get(browser, "/console/oversight/orders/new?complaint=TS-2026-999999", 404)
    form = {"complaint": proof["number"], "department": "GA", "basis": "urged", "duty": "答复说理", "wrong": "重新答复"}
    assert "几个工作日内整改" in await post(browser, "/console/oversight/orders", token, 422, **form)
    page = await post(browser, "/console/oversight/orders", token, **form, working_days="5")
    number = re.findall(r"ZG-\d{4}-\d{4}", page)[0]
    assert proof["number"] in page
    path = f"/console/oversight/orders/{number}"
    assert "还没有回报" in await post(browser, f"{path}/accept", token, 422, words="好")

    token = let_in(browser, database, "department")
    page = await get(browser, path)
    assert "回报整改情况" in page
    assert proof["number"] not in page
    await post(browser, f"{path}/accept", token, 403, words="好")
    assert "请写明怎么改的" in await post(browser, f"{path}/report", token, 422, words=" ")
    assert "已回报，待认可" in await post(browser, f"{path}/report", token, words="补了理由")

    token = let_in(browser, database, "supervisor")
    sent = await post(browser, f"{path}/send-back", token, words="不够", working_days="3")
    assert "待整改" in sent
    with database.transaction() as session:
        session.scalars(select(Order)).one().due_on = TODAY - timedelta(days=10)
    assert "有 1 件整改逾期了" in await get(browser, "/console")
    assert "其中逾期 1 件" in await get(browser, "/console/oversight/orders")
    assert "已撤销" in await post(browser, f"{path}/withdraw", token, words="发错了")
    assert number in await get(browser, "/console/oversight/orders?show=all")


async def test_a_department_sees_no_order_of_others_and_no_complaint(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "supervisor")
    form = {"department": "SL", "basis": "duty", "duty": "目录", "wrong": "更新", "working_days": "5"}
    page = await post(browser, "/console/oversight/orders", token, **form)
    number = re.findall(r"ZG-\d{4}-\d{4}", page)[0]
    token = let_in(browser, database, "department")
    assert number not in await get(browser, "/console/oversight/orders?show=all")
    await get(browser, f"/console/oversight/orders/{number}", 404)
    await post(browser, f"/console/oversight/orders/{number}/report", token, 404, words="改了")
    await get(browser, "/console/oversight/complaints", 403)


async def test_the_assessment_and_the_bulletin_are_shown_and_downloaded(browser: Browser, database: Database) -> None:
    let_in(browser, database, "supervisor")
    page = await get(browser, f"/console/oversight/assessment?year={YEAR}")
    assert "水利局" in page
    assert "不是考核结论" in page
    assert "style=" not in page
    file = await browser.get(f"/console/oversight/assessment.csv?year={YEAR}&quarter=1")
    assert "机关,收到申请" in (await file.read()).decode("utf-8-sig")
    assert f"通报（{YEAR}年）" in await get(browser, f"/console/oversight/bulletin?year={YEAR}")
    file = await browser.get(f"/console/oversight/bulletin.docx?year={YEAR}")
    assert (await file.read())[:2] == b"PK"
    for name in ("assessment", "assessment.csv", "bulletin", "bulletin.docx"):
        await get(browser, f"/console/oversight/{name}?year={TODAY.year + 1}", 422)
        await get(browser, f"/console/oversight/{name}?quarter=7", 422)


async def test_a_city_with_its_own_points_sees_them(database_url: str, database: Database, tmp_path: Path) -> None:
    fill(database)
    own = tmp_path / "points.yml"
    own.write_text("base: 50\ndeductions: {}\n", encoding="utf-8")
    settings = settings_in(tmp_path, DATABASE_URL=database_url, ASSESSMENT_FILE=str(own))
    async with open_browser(settings) as opened:
        let_in(opened, database, "supervisor")
        assert "50 分起" in await get(opened, "/console/oversight/assessment")
