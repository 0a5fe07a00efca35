from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.db import Database
from bot.places import SAMPLES
from bot.synonyms import service
from bot.synonyms.importer import import_synonyms
from bot.tabular import ImportRejected

CARD = ("居民身份证", "身份证")
SHOP = ("饭馆", "餐饮店")


def write(folder: Path, *rows: tuple[str, str]) -> Path:
    path = folder / "synonyms.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("写法", "统一说法"), *rows])
    return path


def load(database: Database, path: Path) -> int:
    with database.transaction() as session:
        return import_synonyms(session, path)


def stored(database: Database) -> dict[str, str]:
    with database.transaction() as session:
        return service.synonyms(session)


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def test_the_synonyms_become_what_the_file_says(database: Database, tmp_path: Path) -> None:
    assert load(database, write(tmp_path, CARD, SHOP)) == 2
    assert load(database, write(tmp_path, ("居民身份証", "身份证"))) == 1
    assert stored(database) == dict([CARD])


def test_a_workbook_will_do(database: Database, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "synonyms"
    for row in (("写法", "统一说法"), CARD):
        workbook.active.append(row)
    workbook.save(tmp_path / "同义.xlsx")
    load(database, tmp_path / "同义.xlsx")
    assert stored(database) == dict([CARD])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (CARD, "synonyms 第3行 「写法」：与第2行重复"),
        (("居民身份証", "证件"), "synonyms 第3行 「写法」：与第2行重复"),
        (("饭馆", "飯館"), "synonyms 第3行 「写法」：写法和统一说法相同"),
        (("店", "餐饮店"), "synonyms 第3行 「写法」：“店”太短，至少 2 个字"),
        (("饭馆", ""), "synonyms 第3行 「统一说法」：不能为空"),
        (
            ("第二代证", "居民身份证"),
            "synonyms 第3行 「统一说法」：统一说法“居民身份证”里的“居民身份证”又是另一条的写法（居民身份证 → 身份证）",
        ),
        (
            ("房贷", "购房贷款"),
            "synonyms 第3行 「统一说法」：统一说法“购房贷款”里的“房贷”又是另一条的写法（房贷 → 购房贷款）",
        ),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_loaded(
    database: Database, tmp_path: Path, row: tuple[str, str], message: str
) -> None:
    with pytest.raises(ImportRejected) as rejected:
        load(database, write(tmp_path, CARD, row))
    assert str(rejected.value) == message
    assert stored(database) == {}


def test_the_sample_has_enough_of_them_and_each_is_sound(database: Database) -> None:
    assert load(database, SAMPLES / "synonyms") >= 60


def test_a_synonym_is_added_changed_and_removed(database: Database) -> None:
    with database.transaction() as session:
        service.add_synonym(session, "饭館", "餐馆")
        service.add_synonym(session, "饭馆", "餐饮店")
    assert stored(database) == dict([SHOP])
    with database.transaction() as session:
        service.remove_synonym(session, "饭馆")
    assert stored(database) == {}


@pytest.mark.parametrize(
    ("written", "means"), [("小吃店", "饭馆"), ("餐饮店", "饭店"), ("店", "饭店"), ("饭店", "饭店")]
)
def test_a_synonym_that_cannot_be_used_is_refused(database: Database, written: str, means: str) -> None:
    with database.transaction() as session:
        service.add_synonym(session, *SHOP)
        with pytest.raises(service.SynonymRefused):
            service.add_synonym(session, written, means)
    assert stored(database) == dict([SHOP])


def test_the_commands_load_add_list_and_remove(own_folder: Path) -> None:
    assert "已导入 1 条同义说法" in command("import-synonyms", str(write(own_folder, CARD))).output
    assert "“饭馆”以后当作“餐饮店”" in command("synonyms", "add", *SHOP).output
    assert command("synonyms", "list").output.splitlines() == ["居民身份证 → 身份证", "饭馆 → 餐饮店", "共 2 条。"]
    assert "已删除“饭馆”" in command("synonyms", "remove", "饭馆").output
    assert "共 1 条" in command("synonyms", "list").output


def test_the_commands_say_what_is_wrong(own_folder: Path) -> None:
    for arguments, message in [
        (("import-synonyms", str(write(own_folder, CARD, CARD))), "与第2行重复"),
        (("synonyms", "add", "饭馆", "饭馆"), "写法和统一说法相同"),
        (("synonyms", "remove", "饭馆"), "没有“饭馆”这条写法"),
    ]:
        result = command(*arguments)
        assert result.exit_code == 1
        assert message in result.output
