from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.catalogue.models import Department
from bot.cli import cli
from bot.db import Database
from bot.disclosures import desk, desk_commands, service
from bot.disclosures.identity import query_code_fits
from bot.disclosures.models import Applicant, Event, Request
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Step
from bot.language.receipts import normalise_query_code
from bot.sealing import SealBroken, Sealer
from bot.settings import Settings
from bot.staff.models import AuditEntry
from tests.databases import set_up

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
RECEIPT, CODE = "XXGK-2026-000123", "K7M2-9QXD"
KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
IDENTITY = {
    "name": "王小明",
    "identity_kind": "身份证件",
    "identity_number": "11010519491231002X",
    "contact": "13900138000",
    "address": "清江区和园路8号",
}


def add_request(
    database: Database,
    receipt: str = RECEIPT,
    received_on: date = date(2026, 11, 10),
    department: str = "SL",
    *steps: Step,
) -> None:
    with database.transaction() as session:
        for code, name in (("SL", "水利局"), ("JY", "教育局")):
            session.merge(Department(code=code, name=name, short_names=[], phone="0990-8810590"))
        session.flush()
        service.record_request(
            session,
            receipt=receipt,
            query_code=CODE,
            applicant_kind=ApplicantKind.NATURAL_PERSON,
            applicant="王小明",
            description="滨河绿地规划图则",
            department_code=department,
            received_on=received_on,
            submitted_via="网上",
        )
        for step in steps:
            service.record_event(session, receipt, step)


def seal_applicant(database: Database, key: bytes = KEY) -> None:
    with database.transaction() as session:
        sealed = Sealer(key).seal(json.dumps(IDENTITY, ensure_ascii=False))
        session.add(Applicant(receipt=RECEIPT, sealed=sealed, digest=Sealer(key).digest("x")))


def audit_log(database: Database) -> list[tuple[str, str, str, str]]:
    with database.transaction() as session:
        return [(entry.who, entry.action, entry.subject, entry.why) for entry in session.scalars(select(AuditEntry))]


def due(database: Database, within: int, department: str | None = None) -> list[tuple[str, int]]:
    with database.transaction() as session:
        of = session.get_one(Department, department) if department else None
        found = desk.due_within(session, TODAY, within, of)
        return [(one.request.receipt[-3:], one.days_left) for one in found]


def test_what_falls_due_is_listed_soonest_first(database: Database) -> None:
    add_request(database, "XXGK-2026-000001", date(2026, 11, 10))  # due on 8 December
    add_request(database, "XXGK-2026-000002", date(2026, 10, 12), "JY")  # was due on 9 November
    add_request(database, "XXGK-2026-000003", date(2026, 10, 30))  # due on 27 November
    asked = Step(Kind.CONSULTATION_STARTED, date(2026, 11, 2), party=Party.AGENCY, consultation_id="1")
    add_request(database, "XXGK-2026-000004", date(2026, 10, 30), "SL", asked)  # at the latest on 18 December
    assert due(database, 2) == [("002", -12), ("003", 2)]
    assert due(database, 1) == [("002", -12)]
    assert due(database, 20) == [("002", -12), ("003", 2), ("001", 9), ("004", 17)]
    assert due(database, 20, "JY") == [("002", -12)]


def test_what_is_closed_or_waits_for_the_applicant_is_not_due(database: Database) -> None:
    for serial, step in enumerate(
        (
            Step(Kind.ANSWERED, date(2026, 11, 12), outcome=Decision.GRANTED),
            Step(Kind.WITHDRAWN, date(2026, 11, 12)),
            Step(Kind.SUPPLEMENT_REQUESTED, date(2026, 11, 12), respond_by=date(2026, 12, 4)),
            Step(Kind.SUPPLEMENT_REQUESTED, date(2026, 11, 12), respond_by=date(2026, 11, 20)),
        ),
        start=1,
    ):
        add_request(database, f"XXGK-2026-{serial:06d}", date(2026, 11, 10), "SL", step)
    assert due(database, 200) == []


def test_opening_an_applicant_is_noted_in_the_audit_log(database: Database) -> None:
    add_request(database)
    seal_applicant(database)
    with database.transaction() as session:
        opened = desk.open_applicant(session, RECEIPT, Sealer(KEY), clerk="李明", why="寄送答复书", now=NOW)
    assert opened == IDENTITY
    assert audit_log(database) == [("李明", "open_applicant", RECEIPT, "寄送答复书")]


@pytest.mark.parametrize(("clerk", "why"), [("", "寄送"), ("李明", " "), ("", "")])
def test_nobody_opens_an_applicant_without_name_and_purpose(database: Database, clerk: str, why: str) -> None:
    add_request(database)
    seal_applicant(database)
    with pytest.raises(desk.NotAccountable), database.transaction() as session:
        desk.open_applicant(session, RECEIPT, Sealer(KEY), clerk=clerk, why=why, now=NOW)
    with pytest.raises(desk.NotAccountable), database.transaction() as session:
        desk.renew_query_code(session, RECEIPT, clerk=clerk, why=why, now=NOW)
    assert audit_log(database) == []


def test_what_was_not_opened_is_not_in_the_log(database: Database) -> None:
    add_request(database)
    with pytest.raises(desk.NoIdentityKept), database.transaction() as session:
        desk.open_applicant(session, RECEIPT, Sealer(KEY), clerk="李明", why="寄送", now=NOW)
    seal_applicant(database, KEY[::-1].replace(b"=", b"") + b"=")
    with pytest.raises(SealBroken), database.transaction() as session:
        desk.open_applicant(session, RECEIPT, Sealer(KEY), clerk="李明", why="寄送", now=NOW)
    with pytest.raises(desk.NoSuchRequest), database.transaction() as session:
        desk.renew_query_code(session, "XXGK-2026-000999", clerk="李明", why="忘记", now=NOW)
    assert audit_log(database) == []


def test_a_new_query_code_replaces_the_old_one(database: Database) -> None:
    add_request(database)
    with database.transaction() as session:
        code = desk.renew_query_code(session, RECEIPT, clerk="李明", why="已核对身份证", now=NOW)
    with database.transaction() as session:
        stored = session.get_one(Request, RECEIPT).query_code_hash
    assert query_code_fits(normalise_query_code(code) or "", stored)
    assert not query_code_fits("K7M29QXD", stored)
    assert audit_log(database) == [("李明", "renew_query_code", RECEIPT, "已核对身份证")]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database that the commands use, with one request; it is 25 November 2026."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("IDENTITY_KEY", KEY.decode())
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(desk_commands, "utcnow", lambda: NOW)
    opened = Database(Settings.from_environment().database_url)
    set_up(opened)
    add_request(opened)
    return opened


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["disclosures", *arguments])


COMPANY = ("--applicant-kind", "商业企业", "--applicant", "云河某某有限公司")
ADD = ("add", *COMPANY, "--description", "管网改造计划", "--via", "邮寄")


def test_a_request_on_paper_gets_receipt_and_query_code(own: Database) -> None:
    added = command(*ADD, "--department", "水利局", "--received-on", "2026-11-20", "--form", "纸质")
    assert added.exit_code == 0
    assert "回执号：XXGK-2026-000124\n" in added.output
    code = re.search(r"查询码：(\S{9})", added.output)
    assert code
    with own.transaction() as session:
        request = session.get_one(Request, "XXGK-2026-000124")
        assert query_code_fits(normalise_query_code(code[1]) or "", request.query_code_hash)
        assert (request.applicant_masked, request.applicant_kind) == ("云河**", ApplicantKind.COMPANY)
        assert (request.form_wanted, request.received_on) == ("纸质", date(2026, 11, 20))
    assert code[1] not in command("show", "XXGK-2026-000124").output


def test_events_are_recorded_in_chinese_or_english_words(own: Database) -> None:
    extended = command("record", "xxgk 2026 000123", "延长期限", "--on", "2026-11-20", "--working-days", "5")
    assert (extended.exit_code, "答复期限 2026-12-15" in extended.output) == (0, True)
    assert "下一步可以记录：开始征求意见、通知收费、延迟答复、答复、撤回" in extended.output
    why = ("--outcome", "refused", "--reason", "国家秘密")
    answered = command("record", RECEIPT, "answered", "--on", "2026-11-24", *why)
    assert answered.exit_code == 0
    shown = command("show", RECEIPT).output
    assert "申请人：王**（自然人）" in shown
    assert "3. 2026-11-24  答复  不予公开  理由：国家秘密" in shown
    assert "已经办结，不能再记录。" in shown


def test_what_the_law_does_not_allow_is_recorded_and_said_to_have_no_effect(own: Database) -> None:
    late = command("record", RECEIPT, "要求补正", "--on", "2026-11-24", "--respond-by", "2026-12-04")
    assert late.exit_code == 0
    assert "没有法律效力，期限不变：要求补正要在收到后 7 个工作日内告知" in late.output
    assert "答复期限 2026-12-08" in late.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("延长期限", "--on", "2026-11-20", "--working-days", "21"), "《政府信息公开条例》第三十三条"),
        (("答复", "--on", "2026-11-24", "--outcome", "不予公开"), "《政府信息公开条例》第三十六条第三项"),
        (("答复", "--on", "2026-11-26", "--outcome", "予以公开"), "2026-11-26 还没有到"),
        (("收到补正", "--on", "2026-11-24"), "下一步可以记录：延长期限、开始征求意见、通知收费、延迟答复、答复、撤回"),
    ],
)
def test_what_the_law_forbids_is_refused_with_its_article(
    own: Database, arguments: tuple[str, ...], message: str
) -> None:
    refused = command("record", RECEIPT, *arguments)
    assert refused.exit_code == 1
    assert message in refused.output
    with own.transaction() as session:
        assert len(session.get_one(Request, RECEIPT).events) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("show", "XXGK-2026-000999"), 1, "没有 XXGK-2026-000999 这件申请"),
        (("show", "123"), 2, "不是回执号"),
        (("record", RECEIPT, "驳回", "--on", "2026-11-24"), 2, "没有“驳回”，只能填：收到申请、要求补正"),
        (("record", RECEIPT, "撤回", "--on", "昨天"), 2, "要写成 2026-03-01 的样子"),
        (("due", "--department", "气象局"), 1, "没有“气象局”这个部门，目录里有：教育局、水利局"),
        ((*ADD, "--department", "水利局", "--received-on", "2026-11-26"), 1, "2026-11-26 还没有到"),
        ((*ADD, "--department", "水利局", "--description", " "), 1, "申请人和申请内容不能为空"),
        (("report", "--year", "2027"), 1, "2027 年还没有到"),
        (("report", "--year", "2026", "--format", "xlsx"), 1, "--out"),
        (("report", "--year", "2026", "--out", "/nowhere/report.csv"), 1, "/nowhere/report.csv 写不了"),
        (("applicant", RECEIPT, "--clerk", "李明", "--why", "寄送"), 1, "请查受理机关的原件"),
        (("applicant", RECEIPT, "--clerk", "李明"), 2, "--why"),
        (("new-code", RECEIPT, "--clerk", " ", "--why", "忘记"), 1, "都要写明"),
    ],
)
def test_bad_input_is_told_in_a_sentence(own: Database, arguments: tuple[str, ...], code: int, message: str) -> None:
    result = command(*arguments)
    assert (result.exit_code, message in result.output) == (code, True)


def test_due_lists_state_days_and_department(own: Database) -> None:
    listed = command("due", "--within", "9").output
    assert "2026-12-08  还剩 9 个工作日  XXGK-2026-000123  水利局  办理中  滨河绿地规划图则" in listed
    assert "共 0 件" in command("due").output


def test_the_applicant_is_shown_to_a_named_clerk(own: Database) -> None:
    seal_applicant(own)
    shown = command("applicant", RECEIPT, "--clerk", "李明", "--why", "寄送答复书").output
    assert all(value in shown for value in IDENTITY.values())
    assert audit_log(own) == [("李明", "open_applicant", RECEIPT, "寄送答复书")]


def test_a_new_code_is_printed_once(own: Database) -> None:
    printed = command("new-code", RECEIPT, "--clerk", "李明", "--why", "已核对身份证")
    assert re.search(r"新查询码：\S{4}-\S{4}（只显示这一次）", printed.output)


def test_the_report_is_printed_and_written(own: Database, tmp_path: Path) -> None:
    assert "（七）总计" in command("report", "--year", "2026", "--department", "水利局").output
    assert command("report", "--year", "2026", "--out", str(tmp_path / "r.csv")).exit_code == 0
    assert (tmp_path / "r.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert command("report", "--year", "2026", "--out", str(tmp_path / "r.xlsx")).exit_code == 0
    assert openpyxl.load_workbook(tmp_path / "r.xlsx").sheetnames == ["2026年申请情况"]


def test_the_report_names_answers_that_lack_a_reason(own: Database) -> None:
    with own.transaction() as session:
        refusal = Step(Kind.ANSWERED, date(2026, 11, 24), outcome=Decision.REFUSED)
        request = session.get_one(Request, RECEIPT)
        request.events.append(Event.of(refusal, position=2))
    refused = command("report", "--year", "2026")
    assert refused.exit_code == 1
    assert RECEIPT in refused.output
