from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import event, func, select

from bot.catalogue import service
from bot.catalogue.importer import import_catalogue
from bot.catalogue.models import Alias, CityDistrict, Item, Material, Office
from bot.catalogue.time_limits import TimeLimit, TimeUnit
from bot.db import Database
from bot.places import SAMPLES
from bot.tabular import ImportRejected

Change = Callable[[list[dict[str, str]]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample catalogue that a test may damage."""
    return Path(shutil.copytree(SAMPLES / "catalogue", tmp_path / "catalogue"))


def edit(folder: Path, table: str, change: Change) -> None:
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def load(database: Database, path: Path) -> None:
    with database.transaction() as session:
        import_catalogue(session, path)


def counts(database: Database) -> dict[str, int]:
    with database.transaction() as session:
        return {
            model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Item, Material, Alias)
        }


def test_loading_again_updates_and_never_doubles(database: Database, folder: Path) -> None:
    load(database, folder)
    before = counts(database)
    edit(folder, "items", lambda rows: rows[0].update({"收费标准": "每证 21 元"}))
    load(database, folder)
    assert counts(database) == before
    with database.transaction() as session:
        item = service.get_item(session, "GA-001")
        assert item is not None
        assert item.fee == "每证 21 元"


def test_an_item_that_the_files_no_longer_name_is_removed(database: Database, folder: Path) -> None:
    load(database, folder)
    for table, column in (
        ("items", "事项编码"),
        ("materials", "事项编码"),
        ("steps", "事项编码"),
        ("legal_basis", "事项编码"),
        ("aliases", "编码"),
        ("situations", "事项编码"),
        ("related", "事项编码"),
    ):
        edit(folder, table, lambda rows, column=column: _drop(rows, column))
    load(database, folder)
    with database.transaction() as session:
        assert service.get_item(session, "SL-001") is None


def _drop(rows: list[dict[str, str]], column: str) -> None:
    rows[:] = [row for row in rows if row[column] != "SL-001"]


def test_all_errors_are_listed_with_table_row_and_column_and_nothing_is_loaded(
    database: Database, folder: Path
) -> None:
    edit(folder, "items", lambda rows: rows[1].update({"承诺时限(工作日)": "几天", "服务对象": "大家"}))
    edit(folder, "items", lambda rows: rows[4].update({"更新日期": "2026年3月"}))
    edit(folder, "materials", lambda rows: rows[0].update({"事项编码": "XX-999"}))
    edit(folder, "aliases", lambda rows: rows[1].update({"别名": rows[0]["别名"]}))
    with pytest.raises(ImportRejected) as rejected:
        load(database, folder)
    errors = [str(error) for error in rejected.value.errors]
    assert errors[0].startswith(
        "items 第3行 「服务对象」：只能填：自然人、法人、自然人/法人（现在是“大家”）（因为这一处，另有"
    )
    assert errors[1].startswith(
        "items 第6行 「更新日期」：日期要写成 2026-03-01 的样子（现在是“2026年3月”）（因为这一处，"
    )
    assert any(error.startswith("items 第3行 「承诺时限(工作日)」：写成“5个工作日”") for error in errors)
    assert "materials 第2行 「事项编码」：没有“XX-999”" in errors
    assert "aliases 第3行 「别名」：与第2行重复" in errors
    assert counts(database) == {"items": 0, "materials": 0, "aliases": 0}


@pytest.mark.parametrize("name", ["居民身份证补领", "补办身份证"])
def test_what_is_said_to_be_absent_must_not_be_in_the_catalogue(database: Database, folder: Path, name: str) -> None:
    edit(folder, "absent_matters", lambda rows: rows.append({**rows[0], "名称": name, "别名": ""}))
    edit(folder, "aliases", lambda rows: rows.append({"编码": "GA-003", "别名": "补办身份证"})
         if all(row["别名"] != "补办身份证" for row in rows) else None)  # fmt: skip
    with pytest.raises(ImportRejected, match="是目录里的事项或别名"):
        load(database, folder)


def test_a_missing_table_and_a_missing_column_are_named(database: Database, folder: Path) -> None:
    (folder / "steps.csv").unlink()
    (folder / "offices.csv").write_text("地点编码,地点名称\nBD-01,中心\n", encoding="utf-8")
    with pytest.raises(ImportRejected) as rejected:
        load(database, folder)
    errors = [str(error) for error in rejected.value.errors]
    assert "steps 第1行 「—」：缺少这张表（因为这一处，另有 61 行也不对）" in errors
    assert errors[0].startswith("offices 第1行 「地址」：缺少这一列（因为这一处，另有")


def test_a_workbook_loads_the_same_as_the_folder(database: Database, folder: Path, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for path in sorted(folder.glob("*.csv")):
        sheet = workbook.create_sheet(path.stem)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                sheet.append(row)
    workbook.save(tmp_path / "catalogue.xlsx")
    load(database, folder)
    of_folder = counts(database)
    load(database, tmp_path / "catalogue.xlsx")
    assert counts(database) == of_folder


@pytest.mark.parametrize("content", [b"\xb0\xa1", b"PK\x03\x04 broken"])
def test_a_file_that_cannot_be_read_is_a_clear_error(database: Database, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalogue.xlsx"
    path.write_bytes(content)
    with pytest.raises(ImportRejected, match="打不开"):
        load(database, path)


def test_questions_and_what_hangs_on_them_are_checked(database: Database, folder: Path) -> None:
    def break_them(rows: list[dict[str, str]]) -> None:
        rows[0]["问题"] = "换了说法？"
        rows[2]["选项"] = rows[3]["选项"]
        rows.append({**rows[0], "事项编码": "WL-001", "选项": "全部", "问题": "哪一种？", "另办": "是", "说明": ""})

    edit(folder, "situations", break_them)
    edit(folder, "materials", lambda rows: rows[0].update({"适用情形": "没有这种情形"}))
    edit(folder, "related", lambda rows: rows[0].update({"关联": "XX-999"}))
    with pytest.raises(ImportRejected) as rejected:
        load(database, folder)
    errors = [str(error) for error in rejected.value.errors]
    last = sum(1 for _ in csv.reader((folder / "situations.csv").open(encoding="utf-8", newline="")))
    assert "situations 第3行 「问题」：与第2行是同一个问题，写法要一样" in errors
    assert "situations 第5行 「选项」：与第4行重复" in errors
    assert f"situations 第{last}行 「选项」：一个问题至少要有两个选项" in errors
    assert f"situations 第{last}行 「选项」：“全部”留给看所有情形用" in errors
    assert f"situations 第{last}行 「说明」：另办的要说明去哪里办、怎么办" in errors
    assert "materials 第2行 「适用情形」：这一事项没有“没有这种情形”这个选项" in errors
    assert "related 第2行 「关联」：没有“XX-999”" in errors


def test_a_city_may_do_without_guided_questions_and_related_matters(database: Database, folder: Path) -> None:
    (folder / "situations.csv").unlink()
    (folder / "related.csv").unlink()
    edit(folder, "materials", _without_situations)
    load(database, folder)
    with database.transaction() as session:
        item = service.get_item(session, "GA-004")
        assert item is not None
        assert item.situations == []
        assert service.related_to(session, "GA-004") == []


def _without_situations(rows: list[dict[str, str]]) -> None:
    for row in rows:
        del row["适用情形"]


def test_a_wrong_item_is_told_first_and_what_follows_from_it_only_counted(database: Database, folder: Path) -> None:
    edit(folder, "items", lambda rows: rows[0].update({"事项编码": "一号"}))
    with pytest.raises(ImportRejected) as rejected:
        load(database, folder)
    first, *others = rejected.value.errors
    assert str(first) == "items 第2行 「事项编码」：格式不对（现在是“一号”）"
    # The materials and steps name GA-001, which no row of `items` is now.
    assert [(error.message, error.follows > 20) for error in others] == [("没有“GA-001”", True)]


def test_a_table_that_is_empty_is_told_instead_of_all_that_names_something_of_it(
    database: Database, folder: Path
) -> None:
    (folder / "joint_services.csv").write_text("", encoding="utf-8")
    with pytest.raises(ImportRejected) as rejected:
        load(database, folder)
    (error,) = rejected.value.errors
    assert (error.table, error.message[:7]) == ("joint_services", "这张表没有内容")
    assert error.follows > 30


NATIONAL = {
    "GA-001": "11370100MB285739014370107000000",
    "GA-002": "000709001000",
    "GA-003": "00070900100",
    "GA-004": "11370100MB28573901437010700000001",
}


def test_codes_of_the_national_list_stand_beside_short_ones(database: Database, folder: Path) -> None:
    def recode(rows: list[dict[str, str]]) -> None:
        for row in rows:
            for column, cell in row.items():
                row[column] = "\n".join(NATIONAL.get(line, line) for line in cell.split("\n"))

    for path in folder.glob("*.csv"):
        edit(folder, path.stem, recode)
    load(database, folder)
    with database.transaction() as session:
        named = next(entry for entry in service.lexicon(session)["entries"] if entry["name"] == "居民身份证首次申领")
        assert (named["code"], len(service.get_item(session, named["code"]).materials) > 0) == (
            NATIONAL["GA-001"],
            True,
        )
        assert service.get_item(session, "GA-005") is not None


def test_codes_in_wide_letters_and_small_ones_are_the_same_codes(database: Database, folder: Path) -> None:
    edit(folder, "items", lambda rows: rows[2].update({"事项编码": " ＧＡ－００３"}))
    edit(folder, "materials", lambda rows: rows[0].update({"事项编码": "ga-001"}))
    load(database, folder)


WORDS = {
    "事项类型": ("行政裁决", "行政裁决"),
    "服务对象": ("自然人、企业法人", "自然人/法人"),
    "承诺时限(工作日)": ("5个工作日", 5),
    "办理形式": ("窗口办理、网上办理", "线上线下"),
    "更新日期": ("2026年3月1日", date(2026, 3, 1)),
    "到场次数": ("1次", 1),
    "实施部门": ("市公安局", "GA"),
}
COLUMNS = ("kind", "applicant", "promised_days", "channel", "recorded_on", "visit_count", "department_code")


def test_the_words_of_the_national_list_are_folded_to_ours(database: Database, folder: Path) -> None:
    edit(folder, "items", lambda rows: rows[0].update({column: word for column, (word, _) in WORDS.items()}))
    edit(folder, "items", lambda rows: rows[1].update({"承诺时限(工作日)": "即办", "办理形式": "全程网办"}))
    load(database, folder)
    with database.transaction() as session:
        first, second = (service.get_item(session, code) for code in ("GA-001", "GA-002"))
        assert [getattr(first, column) for column in COLUMNS] == [meant for _, meant in WORDS.values()]
        assert (second.promised_days, second.channel) == (0, "线上")


def test_a_city_adds_words_of_its_own(database: Database, folder: Path) -> None:
    edit(folder, "items", lambda rows: rows[0].update({"服务对象": "市民群众"}))
    (folder / "词汇.csv").write_text("列,写法,统一写法\n服务对象,市民群众,自然人\n", encoding="utf-8")
    load(database, folder)
    with database.transaction() as session:
        assert service.get_item(session, "GA-001").applicant == "自然人"


def test_a_promise_in_days_of_the_calendar_is_kept_so(database: Database, folder: Path) -> None:
    edit(folder, "items", lambda rows: rows[0].update({"承诺时限(工作日)": "15个自然日"}))
    load(database, folder)
    with database.transaction() as session:
        item = service.get_item(session, "GA-001")
        assert item is not None
        assert (item.promised, item.promised.working_days) == (TimeLimit(15, TimeUnit.CALENDAR_DAYS), None)


@pytest.mark.parametrize(
    ("column", "written", "wanted"),
    [("承诺时限(工作日)", "3个礼拜", "写成“5个工作日”"), ("法定时限(工作日)", "60日", "不按工作日算的，这里留空")],
)
def test_a_time_limit_that_cannot_be_read_is_refused(
    database: Database, folder: Path, column: str, written: str, wanted: str
) -> None:
    edit(folder, "items", lambda rows: rows[0].update({column: written}))
    with pytest.raises(ImportRejected, match=f"{wanted}.*（现在是“{written}”）"):
        load(database, folder)


def test_a_city_may_load_a_part_and_is_told_what_citizens_miss(database: Database, folder: Path) -> None:
    for table in ("situations", "aliases", "related", "joint_services", "absent_matters", "remedy_offices"):
        (folder / f"{table}.csv").unlink(missing_ok=True)
    edit(folder, "materials", _without_situations)
    with database.transaction() as session:
        without = import_catalogue(session, folder).without
    assert len(without) == 6
    assert without[0].startswith("没有情形（situations）：")


def test_many_items_are_stored_by_few_statements(database: Database, folder: Path) -> None:
    """The number of statements grows with the number of batches, not of items times parts."""
    counted: list[int] = []
    for copies in (1, 4):
        for table in ("items", "materials", "steps", "legal_basis"):
            edit(folder, table, partial(_multiply, copies=copies))
        statements = 0

        def count(*_: object) -> None:
            nonlocal statements
            statements += 1

        event.listen(database.engine, "before_cursor_execute", count)
        load(database, folder)
        event.remove(database.engine, "before_cursor_execute", count)
        counted.append(statements)
    assert counted[1] < counted[0] + 20


def _multiply(rows: list[dict[str, str]], copies: int) -> None:
    """Adds `copies` - 1 further items, or their parts, for each one."""
    for copy in range(1, copies):
        for row in [row for row in rows if len(row["事项编码"]) == len("GA-001")]:
            named = {"事项名称": f"{row['事项名称']}（{copy}）"} if "事项名称" in row else {}
            row.update({"适用情形": ""} if "适用情形" in row else {})
            rows.append({**row, **named, "事项编码": f"{row['事项编码']}{copy:03d}"})


@pytest.mark.parametrize(
    ("table", "row", "cells", "told"),
    [
        ("offices", -1, {"区县": "东城区"}, "区县"),
        ("offices", -1, {"区县": "清江区", "服务街道": "没有的街道"}, "没有这个街道"),
        ("offices", -1, {"所属地点": "BD-15"}, "自己没有所属地点"),
        ("offices", -1, {"区县": ""}, "有所属地点的要写区县"),
        ("offices", -1, {"经度": "999"}, "经度"),
        ("items", 0, {"办理区县": "东城区"}, "办理区县"),
    ],
)
def test_districts_and_branches_must_exist(
    database: Database, folder: Path, table: str, row: int, cells: dict[str, str], told: str
) -> None:
    edit(folder, table, lambda rows: rows[row].update(cells))
    with pytest.raises(ImportRejected) as rejected:
        load(database, folder)
    assert any(told in str(error) for error in rejected.value.errors)


def test_a_catalogue_without_districts_and_their_columns_is_loaded_and_old_branches_go(
    database: Database, folder: Path
) -> None:
    load(database, folder)
    (folder / "districts.csv").unlink()
    columns = ("所属地点", "区县", "服务街道", "职责", "经度", "纬度", "办理区县")

    def without_columns(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for row in rows if not row.get("所属地点")]
        for one in rows:
            for column in columns:
                one.pop(column, None)

    for table in ("offices", "items"):
        edit(folder, table, without_columns)
    with database.transaction() as session:
        loaded = import_catalogue(session, folder)
        assert session.scalar(select(func.count()).select_from(CityDistrict)) == 0
        assert session.scalars(select(Office.code).where(Office.branch_of.is_not(None))).all() == []
    assert any("没有区县" in words for words in loaded.without)


@pytest.mark.parametrize("column", ["在线办理地址", "预约地址"])
@pytest.mark.parametrize(
    "address",
    ["http://zwfw.yunhe.example/1", "zwfw.yunhe.example", "javascript:alert(1)", "https://", "https://a b.example/"],
)
def test_an_address_to_apply_or_book_at_is_a_whole_one_over_https(
    database: Database, folder: Path, column: str, address: str
) -> None:
    edit(folder, "items", lambda rows: rows[0].update({column: address}))
    with pytest.raises(ImportRejected) as rejected:
        load(database, folder)
    assert any(error.column == column and "网" in error.message for error in rejected.value.errors)


def test_addresses_are_kept_with_the_item_and_go_when_the_files_leave_them_out(
    database: Database, folder: Path
) -> None:
    edit(folder, "items", lambda rows: rows[0].update({"在线办理地址": "https://zwfw.yunhe.example/1?a=b#c"}))
    load(database, folder)
    with database.transaction() as session:
        item = session.get_one(Item, "GA-001")
        assert (item.online_address, item.booking_address) == ("https://zwfw.yunhe.example/1?a=b#c", "")
        assert "在线办理地址" not in item.other_particulars
    edit(folder, "items", lambda rows: rows[0].update({"在线办理地址": ""}))
    load(database, folder)
    with database.transaction() as session:
        assert session.get_one(Item, "GA-001").online_address == ""
