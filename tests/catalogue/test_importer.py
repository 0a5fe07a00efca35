from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select

from bot.catalogue import service
from bot.catalogue.importer import import_catalogue
from bot.catalogue.models import Alias, Item, Material
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
    assert "items 第3行 「承诺时限(工作日)」：要填整数" in errors
    assert "items 第3行 「服务对象」：只能填：自然人、法人、自然人/法人" in errors
    assert "items 第6行 「更新日期」：日期要写成 2026-03-01 的样子" in errors
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
    assert "steps 第1行 「—」：缺少这张表" in errors
    assert "offices 第1行 「地址」：缺少这一列" in errors


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
