import csv
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from bot.catalogue.models import Department
from bot.db import Database
from bot.disclosures import importer, numbering, service
from bot.disclosures.identity import is_digest, query_code_fits
from bot.disclosures.importer import import_requests
from bot.disclosures.models import Event, Request
from bot.disclosures.terms import ApplicantKind, Decision, Reason, RequestState
from bot.places import ROOT
from bot.tabular import ImportRejected

SAMPLES = ROOT / "bot" / "samples"
REQUESTS = "回执号,查询码,申请人类型,申请人,申请内容,受理机关,收到日期,提交方式"
EVENTS = "回执号,序号,日期,环节,补正期限,延长工作日,征求对象,征求编号,答复结果,说明"
REQUEST = "XXGK-2026-000001,K7M2-9QXD,自然人,王小明,规划图则,水利局,2026-11-10,网上"
RECEIVED = "XXGK-2026-000001,1,2026-11-10,收到申请,,,,,,"
EXTENDED = "XXGK-2026-000001,2,2026-11-20,延长期限,,10,,,,"


def write(folder: Path, requests: list[str], events: list[str]) -> Path:
    (folder / "requests.csv").write_text("\n".join([REQUESTS, *requests]), encoding="utf-8")
    (folder / "request_events.csv").write_text("\n".join([EVENTS, *events]), encoding="utf-8")
    return folder


def add_departments(database: Database) -> None:
    with (SAMPLES / "catalogue" / "departments.csv").open(encoding="utf-8") as file, database.transaction() as session:
        for row in csv.DictReader(file):
            department = Department(code=row["部门编码"], name=row["部门名称"], short_names=[], phone=row["电话"])
            session.merge(department)


def load(database: Database, path: Path) -> int:
    with database.transaction() as session:
        return import_requests(session, path).requests


def errors_of(database: Database, path: Path) -> list[str]:
    with pytest.raises(ImportRejected) as rejected:
        load(database, path)
    return [str(error) for error in rejected.value.errors]


def test_the_sample_shows_every_state_and_every_answer(database: Database) -> None:
    add_departments(database)
    count = load(database, SAMPLES / "disclosures")
    today = date(2026, 11, 24)
    with database.transaction() as session:
        requests = session.scalars(select(Request)).all()
        assert len(requests) == count
        assert {service.assess(request, today).state for request in requests} == set(RequestState)
        assert {request.outcome for request in requests} == {None, *(decision.value for decision in Decision)}
        assert any(service.assess(request, today).overdue for request in requests)
        known = session.get_one(Request, "XXGK-2026-000123")
        assert query_code_fits("K7M29QXD", known.query_code_hash)
        assert (service.assess(known, today).state, known.department.name) == (
            RequestState.IN_PROCESS,
            "自然资源和规划局",
        )


def test_importing_again_updates_and_leaves_the_others(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    other = REQUEST.replace("000001", "000002")
    load(database, write(tmp_path, [REQUEST, other], [RECEIVED, EXTENDED, RECEIVED.replace("000001", "000002")]))
    changed = REQUEST.replace("水利局", "教育局").replace("K7M2-9QXD", "")
    answered = "XXGK-2026-000001,2,2026-11-23,答复,,,,,信息不存在,"
    assert load(database, write(tmp_path, [changed], [RECEIVED, answered])) == 1
    with database.transaction() as session:
        request = session.get_one(Request, "XXGK-2026-000001")
        assert (request.department.name, request.outcome) == ("教育局", "not_held")
        assert [event.kind for event in request.events] == ["received", "answered"]
        assert len(session.scalars(select(Event)).all()) == 3
        # An empty cell keeps the code that was given before.
        assert query_code_fits("K7M29QXD", request.query_code_hash)
        assert request.applicant_masked == "王**"


@pytest.mark.parametrize(
    ("requests", "events", "error"),
    [
        ([REQUEST.replace("水利局", "气象局")], [RECEIVED], "requests 第2行 「受理机关」：没有“气象局”"),
        ([REQUEST.replace("K7M2-9QXD", "")], [RECEIVED], "requests 第2行 「查询码」：新申请不能没有查询码"),
        ([REQUEST.replace("K7M2", "K1M2")], [RECEIVED], "requests 第2行 「查询码」：要写成"),
        ([REQUEST.replace("XXGK-2026", "2026")], [], "requests 第2行 「回执号」：格式不对"),
        ([REQUEST, REQUEST], [RECEIVED], "requests 第3行 「回执号」：与第2行重复"),
        ([REQUEST.replace("网上", "电话")], [RECEIVED], "requests 第2行 「提交方式」：只能填：当面、邮寄、网上、传真"),
        ([REQUEST], [], "requests 第2行 「回执号」：request_events 表里没有这件申请的“收到申请”"),
        ([REQUEST], [RECEIVED, RECEIVED], "request_events 第3行 「序号」：与第2行重复"),
        ([REQUEST], [RECEIVED.replace("-10,", "-11,")], "request_events 第2行 「日期」：与 requests 表的收到日期"),
        ([], [RECEIVED], "request_events 第2行 「回执号」：没有"),
        (
            [REQUEST],
            [RECEIVED, EXTENDED.replace("10,,,,", "21,,,,")],
            "request_events 第3行 「延长工作日」：延长 1 至 20",
        ),
        (
            [REQUEST],
            [RECEIVED, EXTENDED.replace("10,,,,", ",,,,")],
            "request_events 第3行 「延长工作日」：这一环节必须填",
        ),
        ([REQUEST], [RECEIVED, EXTENDED.replace("11-20", "11-09")], "request_events 第3行 「日期」：早于上一条的日期"),
        (
            [REQUEST],
            [RECEIVED, "XXGK-2026-000001,2,2026-11-20,答复,,,,,同意,"],
            "request_events 第3行 「答复结果」：只能填：已主动公开",
        ),
        (
            [REQUEST],
            [RECEIVED, "XXGK-2026-000001,2,2026-11-20,开始征求意见,,,邻居,1,,"],
            "request_events 第3行 「征求对象」：只能填：第三方、其他机关",
        ),
        (
            [REQUEST],
            [RECEIVED, "XXGK-2026-000001,2,2026-11-20,答复,,,,,不予公开,"],
            "request_events 第3行 「理由」：答复结果是“不予公开”的，必须写明理由，只能填：国家秘密、",
        ),
        (
            [REQUEST.replace("自然人", "个体户")],
            [RECEIVED],
            "requests 第2行 「申请人类型」：只能填：自然人、商业企业、",
        ),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_loaded(
    database: Database, tmp_path: Path, requests: list[str], events: list[str], error: str
) -> None:
    add_departments(database)
    good = REQUEST.replace("000001", "000002"), RECEIVED.replace("000001", "000002")
    path = write(tmp_path, [*requests, good[0]], [*events, good[1]])
    assert any(found.startswith(error) for found in errors_of(database, path))
    with database.transaction() as session:
        assert session.scalars(select(Request)).all() == []


def test_a_workbook_does_as_well_as_a_folder(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    workbook = openpyxl.Workbook()
    for name, lines in (("requests", [REQUESTS, REQUEST]), ("request_events", [EVENTS, RECEIVED, EXTENDED])):
        sheet = workbook.create_sheet(name)
        for line in lines:
            sheet.append([cell or None for cell in line.split(",")])
    workbook.save(tmp_path / "disclosures.xlsx")
    assert load(database, tmp_path / "disclosures.xlsx") == 1
    with database.transaction() as session:
        request = session.get_one(Request, "XXGK-2026-000001")
        assert service.assess(request, date(2026, 11, 24)).due_on == date(2026, 12, 22)


def workbook_of(path: Path, requests: list[list[object]], events: list[list[object]]) -> Path:
    workbook = openpyxl.Workbook()
    del workbook["Sheet"]
    for name, rows in (("requests", requests), ("request_events", events)):
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


FULL_REQUESTS: list[object] = [*REQUESTS.split(","), "获取形式", "获取方式"]
FULL_EVENTS: list[object] = [*EVENTS.split(","), "理由"]
HEAD: list[object] = ["XXGK-2026-000001", "K7M2-9QXD"]


def test_a_departments_register_in_excel_is_loaded_with_real_dates_and_reasons(
    database: Database, tmp_path: Path
) -> None:
    add_departments(database)
    received = datetime(2026, 11, 10)
    path = workbook_of(
        tmp_path / "台账.xlsx",
        [
            FULL_REQUESTS,
            [*HEAD, "法律服务机构", "云河某某律师事务所", "规划图则", "水利局", received, "邮寄", "纸质", None],
        ],
        [
            FULL_EVENTS,
            [HEAD[0], 1, received, "收到申请", None, None, None, None, None, None, None],
            [HEAD[0], 2, datetime(2026, 11, 20), "答复", None, None, None, None, "不予公开", None, "四类过程性信息"],
        ],
    )
    assert load(database, path) == 1
    with database.transaction() as session:
        request = session.get_one(Request, HEAD[0])
        assert (request.applicant_kind, request.applicant_masked) == (ApplicantKind.LEGAL_SERVICE, "云河**")
        assert (request.form_wanted, request.delivery) == ("纸质", None)
        assert request.steps[-1].reason == Reason.PROCESS_INFORMATION


def test_errors_in_excel_name_sheet_row_and_column(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    path = workbook_of(
        tmp_path / "台账.xlsx",
        [FULL_REQUESTS, [*HEAD, "自然人", "王小明", "规划图则", "气象局", "昨天", "邮寄", None, None]],
        [FULL_EVENTS, [HEAD[0], 1, datetime(2026, 11, 10), "收到申请", *[None] * 6, "不想给"]],
    )
    assert errors_of(database, path) == [
        "requests 第2行 「收到日期」：日期要写成 2026-03-01 的样子（现在是“昨天”）（因为这一处，另有 1 行也不对）"
    ]
    path = workbook_of(
        tmp_path / "台账.xlsx",
        [FULL_REQUESTS, [*HEAD, "自然人", "王小明", "规划图则", "气象局", datetime(2026, 11, 10), "邮寄", None, None]],
        [FULL_EVENTS, [HEAD[0], 1, datetime(2026, 11, 10), "收到申请", *[None] * 6, "不想给"]],
    )
    found = errors_of(database, path)
    assert "requests 第2行 「受理机关」：没有“气象局”" in found
    assert any(error.startswith("request_events 第2行 「理由」：只能填：国家秘密、") for error in found)


def test_an_older_file_loads_and_leaves_what_it_has_no_column_for(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    old = REQUEST.replace("自然人", "法人")
    load(database, write(tmp_path, [old], [RECEIVED]))
    with database.transaction() as session:
        request = session.get_one(Request, "XXGK-2026-000001")
        assert (request.applicant_kind, request.form_wanted) == (ApplicantKind.COMPANY, None)
        request.form_wanted = "纸质"
    load(database, write(tmp_path, [old], [RECEIVED]))
    with database.transaction() as session:
        assert session.get_one(Request, "XXGK-2026-000001").form_wanted == "纸质"


def test_the_words_of_offices_are_folded_to_ours(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    row = REQUEST.replace("自然人", "公民").replace("网上", "信函").replace("2026-11-10", "2026.11.10")
    answered = "XXGK-2026-000001,2,2026年11月20日,答复,,,,,公开,"
    load(database, write(tmp_path, [row], [RECEIVED.replace("2026-11-10", "2026/11/10"), answered]))
    with database.transaction() as session:
        request = session.get_one(Request, "XXGK-2026-000001")
        assert (request.applicant_kind, request.submitted_via) == (ApplicantKind.NATURAL_PERSON, "邮寄")
        assert (request.received_on, request.outcome) == (date(2026, 11, 10), Decision.GRANTED)


def test_a_department_may_be_named_by_its_short_name(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    with database.transaction() as session:
        session.scalars(select(Department).where(Department.name == "水利局")).one().short_names = ["市水利局"]
    load(database, write(tmp_path, [REQUEST.replace("水利局", "市水利局")], [RECEIVED]))
    with database.transaction() as session:
        assert session.get_one(Request, "XXGK-2026-000001").department.name == "水利局"


OWN = "水公开〔2026〕2号"


def test_a_request_with_an_agencys_own_number_gets_a_receipt_and_is_found_again(
    database: Database, tmp_path: Path
) -> None:
    add_departments(database)
    own = REQUEST.replace("XXGK-2026-000001", OWN).replace("K7M2-9QXD", "")
    received = RECEIVED.replace("XXGK-2026-000001", OWN)
    answered = f"{OWN},2,2026-11-20,答复,,,,,予以公开,"
    assert load(database, write(tmp_path, [REQUEST, own], [RECEIVED, received])) == 2
    load(database, write(tmp_path, [own], [received, answered]))
    with database.transaction() as session:
        request = session.scalars(select(Request).where(Request.own_number == OWN)).one()
        assert (request.receipt, request.outcome) == ("XXGK-2026-000002", Decision.GRANTED)
        assert request.query_code_hash == ""
        assert not query_code_fits("K7M29QXD", request.query_code_hash, request.receipt)
        assert numbering.next_serial(session, 2026) == 3


def test_dates_after_today_are_refused(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    path = write(tmp_path, [REQUEST], [RECEIVED])
    with pytest.raises(ImportRejected, match="2026-11-10 还没有到"), database.transaction() as session:
        import_requests(session, path, date(2026, 11, 9))


def test_the_codes_of_a_large_register_are_hashed_when_they_are_first_used(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_departments(database)
    monkeypatch.setattr(importer, "MOST_HASHED", 0)
    monkeypatch.setattr(importer, "hash_query_code", None)
    load(database, write(tmp_path, [REQUEST], [RECEIVED]))
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with database.transaction() as session:
        digested = session.get_one(Request, "XXGK-2026-000001").query_code_hash
        assert is_digest(digested)
        assert "K7M29QXD" not in digested
        assert not query_code_fits("K7M29QXD", digested, "XXGK-2026-000002")
        assert service.look_up(session, "XXGK-2026-000001", "K7M2-9QXE", "a", now).request is None
        assert service.look_up(session, "XXGK-2026-000001", "K7M2-9QXD", "a", now).request is not None
        assert session.get_one(Request, "XXGK-2026-000001").query_code_hash.startswith("$argon2id$")
        assert service.look_up(session, "XXGK-2026-000001", "K7M2-9QXD", "a", now).request is not None
