"""A register (台账) on one sheet, as an office keeps it, by a map of its columns."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.catalogue.importer import import_catalogue
from bot.db import Database
from bot.disclosures import importer, long_register, numbering, register_list
from bot.disclosures.commands import import_disclosures_command
from bot.disclosures.importer import ImportedRequests
from bot.disclosures.models import Request
from bot.disclosures.register import RegisterFilter, find
from bot.disclosures.terms import Decision, Kind
from bot.importing import import_transaction
from bot.places import SAMPLES
from bot.settings import Settings
from bot.tabular import ImportRejected
from tests.workbooks import one_sheet

TODAY = date(2026, 11, 28)
ROW: dict[str, Any] = {
    "序号": 1,
    "登记编号": "水公开〔2026〕1号",
    "申请人类型": "公民",
    "申请人姓名": "王小明",
    "申请内容": "规划图则",
    "承办单位": "市水利局",
    "收件日期": "2026.1.5",
    "申请方式": "网络",
    "延期日期": datetime(2026, 1, 20),
    "延期天数": 10,
    "补正通知日期": None,
    "答复日期": "2026年2月10日",
    "答复类型": "公开",
}
OPEN = {
    **ROW,
    "序号": 2,
    "登记编号": "水公开〔2026〕2号",
    "延期日期": None,
    "延期天数": None,
    "答复日期": None,
    "答复类型": None,
}


def register(path: Path, *rows: dict[str, Any]) -> Path:
    return one_sheet(path, "台账", "2026年依申请公开台账", *rows)


@pytest.fixture
def city(database: Database) -> Database:
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
    return database


def load(database: Database, path: Path) -> ImportedRequests:
    sheet = register_list.read_sheet(path)
    column_map = register_list.proposed(sheet)
    checked = long_register.check(database, sheet, column_map, TODAY)
    assert list(long_register.load(database, sheet, column_map, TODAY, checked))[-1] == checked.imported.requests
    return checked.imported


def test_a_register_on_one_sheet_is_told_from_our_two_tables(tmp_path: Path) -> None:
    assert register_list.is_one_sheet(register(tmp_path / "a.xlsx", ROW))
    assert not register_list.is_one_sheet(SAMPLES / "disclosures")
    assert not register_list.is_one_sheet(SAMPLES / "disclosures" / "requests.csv")
    guessed = register_list.proposed(register_list.read_sheet(tmp_path / "a.xlsx"))
    assert register_list.missing_in(guessed) == []


def test_the_days_of_a_row_become_the_steps_of_a_request(city: Database, tmp_path: Path) -> None:
    assert load(city, register(tmp_path / "a.xlsx", ROW, OPEN)) == ImportedRequests(requests=2, without_code=2, new=2)
    with city.transaction() as session:
        first, second = session.scalars(select(Request).order_by(Request.receipt)).all()
        assert (first.receipt, first.own_number, first.department.name) == (
            "XXGK-2026-000001",
            "水公开〔2026〕1号",
            "水利局",
        )
        assert [(step.kind, step.on) for step in first.steps] == [
            (Kind.RECEIVED, date(2026, 1, 5)),
            (Kind.EXTENDED, date(2026, 1, 20)),
            (Kind.ANSWERED, date(2026, 2, 10)),
        ]
        assert (first.outcome, first.submitted_via) == (Decision.GRANTED, "网上")
        assert [step.kind for step in second.steps] == [Kind.RECEIVED]


def test_loading_again_updates_the_same_request(city: Database, tmp_path: Path) -> None:
    load(city, register(tmp_path / "a.xlsx", OPEN))
    load(city, register(tmp_path / "a.xlsx", {**OPEN, "答复日期": "2026-02-10", "答复类型": "公开"}))
    with city.transaction() as session:
        (request,) = session.scalars(select(Request)).all()
        assert request.outcome == Decision.GRANTED


def test_two_departments_may_use_the_same_number(city: Database, tmp_path: Path) -> None:
    rows = ({**OPEN, "登记编号": "1"}, {**OPEN, "登记编号": "1", "承办单位": "教育局"})
    assert load(city, register(tmp_path / "a.xlsx", *rows)).requests == 2
    with city.transaction() as session:
        assert {request.department.name for request in session.scalars(select(Request))} == {"水利局", "教育局"}


def test_a_request_is_found_by_the_agencys_number(city: Database, tmp_path: Path) -> None:
    load(city, register(tmp_path / "a.xlsx", ROW, OPEN))
    with city.transaction() as session:
        found = find(session, TODAY, RegisterFilter(with_closed=True, receipt="〔2026〕2号"))
        assert [one.request.own_number for one in found.rows] == [OPEN["登记编号"]]


def test_errors_name_the_sheet_its_rows_and_its_columns(city: Database, tmp_path: Path) -> None:
    wrong = {**OPEN, "收件日期": "2027-05-01"}
    with pytest.raises(ImportRejected) as rejected:
        load(city, register(tmp_path / "a.xlsx", {**ROW, "申请方式": "托梦"}, wrong))
    lines = [str(error) for error in rejected.value.errors]
    assert lines[0].startswith("台账 第3行 「申请方式」：只能填：当面、邮寄、网上、传真（现在是“托梦”）")
    assert "台账 第4行 「收件日期」：2027-05-01 还没有到" in lines


def test_the_command_proposes_a_map_and_remembers_the_one_that_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with import_transaction(Settings.from_environment()) as session:
        import_catalogue(session, SAMPLES / "catalogue")
    path = register(tmp_path / "台账.xlsx", ROW)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(import_disclosures_command, [str(path), *arguments])

    first = run()
    assert first.exit_code == 1
    assert "这是一张台账（1 行）" in first.output
    (written,) = (tmp_path / "var" / "column-maps").iterdir()
    second = run("--map", str(written))
    assert second.exit_code == 0, second.output
    assert "已导入 1 件信息公开申请：新的 1 件，更新 0 件，其余和原来一样。\n其中 1 件没有查询码" in second.output
    third = run()
    assert third.exit_code == 0, third.output
    assert "新的 0 件，更新 0 件" in third.output


def in_csv(path: Path, *rows: dict[str, Any]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        file.write("2026年依申请公开台账\n")
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def many(count: int) -> list[dict[str, Any]]:
    return [{**OPEN, "序号": number, "登记编号": f"水公开〔2026〕{number}号"} for number in range(1, count + 1)]


def test_a_register_of_several_batches_is_loaded_and_a_stopped_load_goes_on(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_register, "ROWS_AT_ONCE", 10)
    path = in_csv(tmp_path / "台账.csv", *many(35))
    sheet = register_list.read_sheet(path)
    column_map = register_list.proposed(sheet)
    checked = long_register.check(city, sheet, column_map, TODAY)
    assert (checked.imported.requests, checked.imported.new) == (35, 35)
    loading = long_register.load(city, sheet, column_map, TODAY, checked)
    assert [next(loading), next(loading)] == [10, 20]
    loading.close()
    written: list[int] = []
    write = importer._write
    monkeypatch.setattr(importer, "_write", lambda *given: (written.append(len(given[1])), write(*given)))
    again = load(city, path)
    assert (again.requests, again.new, again.changed) == (35, 15, 0)
    assert written == [10, 5]
    with city.transaction() as session:
        stored = session.scalars(select(Request).order_by(Request.receipt)).all()
        assert [one.own_number for one in stored] == [f"水公开〔2026〕{number}号" for number in range(1, 36)]


def test_nothing_of_a_long_register_is_loaded_if_a_late_row_is_wrong(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_register, "ROWS_AT_ONCE", 10)
    rows = many(25)
    rows[24]["登记编号"] = rows[3]["登记编号"]
    rows[22]["收件日期"] = "昨天"
    with pytest.raises(ImportRejected) as rejected:
        load(city, in_csv(tmp_path / "台账.csv", *rows))
    assert [str(error) for error in rejected.value.errors] == [
        "台账 第25行 「收件日期」：日期要写成 2026-03-01 的样子（现在是“昨天”）",
        "台账 第27行 「登记编号」：与第6行重复",
    ]
    with city.transaction() as session:
        assert session.scalar(select(Request.receipt)) is None


def test_a_row_without_a_receipt_gets_none_that_a_later_row_has(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_register, "ROWS_AT_ONCE", 2)
    rows = [{**row, "回执号": ""} for row in many(6)]
    rows[4]["回执号"], rows[5]["回执号"] = "XXGK-2026-000001", "XXGK-2026-000003"
    assert load(city, in_csv(tmp_path / "台账.csv", *rows)).new == 6
    assert load(city, tmp_path / "台账.csv").changed == 0


def test_receipts_far_above_the_counter_are_refused_with_their_row(city: Database, tmp_path: Path) -> None:
    high = f"XXGK-2026-{numbering.MOST_UNUSED + 10:06d}"
    with pytest.raises(ImportRejected, match="台账 第4行 「回执号」：比 2026 年已经编到的"):
        load(city, in_csv(tmp_path / "台账.csv", {"回执号": "XXGK-2026-000001", **OPEN}, {"回执号": high, **OPEN}))


def test_a_register_with_a_wrong_map_is_not_read_to_its_end(
    city: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_register, "ROWS_AT_ONCE", 5)
    monkeypatch.setattr(long_register, "MOST_ERRORS", 8)
    rows = [{**row, "申请方式": "托梦"} for row in many(50)]
    with pytest.raises(ImportRejected) as rejected:
        load(city, in_csv(tmp_path / "台账.csv", *rows))
    assert len(rejected.value.errors) == 11
    assert "错误太多" in str(rejected.value.errors[-1])
