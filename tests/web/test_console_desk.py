"""The desk in the console: requests for disclosure, items and documents, each with the rights of each role."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from aiohttp import FormData
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.catalogue.service import aliases, get_item
from bot.db import Database, utcnow
from bot.disclosures import service
from bot.disclosures.identity import query_code_fits
from bot.disclosures.models import Applicant, Event, Request
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Reason, Step
from bot.documents.importer import import_documents
from bot.documents.models import Document
from bot.documents.service import numbered, search
from bot.language.receipts import normalise_query_code
from bot.places import SAMPLES
from bot.proposed_changes import service as changes
from bot.proposed_changes.terms import ChangeState
from bot.running.sample_city import load_sample_city
from bot.sealing import Sealer
from bot.settings import Settings
from bot.staff import accounts
from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from bot.web.console import disclosure_words
from bot.workdays import add_working_days, today_in_china
from tests.databases import set_up
from tests.web.console import Browser, add_people, fill, let_in, open_browser, settings_in

IDENTITY = {
    "name": "王小明",
    "identity_kind": "身份证件",
    "identity_number": "11010519491231002X",
    "contact": "13900138000",
    "address": "清江区和园路8号",
}
RULES = """---
title: 云河市夜间施工管理规定
number: 云政发〔2026〕9号
issuer: 云河市人民政府
published_on: 2026-03-01
---
第一条 为了减少夜间施工噪声，制定本规定。

第二条 夜间浇筑混凝土的，施工单位应当提前三日公告附近居民。
"""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_in(tmp_path, DATABASE_URL=database_url)


@pytest.fixture
async def browser(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    fill(database)
    with database.transaction() as session:
        session.add(Department(code="MZ", name="民政局", short_names=[], phone="0990-2"))
    async with open_browser(settings) as opened:
        yield opened


@pytest.fixture
async def city(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    """With the items and documents of the sample city."""
    set_up(database, load_sample_city)
    with database.transaction() as session:
        add_people(session, (Role.REVIEWER, Role.SUPERVISOR), department="")
    async with open_browser(settings) as opened:
        yield opened


def approve_all(database: Database, settings: Settings) -> None:
    """The supervisor approves what is proposed."""
    with database.transaction() as session:
        supervisor = accounts.get_person(session, "supervisor")
        for change in changes.find_changes(session, {ChangeState.PROPOSED}).rows:
            changes.approve(session, settings, change.id, supervisor, utcnow())
            assert change.state == ChangeState.LIVE, change.note


def today() -> date:
    return today_in_china(utcnow())


def working_days_ago(count: int) -> date:
    day = today()
    while add_working_days(day, count) > today():
        day -= timedelta(days=1)
    return day


def add_request(
    database: Database,
    receipt: str = "XXGK-2026-000001",
    *steps: Step,
    department: str = "GA",
    received_on: date | None = None,
    description: str = "辖区派出所经费",
) -> str:
    with database.transaction() as session:
        service.record_request(
            session,
            receipt=receipt,
            query_code="K7M2-9QXD",
            applicant_kind=ApplicantKind.NATURAL_PERSON,
            applicant="王小明",
            description=description,
            department_code=department,
            received_on=received_on or working_days_ago(2),
            submitted_via="网上",
        )
        for step in steps:
            service.record_event(session, receipt, step)
    return receipt


async def get(browser: Browser, path: str, status: int = 200) -> str:
    response = await browser.get(path)
    assert response.status == status, await response.text()
    return await response.text()


async def post(browser: Browser, token: str, path: str, **fields: str) -> tuple[int, str]:
    """Status and page; where it worked, the page that comes then."""
    response = await browser.post(path, data={"form_token": token, **fields})
    return (response.history[0].status if response.history else response.status), await response.text()


async def upload(
    browser: Browser, token: str, path: str, name: str, files: dict[str, bytes], **fields: str
) -> tuple[int, str]:
    # As browsers send it: the name of the file as it is.
    data = FormData({"form_token": token, **fields}, quote_fields=False)
    for filename, content in files.items():
        data.add_field(name, content, filename=filename)
    response = await browser.post(path, data=data)
    return (response.history[0].status if response.history else response.status), await response.text()


def logged(database: Database, action: str) -> list[tuple[str, str, str]]:
    """Person, subject and reason of each audit entry."""
    with database.transaction() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id))
        return [(entry.who, entry.subject, entry.why) for entry in found]


def shown_receipts(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('<span><a href="/console/disclosures/')[1:]]


async def test_the_list_has_what_is_overdue_first_and_its_filters_hold(browser: Browser, database: Database) -> None:
    fresh = add_request(database, "XXGK-2026-000001")
    overdue = add_request(database, "XXGK-2026-000002", received_on=working_days_ago(30), department="MZ")
    soon = add_request(database, "XXGK-2026-000003", received_on=working_days_ago(18), description="低保审批")
    answered = add_request(
        database, "XXGK-2026-000004", Step(Kind.ANSWERED, today(), outcome=Decision.GRANTED), department="MZ"
    )
    let_in(browser, database, "clerk")
    page = await get(browser, "/console/disclosures")
    assert shown_receipts(page) == [overdue, soon, fresh]
    assert "逾期 10 个工作日" in page
    assert "还剩 2 个工作日" in page
    for query, expected in {
        "overdue=1": [overdue],
        "within=3": [overdue, soon],
        "within=3&department=GA": [soon],
        "department=MZ": [overdue],
        "text=低保": [soon],
        "state=answered": [answered],
        "state=all&department=MZ": [overdue, answered],
        "receipt=2026 000004": [answered],
        "receipt=000004": [answered],
        "state=nonsense&within=x&page=99": [overdue, soon, fresh],
        "text=%25": [],
    }.items():
        assert shown_receipts(await get(browser, f"/console/disclosures?{query}")) == expected, query


async def test_a_department_sees_and_handles_its_own_requests_only(browser: Browser, database: Database) -> None:
    own, other = add_request(database), add_request(database, "XXGK-2026-000002", department="MZ")
    token = let_in(browser, database, "department")
    assert shown_receipts(await get(browser, "/console/disclosures?department=MZ")) == [own]
    assert "辖区派出所经费" in await get(browser, f"/console/disclosures/{own}")
    await get(browser, f"/console/disclosures/{other}", status=404)
    for act in ("record", "query-code"):
        fields = {"kind": "withdrawn", "on": str(today()), "why": "来电"}
        status, _ = await post(browser, token, f"/console/disclosures/{other}/{act}", **fields)
        assert status == 404
    with database.transaction() as session:
        assert len(session.get_one(Request, other).events) == 1
    status, _ = await post(browser, token, f"/console/disclosures/{own}/record", kind="withdrawn", on=str(today()))
    assert status == 303
    status, _ = await post(browser, token, f"/console/disclosures/{own}/applicant", why="想看")
    assert status == 403
    report = await get(browser, f"/console/disclosures/report?year={today().year}&department=MZ")
    assert "公安局" in report
    status, _ = await post(
        browser,
        token,
        "/console/disclosures/new",
        applicant_kind="natural_person",
        applicant="王小明",
        description="某事",
        department="MZ",
        via="当面",
        received_on=str(today()),
    )
    assert status == 422


async def test_a_page_offers_only_what_the_law_allows_next_with_its_article(
    browser: Browser, database: Database
) -> None:
    receipt = add_request(database)
    let_in(browser, database, "clerk")
    page = await get(browser, f"/console/disclosures/{receipt}")
    assert "王**" in page
    assert "王小明" not in page
    assert "《政府信息公开条例》第三十三条：只能一次" in page
    assert 'name="kind" value="supplement_requested"' in page
    assert 'name="kind" value="supplement_received"' not in page
    assert 'name="kind" value="consultation_ended"' not in page
    assert page.count('value="refused:classified"') == 1
    add_request(database, "XXGK-2026-000002", Step(Kind.WITHDRAWN, today()))
    closed = await get(browser, "/console/disclosures/XXGK-2026-000002")
    assert 'name="kind"' not in closed
    assert "已经办结" in closed


async def test_each_event_is_recorded_with_its_own_fields_and_logged(browser: Browser, database: Database) -> None:
    receipt, on = add_request(database), str(today())
    token = let_in(browser, database, "clerk")
    path = f"/console/disclosures/{receipt}/record"
    later = str(add_working_days(today(), 5))
    given: list[dict[str, str]] = [
        {"kind": "supplement_requested", "respond_by": later, "note": "请写明年度"},
        {"kind": "supplement_received"},
        {"kind": "extended", "working_days": "10"},
        {"kind": "consultation_started", "party": "third_party", "consultation": "ZX-1"},
        {"kind": "consultation_ended", "consultation": "ZX-1"},
        {"kind": "answered", "answer": "refused:process_information"},
    ]
    for fields in given:
        status, page = await post(browser, token, path, on=on, **fields)
        assert status == 303, page
        assert "已记录" in page
    with database.transaction() as session:
        steps = session.get_one(Request, receipt).steps
    assert steps[1:] == [
        Step(Kind.SUPPLEMENT_REQUESTED, today(), respond_by=date.fromisoformat(later), note="请写明年度"),
        Step(Kind.SUPPLEMENT_RECEIVED, today()),
        Step(Kind.EXTENDED, today(), working_days=10),
        Step(Kind.CONSULTATION_STARTED, today(), party=Party.THIRD_PARTY, consultation_id="ZX-1"),
        Step(Kind.CONSULTATION_ENDED, today(), consultation_id="ZX-1"),
        Step(Kind.ANSWERED, today(), outcome=Decision.REFUSED, reason=Reason.PROCESS_INFORMATION),
    ]
    entries = logged(database, "record_event")
    assert len(entries) == len(given)
    assert entries[-1][:2] == ("clerk", receipt)
    assert "不予公开" in entries[-1][2]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "extended", "working_days": "30"}, "第三十三条"),
        ({"kind": "extended", "working_days": "x"}, "必须填"),
        ({"kind": "answered", "answer": "refused:"}, "必须写明理由"),
        ({"kind": "answered", "answer": "granted:classified"}, "不填理由"),
        ({"kind": "supplement_received"}, "前面没有要求补正"),
        ({"kind": "consultation_started", "consultation": "ZX-1"}, "必须填"),
        ({"kind": "nonsense"}, "请选要记录的环节"),
        ({"kind": "withdrawn", "on": "2999-01-01"}, "还没有到"),
        ({"kind": "withdrawn", "on": "昨天"}, "请填发生的日期"),
        ({"kind": "withdrawn", "on": "2026-01-01"}, "早于上一条的日期"),
    ],
)
async def test_a_refusal_stands_on_the_page_with_what_was_typed(
    browser: Browser, database: Database, fields: dict[str, str], said: str
) -> None:
    receipt = add_request(database)
    token = let_in(browser, database, "clerk")
    path = f"/console/disclosures/{receipt}/record"
    status, page = await post(browser, token, path, **{"on": str(today()), "note": "卷宗多，请稍候", **fields})
    assert status == 422
    assert said in page
    if fields["kind"] != "nonsense":
        assert "卷宗多，请稍候" in page
    with database.transaction() as session:
        assert len(session.scalars(select(Event)).all()) == 1
    assert logged(database, "record_event") == []


async def test_what_was_possible_on_an_earlier_day_can_be_noted_late(browser: Browser, database: Database) -> None:
    receipt = add_request(database, received_on=working_days_ago(9))
    token = let_in(browser, database, "clerk")
    too_late = "现在没有法律效力，只作登记：要求补正要在收到后 7 个工作日内告知"
    assert too_late in await get(browser, f"/console/disclosures/{receipt}")
    earlier = working_days_ago(4)
    assert too_late not in await get(browser, f"/console/disclosures/{receipt}?on={earlier}")
    fields = {"kind": "supplement_requested", "respond_by": str(add_working_days(today(), 5))}
    status, _ = await post(browser, token, f"/console/disclosures/{receipt}/record", on=str(earlier), **fields)
    assert status == 303


async def test_the_applicant_is_shown_once_for_a_reason_that_is_kept(
    browser: Browser, database: Database, settings: Settings
) -> None:
    receipt = add_request(database)
    sealer = Sealer.of(settings)
    with database.transaction() as session:
        session.add(Applicant(receipt=receipt, sealed=sealer.seal(json.dumps(IDENTITY)), digest="d"))
    token = let_in(browser, database, "clerk")
    status, page = await post(browser, token, f"/console/disclosures/{receipt}/applicant", why=" ")
    assert status == 422
    assert "王小明" not in page
    response = await browser.post(
        f"/console/disclosures/{receipt}/applicant", data={"form_token": token, "why": "邮寄答复书"}
    )
    page = await response.text()
    assert response.headers["Cache-Control"] == "no-store"
    assert all(text in page for text in IDENTITY.values())
    assert "王小明" not in await get(browser, f"/console/disclosures/{receipt}")
    assert logged(database, "open_applicant") == [("clerk", receipt, "邮寄答复书")]
    paper = add_request(database, "XXGK-2026-000002")
    status, page = await post(browser, token, f"/console/disclosures/{paper}/applicant", why="邮寄答复书")
    assert status == 422
    assert "原件" in page


async def test_a_new_query_code_is_shown_once_and_the_old_one_ends(browser: Browser, database: Database) -> None:
    receipt = add_request(database)
    token = let_in(browser, database, "clerk")
    status, page = await post(browser, token, f"/console/disclosures/{receipt}/query-code", why="忘了，已核对身份证")
    assert status == 200
    code = page.split('<p class="secret">')[1].split("<")[0]
    with database.transaction() as session:
        kept = session.get_one(Request, receipt).query_code_hash
    assert query_code_fits(normalise_query_code(code) or "", kept)
    assert not query_code_fits("K7M29QXD", kept)
    assert code not in await get(browser, f"/console/disclosures/{receipt}")
    assert logged(database, "renew_query_code") == [("clerk", receipt, "忘了，已核对身份证")]


async def test_a_request_on_paper_gets_receipt_and_code(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    fields = {
        "applicant_kind": "company",
        "applicant": "云河市青禾商贸有限公司",
        "description": "近三年招商项目清单",
        "department": "MZ",
        "via": "邮寄",
        "received_on": str(today()),
        "form_wanted": "纸质",
    }
    for wrong, said in (
        ({"applicant": " "}, "请填申请人"),
        ({"department": "XX"}, "请选受理机关"),
        ({"received_on": "2999-01-01"}, "还没有到"),
        ({"received_on": "0001-01-01"}, "不会早于"),
        ({"via": "飞鸽"}, "请选提交方式"),
    ):
        status, page = await post(browser, token, "/console/disclosures/new", **{**fields, **wrong})
        assert status == 422
        assert said in page
        assert "近三年招商项目清单" in page
    status, page = await post(browser, token, "/console/disclosures/new", **fields)
    assert status == 200
    receipt = f"XXGK-{today().year}-000001"
    assert receipt in page
    with database.transaction() as session:
        request = session.get_one(Request, receipt)
        assert (request.department_code, request.form_wanted, request.delivery) == ("MZ", "纸质", None)
    assert logged(database, "add_request") == [("clerk", receipt, "民政局")]


async def test_the_yearly_report_is_a_page_and_two_files(browser: Browser, database: Database) -> None:
    add_request(database)
    let_in(browser, database, "clerk")
    year = today().year
    assert "本年新收政府信息公开申请数量" in await get(browser, f"/console/disclosures/report?year={year}")
    assert "还没有到" in await get(browser, "/console/disclosures/report?year=2999", status=422)
    assert "本年新收" in await get(browser, f"/console/disclosures/report.csv?year={year}")
    response = await browser.get(f"/console/disclosures/report.xlsx?year={year}")
    assert openpyxl.load_workbook(io.BytesIO(await response.read())).active is not None
    await get(browser, "/console/disclosures/report.exe", status=404)
    with database.transaction() as session:
        old = refused_without_reason(session)
    assert old in await get(browser, f"/console/disclosures/report?year={year}", status=422)
    await get(browser, f"/console/disclosures/report.csv?year={year}", status=422)


def refused_without_reason(session: Session) -> str:
    request = session.get_one(Request, "XXGK-2026-000001")
    request.events.append(Event.of(Step(Kind.ANSWERED, today(), outcome=Decision.REFUSED), 2))
    request.outcome = Decision.REFUSED.value
    return str(request.receipt)


REQUESTS = "回执号,查询码,申请人类型,申请人,申请内容,受理机关,收到日期,提交方式\n"
EVENTS = "回执号,序号,日期,环节,补正期限,延长工作日,征求对象,征求编号,答复结果,说明\n"
ONE = "XXGK-2026-000007,K7M2-9QXD,自然人,王小明,路灯台账,公安局,2026-03-02,当面\n"
ITS_EVENT = "XXGK-2026-000007,1,2026-03-02,收到申请,,,,,,\n"


def register(requests: str = ONE, events: str = ITS_EVENT) -> dict[str, bytes]:
    return {"requests.csv": (REQUESTS + requests).encode(), "request_events.csv": (EVENTS + events).encode()}


def packed(files: dict[str, bytes]) -> dict[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            made.writestr(f"台账/{name}", content)
        made.writestr("__MACOSX/._requests.csv", b"\0")
    return {"register.zip": out.getvalue()}


def workbook(files: dict[str, bytes]) -> dict[str, bytes]:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, content in files.items():
        sheet = book.create_sheet(name.removesuffix(".csv"))
        for line in content.decode().splitlines():
            sheet.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    return {"register.xlsx": out.getvalue()}


@pytest.mark.parametrize("shape", [register, lambda: packed(register()), lambda: workbook(register())])
async def test_a_register_is_imported_in_each_shape(
    browser: Browser, database: Database, shape: Callable[[], dict[str, bytes]]
) -> None:
    token = let_in(browser, database, "clerk")
    status, page = await upload(browser, token, "/console/disclosures/import", "files", shape())
    assert status == 303, page
    assert "已导入 1 件申请" in page
    with database.transaction() as session:
        assert session.get(Request, "XXGK-2026-000007") is not None
    assert [entry[0] for entry in logged(database, "import_disclosures")] == ["clerk"]


async def test_a_register_of_more_than_an_ordinary_form_comes_in_whole(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    many = [(ONE, ITS_EVENT)] + [
        (ONE.replace("000007", f"{n + 100:06}"), ITS_EVENT.replace("000007", f"{n + 100:06}")) for n in range(40)
    ]
    long = "。".join(["路灯台账"] * 500)
    files = register("".join(one.replace("路灯台账", long) for one, _ in many), "".join(event for _, event in many))
    assert len(files["requests.csv"]) > 64 * 1024
    status, page = await upload(browser, token, "/console/disclosures/import", "files", files)
    assert status == 303, page
    status, _ = await upload(browser, token, "/console/disclosures/import", "files", {"a.xlsx": b"x" * 6_000_000})
    assert status == 413
    # No other page takes as much.
    status, _ = await post(browser, token, "/console/disclosures/new", description="x" * 70_000)
    assert status == 413


async def test_all_errors_of_a_register_are_told_and_nothing_comes_in(browser: Browser, database: Database) -> None:
    token = let_in(browser, database, "clerk")
    wrong = ONE.replace("公安局", "水务局") + ONE.replace("000007", "000008").replace("当面", "飞鸽")
    status, page = await upload(browser, token, "/console/disclosures/import", "files", register(wrong))
    assert status == 422
    assert "什么都没有导入" in page
    assert "没有“水务局”" in page
    assert '<td data-title="行">3</td><td data-title="列">提交方式</td>' in page
    with database.transaction() as session:
        assert session.scalars(select(Request)).all() == []
    assert logged(database, "import_disclosures") == []
    bad: list[dict[str, bytes]] = [
        {"a.xlsx": b"no"},
        {"a.zip": b"no"},
        {"a.pdf": b"no"},
        {"other.csv": b"a"},
        {"requests.csv": "回执号".encode("gbk"), "request_events.csv": b""},
    ]
    for files in bad:
        status, page = await upload(browser, token, "/console/disclosures/import", "files", files)
        assert status == 422, files
        assert "错误" in page
    status, page = await post(browser, token, "/console/disclosures/import")
    assert status == 422


async def test_a_department_imports_its_own_requests_only(browser: Browser, database: Database) -> None:
    add_request(database, "XXGK-2026-000007", department="MZ")
    token = let_in(browser, database, "department")
    for requests, said in ((ONE.replace("公安局", "民政局"), "只能导入公安局的申请"), (ONE, "别的部门的申请")):
        status, page = await upload(browser, token, "/console/disclosures/import", "files", register(requests))
        assert status == 422
        assert said in page
    files = register(ONE.replace("000007", "000009"), ITS_EVENT.replace("000007", "000009"))
    status, page = await upload(browser, token, "/console/disclosures/import", "files", files)
    assert status == 303, page


def test_every_kind_of_event_has_words_and_every_answer_a_choice() -> None:
    assert set(disclosure_words.KIND_TITLES) == set(Kind)
    assert set(disclosure_words.KIND_BASES) == set(Kind) - {Kind.RECEIVED}
    offered = {value.partition(":")[0] for group in disclosure_words.answer_groups() for value in group.choices}
    assert offered == {decision.value for decision in Decision}


async def test_a_document_is_previewed_proposed_and_found_once_it_is_approved(
    city: Browser, database: Database, settings: Settings
) -> None:
    token = let_in(city, database, "reviewer")
    files = {"夜间施工.md": RULES.encode()}
    status, page = await upload(city, token, "/console/documents/preview", "file", files)
    assert status == 200
    assert "第二条" in page
    content, terms = page.split('name="content" value="')[1].split('"')[0], {"why": "新公布"}
    given = {"name": "夜间施工.md", "content": content, "document": "", **terms}
    status, page = await post(city, token, "/console/documents/store", **given)
    assert (status, "别人核准以后才生效" in page, "夜间浇筑混凝土" in page) == (303, True, True)
    with database.transaction() as session:
        assert session.scalars(select(Document).where(Document.key == "uploads/夜间施工.md")).first() is None
    approve_all(database, settings)
    with database.transaction() as session:
        found = search(session, "夜间浇筑混凝土要提前几天公告")
        document = found[0].document
        assert document.title == "云河市夜间施工管理规定"
    assert logged(database, "store_document") == [("reviewer", "uploads/夜间施工.md", "第 1 版，夜间施工.md")]
    # The name is taken; its own page takes the next version.
    status, page = await upload(city, token, "/console/documents/preview", "file", files)
    assert status == 422
    assert "到它的页面上传新版本" in page
    second = {"v2.md": RULES.replace("三日", "五日").encode()}
    number = str(document.id)
    status, page = await upload(city, token, "/console/documents/preview", "file", second, document=number)
    assert "存为第 2 版" in page
    content = page.split('name="content" value="')[1].split('"')[0]
    given = {"name": "v2.md", "content": content, "document": number, **terms}
    status, page = await post(city, token, "/console/documents/store", **given)
    assert (status, "改了 1 处" in page) == (303, True)
    assert "提前三日公告" in page.split("<del>")[1].split("</del>")[0]
    waits = await get(city, f"/console/documents/{number}")
    assert "待核准的改动" in waits
    assert "五日" not in waits.split('id="passages-title"')[1].split("<section")[0]
    approve_all(database, settings)
    page = await get(city, f"/console/documents/{number}")
    assert "五日" in page
    assert "第 2 版，v2.md" in page
    assert "三日" in await get(city, f"/console/documents/{number}?version=1")
    with database.transaction() as session:
        assert "五日" in search(session, "夜间浇筑混凝土要提前几天公告")[0].passage.text
    status, page = await post(city, token, "/console/documents/store", **given)
    assert status == 422
    assert "和现在的版本一样" in page


async def test_a_document_is_marked_as_repealed_and_in_force_again(
    city: Browser, database: Database, settings: Settings
) -> None:
    token = let_in(city, database, "reviewer")
    with database.transaction() as session:
        document = session.scalars(select(Document).where(Document.in_force).order_by(Document.id)).first()
        assert document is not None
    path = f"/console/documents/{document.id}"
    repeal = {"on": str(today()), "by": "《新规定》（云政发〔2026〕10号）", "why": "新规定施行"}
    for wrong in ({"by": ""}, {"on": "昨天"}, {"why": ""}, {"live_from": "明天"}):
        status, page = await post(city, token, f"{path}/repeal", **{**repeal, **wrong})
        assert (status, 'role="alert"' in page) == (422, True), wrong
    status, page = await post(city, token, f"{path}/repeal", **repeal)
    assert status == 303
    assert "《新规定》（云政发〔2026〕10号）" in page
    tag = '<span class="tag urgent">已废止</span>'
    assert tag not in await get(city, path)
    approve_all(database, settings)
    assert tag in await get(city, path)
    with database.transaction() as session:
        found = search(session, document.title)
        marked = next(one.document for one in found if one.document.id == document.id)
        assert not marked.in_force
        assert marked.repealed_on == today()
    # A new import of the same folder changes nothing: the mark stays.
    with database.transaction() as session:
        assert import_documents(session, SAMPLES / "documents").loaded == 0
    status, page = await post(city, token, f"{path}/repeal", **repeal)
    assert (status, "没有改动" in page) == (422, True)
    status, page = await post(city, token, f"{path}/restore", why="标错了")
    assert status == 303
    approve_all(database, settings)
    with database.transaction() as session:
        assert session.get_one(Document, document.id).in_force
    assert [entry[0] for entry in logged(database, "repeal_document") + logged(database, "restore_document")] == [
        "reviewer",
        "reviewer",
    ]
    assert document.title in await get(city, "/console/documents?force=yes")
    await get(city, "/console/documents/999999", status=404)


async def test_staff_withdraw_a_document_find_it_and_take_it_back(
    city: Browser, database: Database, settings: Settings
) -> None:
    token = let_in(city, database, "reviewer")
    with database.transaction() as session:
        document = session.scalars(select(Document).where(Document.number.is_not(None)).order_by(Document.id)).first()
        assert document is not None
    path = f"/console/documents/{document.id}"
    status, page = await post(city, token, f"{path}/withdraw", why=" ")
    assert (status, "请写明为什么改" in page) == (422, True)
    assert (await post(city, token, f"{path}/withdraw", why="发错了"))[0] == 303
    approve_all(database, settings)
    with database.transaction() as session:
        assert numbered(session, f"{document.number}讲的什么") == []
    status, page = await post(city, token, f"{path}/withdraw", why="再来")
    assert (status, "没有改动" in page) == (422, True)
    listed = await get(city, "/console/documents?force=withdrawn")
    assert (document.title in listed, "共 1 份" in listed) == (True, True)
    changed = await get(city, "/console/documents/changes")
    assert changed.index("撤下") < changed.index("新载入")
    assert "reviewer" in changed
    assert (await post(city, token, f"{path}/return", why="没有发错"))[0] == 303
    approve_all(database, settings)
    assert (await post(city, token, f"{path}/return", why="再来"))[0] == 422
    with database.transaction() as session:
        assert numbered(session, f"{document.number}讲的什么")
    assert [entry[0] for entry in logged(database, "withdraw_document") + logged(database, "return_document")] == [
        "reviewer",
        "reviewer",
    ]
    assert "放回" in await get(city, "/console/documents")
    await get(city, "/console/documents/changes?page=999")


async def test_a_document_that_another_says_is_repealed_is_listed_until_somebody_decides(
    city: Browser, database: Database, settings: Settings
) -> None:
    token = let_in(city, database, "reviewer")
    with database.transaction() as session:
        document = session.scalars(select(Document).where(Document.key == "minimum-living-allowance-rules.md")).one()
        old = f"《{document.title}》（{document.number}）同时废止"
    text = f"---\ntitle: 云河市新规定\nnumber: 云府规〔2026〕9号\n---\n第一条 甲。\n第二条 2026年9月1日起施行，{old}。"
    assert "请核" not in await get(city, "/console/documents")
    status, page = await upload(city, token, "/console/documents/preview", "file", {"new.md": text.encode()})
    assert "没有写明，答复里不说它有效" in page
    given = {"name": "new.md", "content": base64.b64encode(text.encode()).decode(), "document": "", "why": "新公布"}
    assert (await post(city, token, "/console/documents/store", **given))[0] == 303
    approve_all(database, settings)
    page = await get(city, "/console/documents")
    assert "别的文件说已经废止，请核" in page
    assert f"《云河市新规定》写着：2026年9月1日起施行，{old}" in " ".join(page.split())
    page = await get(city, f"/console/documents/{document.id}")
    assert 'value="《云河市新规定》（云府规〔2026〕9号）"' in page
    assert "云河市新规定" in await get(city, "/console/documents?force=unknown")
    status, page = await post(city, token, f"/console/documents/{document.id}/restore", why="没有这回事")
    assert (status, "有效（《云河市新规定》说已废止）" in page) == (303, True)
    approve_all(database, settings)
    assert "请核" not in await get(city, "/console/documents")


async def test_what_is_no_document_is_refused(city: Browser, database: Database) -> None:
    token = let_in(city, database, "reviewer")
    for name, content in (("a.pdf", b"x"), ("a.docx", b"x"), ("a.md", b""), ("../../a.md", bytes(range(1, 30)))):
        status, page = await upload(city, token, "/console/documents/preview", "file", {name: content})
        assert status == 422, name
        assert 'role="alert"' in page
    status, _ = await post(city, token, "/console/documents/store", name="a.md", content="?", document="")
    assert status == 422
    status, _ = await post(city, token, "/console/documents/store", name="a.md", content="eA==", document="77777")
    assert status == 404


async def test_items_are_found_by_name_alias_and_code(city: Browser, database: Database) -> None:
    let_in(city, database, "reviewer")
    with database.transaction() as session:
        alias = aliases(session)[0]
        item = get_item(session, alias.code)
        assert item is not None
    for text in (alias.text, item.code, item.name, item.department.name):
        assert f'href="/console/catalogue/{item.code}"' in await get(city, f"/console/catalogue?text={text}")
    await get(city, "/console/catalogue/XX-999", status=404)
    page = await get(city, f"/console/catalogue/{item.code}")
    assert "要等下次训练后才认得" in page
    assert alias.text in page


async def test_an_edit_is_previewed_proposed_compared_and_live_once_another_person_approves(
    city: Browser, database: Database
) -> None:
    token = let_in(city, database, "reviewer")
    with database.transaction() as session:
        alias = aliases(session)[0]
        item = get_item(session, alias.code)
        assert item is not None
        old, written = item.promised_days, str(item.promised)
    path = f"/console/catalogue/{item.code}"
    seen = (await get(city, path)).split('name="seen" value="')[1].split('"')[0]
    edit = {"promised": f"{old + 3}个工作日", "window": "5 号窗口", "seen": seen, "why": "窗口搬了"}
    status, page = await post(city, token, f"{path}/preview", **edit)
    assert status == 200
    assert f"承诺 {old + 3} 个工作日办结" in page
    assert "5 号窗口" in page
    status, page = await post(city, token, path, **{**edit, "why": ""})
    assert (status, "请写明为什么改" in page) == (422, True)
    status, page = await post(city, token, path, **edit)
    assert status == 303
    assert all(words in page for words in ("改了 2 处", "窗口搬了", "要请别人核准", f"承诺 {old + 3} 个工作日办结"))
    (change,) = [part.split('"')[0] for part in page.split('action="/console/changes/')[1:]]
    change = f"/console/changes/{change.split('/')[0]}"
    status, page = await post(city, token, f"{change}/approve")
    assert (status, "自己提的改动要请别人核准" in page) == (422, True)
    with database.transaction() as session:
        assert session.get_one(type(item), item.code).promised_days == old
    assert "改动待核准 <strong></strong>" in await get(city, "/console")
    token = let_in(city, database, "supervisor")
    assert "改动待核准 <strong>1</strong>" in await get(city, "/console")
    assert "窗口：" in await get(city, "/console/changes") or "承诺时限：" in await get(city, "/console/changes")
    status, page = await post(city, token, f"{change}/approve")
    assert (status, "从现在起生效" in page) == (303, True)
    with database.transaction() as session:
        saved = session.get_one(type(item), item.code)
        assert (saved.promised_days, saved.window, saved.recorded_on) == (old + 3, "5 号窗口", today())
    edits = [f"承诺时限：{written} → {old + 3}个工作日", f"窗口：{item.window} → 5 号窗口"]
    assert [(who, why) for who, _, why in logged(database, "edit_item")] == [("reviewer", edit) for edit in edits]
    page = await get(city, path)
    assert all(words in page for words in (*edits, "核准改动"))
    status, page = await post(city, token, path, **{**edit, "window": "6 号窗口"})
    assert status == 409
    for wrong in ({"promised": "-1"}, {"complaints_phone": ""}, {"promised": "99999"}, {"summary": "长" * 600}, {}):
        status, page = await post(city, token, f"{path}/preview", **wrong)
        assert status == 422, wrong
    status, page = await post(city, token, f"{change}/undo", why="没有搬")
    assert (status, "恢复了原来的内容" in page) == (303, True)
    with database.transaction() as session:
        assert session.get_one(type(item), item.code).window == item.window
    assert "已撤销" in await get(city, change)


async def test_a_change_is_sent_back_with_a_reason_and_its_proposer_is_told(
    city: Browser, database: Database, settings: Settings
) -> None:
    token = let_in(city, database, "reviewer")
    files = {"holidays.csv": ("日期,安排\n" + "".join(f"2100-01-{day:02},放假\n" for day in range(1, 14))).encode()}
    terms = {"kind": "holidays", "why": "国务院公布了"}
    for wrong, said in (
        ({"kind": ""}, "请选改什么"),
        ({"kind": "routes"}, "缺少这一列"),
        ({"why": ""}, "请写明为什么改"),
        ({"live_from": "2020-01-01T00:00"}, "现在以后"),
    ):
        status, page = await upload(city, token, "/console/changes/upload", "file", files, **{**terms, **wrong})
        assert (status, said in page) == (422, True), page
    status, page = await upload(city, token, "/console/changes/upload", "file", files, **terms)
    assert (status, "1月1日、1月2日" in page) == (303, True)
    (number,) = {part.split("/")[0] for part in page.split('action="/console/changes/')[1:]}
    token = let_in(city, database, "supervisor")
    status, page = await post(city, token, f"/console/changes/{number}/refuse", why="少了春节")
    assert status == 303
    assert not settings.holidays_path.exists()
    token = let_in(city, database, "reviewer")
    home = await get(city, "/console")
    assert "改动退回 <strong>1</strong>" in home
    assert "少了春节" in await get(city, "/console/changes?show=back")
    status, page = await post(city, token, f"/console/changes/{number}/withdraw")
    assert (status, "改动退回 <strong></strong>" in page) == (303, True)
    await get(city, "/console/changes/999", status=404)
    await get(city, "/console/referrals")
    form = await get(city, "/console/referrals/LX-001")
    edit = {"seen": form.split('name="seen" value="')[1].split('"')[0], "in_charge": "市消防局", "why": "改了名"}
    status, page = await post(city, token, "/console/referrals/LX-001", **{**edit, "answer": ""})
    assert (status, "回答：不能为空" in page) == (422, True)
    status, page = await post(city, token, "/console/referrals/LX-001", **edit | {"seen": "x"})
    assert (status, "有人刚改过" in page) == (422, True)
    status, page = await post(city, token, "/console/referrals/LX-001", **edit)
    assert (status, "LX-001 归口" in page) == (303, True)
    for show in ("due", "mine", "done", "nonsense"):
        await get(city, f"/console/changes?show={show}&page=x")


async def test_other_names_are_added_and_removed_and_the_engine_s_file_follows(
    city: Browser, database: Database, settings: Settings
) -> None:
    token = let_in(city, database, "reviewer")
    with database.transaction() as session:
        first = aliases(session)[0]
        other = next(alias for alias in aliases(session) if alias.code != first.code)
    path = f"/console/catalogue/{first.code}/aliases"
    status, page = await post(city, token, path, name=other.text)
    assert status == 422
    assert other.code in page.split('role="alert">')[1].split("<")[0]
    status, page = await post(city, token, path, name="月亮驾照")
    assert status == 303
    assert "月亮驾照" in settings.lexicon_path.read_text(encoding="utf-8")
    status, page = await post(city, token, f"{path}/remove", name="月亮驾照")
    assert status == 303
    assert "月亮驾照" not in settings.lexicon_path.read_text(encoding="utf-8")
    status, page = await post(city, token, f"{path}/remove", name="月亮驾照")
    assert status == 422
    assert logged(database, "add_alias") == [("reviewer", first.code, "月亮驾照")]
    assert logged(database, "remove_alias") == [("reviewer", first.code, "月亮驾照")]


async def test_items_and_documents_are_edited_by_those_who_may(browser: Browser, database: Database) -> None:
    for role in (Role.CLERK, Role.ADMINISTRATOR, Role.DEPARTMENT):
        let_in(browser, database, role.value)
        # A department mends its own items.
        await get(browser, "/console/catalogue", status=200 if role == Role.DEPARTMENT else 403)
        for path in ("/console/documents", "/console/referrals", "/console/changes/upload"):
            await get(browser, path, status=403)
