"""An implementation list (实施清单) of one sheet, as a province's system exports it, by a map of its columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.catalogue import service
from bot.catalogue.commands import import_catalogue_command
from bot.catalogue.implementation_list import is_implementation_list, missing_in, proposed, read_sheet
from bot.catalogue.importer import Loaded, import_catalogue, import_list
from bot.catalogue.models import City, Item
from bot.column_maps import ColumnMap, read_map, write_map
from bot.db import Database
from bot.places import SAMPLES
from bot.replies.approvals import item_answer
from bot.tabular import ImportRejected
from tests.workbooks import one_sheet

TODAY = date(2026, 11, 28)
CODE = "11990000123456789M3000709001000"
ROW: dict[str, Any] = {
    "事项名称": "居民身份证换领",
    "事项类型": "行政确认",
    "基本编码": "000709001000",
    "实施编码": CODE,
    "业务办理项编码": CODE + "01",
    "实施主体": "市公安局",
    "实施主体编码": "11990000123456789M",
    "行使层级": "市级、县级",
    "设定依据": "1.《中华人民共和国居民身份证法》（2011年修正）第十一条：换领新证的应当交回原证\n2.《某办法》",
    "服务对象": "自然人,企业法人",
    "办件类型": "承诺件",
    "法定办结时限": 60,
    "法定办结时限单位": "自然日",
    "承诺办结时限": 20,
    "承诺办结时限单位": "工作日",
    "受理条件": "有效期满",
    "办理流程": "申请—受理—领取",
    "申请材料": "1.居民户口簿；2.旧证",
    "是否收费": "是",
    "收费标准": "20元/证",
    "收费依据": "某号文",
    "办理地点": "户籍大厅",
    "办理时间": "工作日 9:00—17:00",
    "咨询方式": "0990-1234567",
    "监督投诉方式": "12345",
    "是否网办": "是",
    "网上办理深度": "全程网办",
    "到办事现场次数": 0,
    "结果名称": "居民身份证",
    "通办范围": "省内通办",
}
OTHER = {**ROW, "事项名称": "居民身份证补领", "实施编码": CODE[:-1] + "1", "业务办理项编码": CODE[:-1] + "101"}


def export(path: Path, *rows: dict[str, Any]) -> Path:
    return one_sheet(path, "实施清单", "某市政务服务事项实施清单", *rows)


def load(database: Database, path: Path, column_map: ColumnMap | None = None) -> Loaded:
    with database.transaction() as session:
        return import_list(session, path, column_map or proposed(read_sheet(path)), TODAY)


@pytest.fixture
def city(database: Database) -> Database:
    """A city with a catalogue of its own, like the sample but no sample."""
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
        session.get_one(City, "云河市").is_sample = False
    return database


def test_a_list_is_told_from_our_own_tables(tmp_path: Path) -> None:
    assert is_implementation_list(export(tmp_path / "a.xlsx", ROW))
    assert not is_implementation_list(SAMPLES / "catalogue" / "items.csv")
    assert not is_implementation_list(SAMPLES / "catalogue" / "materials.csv")


def test_the_columns_are_guessed_by_their_names(tmp_path: Path) -> None:
    guessed = proposed(read_sheet(export(tmp_path / "a.xlsx", ROW, OTHER)))
    assert guessed.columns["事项编码"] == "实施编码"
    assert guessed.columns["承诺时限(工作日)"] == "承诺办结时限"
    assert guessed.columns["窗口"] is None
    assert missing_in(guessed) == []
    assert {"行使层级", "通办范围", "网上办理深度"} <= set(guessed.kept)


def test_a_department_without_a_code_gets_one_that_stays_the_same(city: Database, tmp_path: Path) -> None:
    row = {name: cell for name, cell in ROW.items() if name != "实施主体编码"}
    path = export(tmp_path / "a.xlsx", {**row, "实施主体": "市气象局", "事项名称": "防雷装置检测"})
    codes = []
    for _ in range(2):
        load(city, path)
        with city.transaction() as session:
            codes.append(service.department_codes(session)["市气象局"])
    assert codes[0] == codes[1]


def test_where_several_rows_share_a_code_the_longer_one_is_proposed(tmp_path: Path) -> None:
    guessed = proposed(read_sheet(export(tmp_path / "a.xlsx", ROW, {**OTHER, "实施编码": CODE})))
    assert guessed.columns["事项编码"] == "业务办理项编码"


def test_a_map_is_read_as_it_was_written(tmp_path: Path) -> None:
    guessed = proposed(read_sheet(export(tmp_path / "a.xlsx", ROW)))
    write_map(guessed, tmp_path / "map.yml")
    assert read_map(tmp_path / "map.yml") == guessed
    (tmp_path / "map.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(ImportRejected, match="不是对应表"):
        read_map(tmp_path / "map.yml")


def test_an_item_is_made_of_what_its_row_says(city: Database, tmp_path: Path) -> None:
    load(city, export(tmp_path / "a.xlsx", ROW, OTHER))
    with city.transaction() as session:
        item = session.get_one(Item, CODE)
        assert (item.department.name, item.applicant, item.channel) == ("公安局", "自然人/法人", "线上线下")
        assert (item.statutory_days, item.statutory_note, item.promised_days) == (None, "60 自然日", 20)
        assert [material.name for material in item.materials] == ["居民户口簿", "旧证"]
        assert [step.name for step in item.steps] == ["申请", "受理", "领取"]
        assert [(one.law, one.article, one.gist) for one in item.legal_bases] == [
            ("中华人民共和国居民身份证法", "第十一条", "换领新证的应当交回原证"),
            ("某办法", "", ""),
        ]
        assert (item.office.hours, item.office.phone) == ("工作日 9:00—17:00", "0990-1234567")
        assert (item.particulars["行使层级"], item.particulars["到办事现场次数"]) == ("市级、县级", "0")


def test_answers_leave_out_what_the_list_does_not_say(city: Database, tmp_path: Path) -> None:
    load(city, export(tmp_path / "a.xlsx", {**ROW, "申请材料": "", "办理流程": "", "设定依据": ""}, OTHER))
    with city.transaction() as session:
        bare, other = (session.get_one(Item, code) for code in (CODE, OTHER["实施编码"]))
        assert "1. 居民户口簿\n2. 旧证" in item_answer(other, "materials").text
        assert "1. 申请\n2. 受理" in item_answer(other, "process").text
        for facet in ("materials", "process", "legal_basis"):
            text = item_answer(bare, facet).text
            assert "目录里没有写" in text
            assert "请打 0990-1234567 问清楚" in text
        assert "（）" not in item_answer(bare, "overview").text
        custom = item_answer(bare, "overview").custom
        assert custom is not None
        assert custom["data"]["particulars"]["通办范围"] == "省内通办"


def test_only_the_items_of_the_departments_in_the_list_are_replaced(city: Database, tmp_path: Path) -> None:
    with city.transaction() as session:
        before = {item.code for item in service.all_items(session)}
    load(city, export(tmp_path / "a.xlsx", ROW, OTHER))
    with city.transaction() as session:
        after = {item.code for item in service.all_items(session)}
        assert {code[:2] for code in before - after} == {"GA"}
        assert after - before == {CODE, OTHER["实施编码"]}
        known = after | {joint.code for joint in service.all_joint_services(session)}
        assert {alias.code for alias in service.aliases(session)} <= known
        materials = session.get_one(Item, "MZ-001").materials
        assert len(materials) > 1


def test_what_is_left_of_the_sample_goes(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
    load(database, export(tmp_path / "a.xlsx", ROW))
    with database.transaction() as session:
        assert [item.code for item in service.all_items(session)] == [CODE]
        assert service.aliases(session) == []


@pytest.mark.parametrize("repeated", [True, False], ids=["merged cells", "cells left empty"])
def test_rows_below_an_item_bring_further_materials(city: Database, tmp_path: Path, repeated: bool) -> None:
    below = {**(ROW if repeated else dict.fromkeys(ROW)), "申请材料": "照片", "设定依据": None}
    load(city, export(tmp_path / "a.xlsx", {**ROW, "设定依据": None}, below, OTHER))
    with city.transaction() as session:
        names = [material.name for material in session.get_one(Item, CODE).materials]
        assert names == ["居民户口簿", "旧证", "照片"]


def test_a_row_that_stands_twice_is_refused(city: Database, tmp_path: Path) -> None:
    with pytest.raises(ImportRejected, match="与第3行重复"):
        load(city, export(tmp_path / "a.xlsx", ROW, ROW))


@pytest.mark.parametrize("written", ["20个工作日", "20（工作日）", "２０ 工作日"])
def test_the_unit_may_stand_in_the_cell(city: Database, tmp_path: Path, written: str) -> None:
    units = {"承诺办结时限单位": "", "法定办结时限单位": ""}
    load(city, export(tmp_path / "a.xlsx", {**ROW, **units, "承诺办结时限": written, "法定办结时限": written}))
    with city.transaction() as session:
        item = session.get_one(Item, CODE)
        assert (item.promised_days, item.statutory_days) == (20, 20)


@pytest.mark.parametrize(
    ("unit", "told"), [("自然日", "15 个自然日（含节假日）"), ("天", "15 天"), ("小时", "15 小时")]
)
def test_a_promise_is_told_in_the_unit_of_the_list(city: Database, tmp_path: Path, unit: str, told: str) -> None:
    load(city, export(tmp_path / "a.xlsx", {**ROW, "承诺办结时限": 15, "承诺办结时限单位": unit}))
    with city.transaction() as session:
        assert f"承诺 {told}办结" in item_answer(session.get_one(Item, CODE), "time_limit").text


def test_loading_again_updates_and_never_doubles(city: Database, tmp_path: Path) -> None:
    load(city, export(tmp_path / "a.xlsx", ROW, OTHER))
    assert load(city, export(tmp_path / "a.xlsx", {**ROW, "收费标准": "30元/证"}, OTHER)).removed == 0
    with city.transaction() as session:
        item = session.get_one(Item, CODE)
        assert (item.fee, len(item.materials)) == ("30元/证", 2)


def test_a_first_city_is_named_in_the_map(database: Database, tmp_path: Path) -> None:
    path = export(tmp_path / "a.xlsx", ROW)
    with pytest.raises(ImportRejected, match="还没有城市的名称和热线"):
        load(database, path)
    guessed = proposed(read_sheet(path))
    named = guessed.model_copy(update={"city": {"城市": "某市", "热线": 12345, "热线时间": "全天", "门户": ""}})
    load(database, path, named)
    with database.transaction() as session:
        assert (service.get_city(session).name, service.get_city(session).hotline) == ("某市", "12345")
        department = session.get_one(Item, CODE).department
        assert (department.code, department.name) == ("11990000123456789M", "市公安局")


def test_errors_name_the_sheet_its_rows_and_its_columns(city: Database, tmp_path: Path) -> None:
    path = export(tmp_path / "a.xlsx", {**ROW, "承诺办结时限单位": "季度"}, {**OTHER, "实施编码": "一号"})
    with pytest.raises(ImportRejected) as rejected:
        load(city, path)
    lines = [str(error) for error in rejected.value.errors]
    assert any(line.startswith("实施清单 第4行 「实施编码」：格式不对（现在是“一号”）") for line in lines)
    assert any(line.startswith("实施清单 第3行 「承诺办结时限」：写成“5个工作日”") for line in lines)
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("written", "told"), [(int(CODE[:17]), "后面的位数已经丢了"), (709001000, "开头的 0 可能丢了")]
)
def test_a_code_that_was_taken_for_a_number_is_told_so(city: Database, tmp_path: Path, written: int, told: str) -> None:
    with pytest.raises(ImportRejected, match=told):
        load(city, export(tmp_path / "a.xlsx", {**ROW, "实施编码": written}, {**OTHER, "实施编码": CODE}))


def test_the_name_of_an_item_of_another_department_is_refused(city: Database, tmp_path: Path) -> None:
    with city.transaction() as session:
        path = export(tmp_path / "a.xlsx", {**ROW, "事项名称": session.get_one(Item, "MZ-001").name})
    with pytest.raises(ImportRejected, match="MZ-001 已经叫这个名称"):
        load(city, path)


def test_the_command_proposes_a_map_and_remembers_the_one_that_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    path = export(tmp_path / "清单.xlsx", ROW)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(import_catalogue_command, [str(path), *arguments])

    first = run()
    assert first.exit_code == 1
    assert "这是一张实施清单（1 行）" in first.output
    (proposed_path,) = (tmp_path / "var" / "column-maps").iterdir()
    filled = proposed_path.read_text(encoding="utf-8").replace("  城市:\n  热线:\n", "  城市: 某市\n  热线: 12345\n")
    (tmp_path / "map.yml").write_text(filled, encoding="utf-8")
    second = run("--map", str(tmp_path / "map.yml"))
    assert second.exit_code == 0, second.output
    assert "已导入 1 个事项" in second.output
    third = run()
    assert third.exit_code == 0, third.output
