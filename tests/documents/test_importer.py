import csv
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from bot.bounded import TOO_DEEP
from bot.db import Database
from bot.documents import service
from bot.documents.accounts import FileOutcome
from bot.documents.commands import import_documents_command
from bot.documents.importer import Imported, import_documents, import_in_parts
from bot.documents.models import Document, Version
from tests.documents import office_files

LAWS = Path(__file__).resolve().parents[3] / "shared" / "laws"
RULES = "---\ntitle: 云河市养犬管理办法\nin_force: true\n---\n**第一条**　{first}\n\n**第二条**　每户限养一只犬。\n"
STATUTE = """# 某条例

2001年1月1日 国务院令第1号公布

{effective} 施行

<!-- INFO END -->

第一条 {text}

第二条 完。
"""


def load(database: Database, folder: Path) -> Imported:
    with database.transaction() as session:
        return import_documents(session, folder)


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def document_of(database: Database, key: str) -> Document:
    with database.transaction() as session:
        return session.scalars(select(Document).where(Document.key == key)).one()


def test_an_unchanged_file_is_left_alone(database: Database, tmp_path: Path) -> None:
    write(tmp_path, "dogs.md", RULES.format(first="登记免费。"))
    first, again = load(database, tmp_path), load(database, tmp_path)
    assert (first.loaded, first.unchanged, first.passages) == (1, 0, 2)
    assert (again.loaded, again.unchanged, again.passages) == (0, 1, 0)
    assert document_of(database, "dogs.md").current_version == 1


def test_a_changed_file_replaces_what_search_finds_and_keeps_the_old_version(
    database: Database, tmp_path: Path
) -> None:
    write(tmp_path, "dogs.md", RULES.format(first="养犬登记免费。"))
    load(database, tmp_path)
    with database.transaction() as session:
        assert service.search(session, "养犬登记收费吗")[0].passage.text == "养犬登记免费。"
    write(tmp_path, "dogs.md", RULES.format(first="养犬登记每只收费十元。"))
    load(database, tmp_path)
    with database.transaction() as session:
        texts = [found.passage.text for found in service.search(session, "养犬登记收费吗")]
        assert "养犬登记每只收费十元。" in texts
        assert "养犬登记免费。" not in texts
        document = session.scalars(select(Document)).one()
        assert service.passages_of(session, document)[0].text == "养犬登记每只收费十元。"
        assert service.passages_of(session, document, version=1)[0].text == "养犬登记免费。"


def test_a_bad_file_is_named_and_the_rest_is_loaded(database: Database, tmp_path: Path) -> None:
    write(tmp_path, "a/dogs.md", RULES.format(first="甲。"))
    write(tmp_path, "b/empty.md", "")
    (tmp_path / "b" / "broken.docx").write_bytes(b"PK")
    imported = load(database, tmp_path)
    assert imported.loaded == 1
    assert [path.name for path, _ in imported.failures] == ["broken.docx", "empty.md"]
    assert document_of(database, "a/dogs.md").title == "云河市养犬管理办法"


def test_files_about_the_folder_are_not_documents(database: Database, tmp_path: Path) -> None:
    names = ("README.md", "ABOUT.md", "_index.md", "~$notes.docx", ".hidden.md", "a/.git/b.md")
    for name in names:
        write(tmp_path, name, "说明")
    imported = load(database, tmp_path)
    assert (imported.loaded, imported.unchanged, imported.failures) == (0, 0, [])
    left_out = {account.name for account in imported.accounts if account.outcome is FileOutcome.LEFT_OUT}
    assert left_out >= set(names)


def test_of_one_title_only_the_newest_is_in_force(database: Database, tmp_path: Path) -> None:
    write(tmp_path, "某条例(2001-01-01).md", STATUTE.format(effective="2001年3月1日", text="老的。"))
    write(tmp_path, "某条例(2010-01-01).md", STATUTE.format(effective="2010年3月1日", text="中的。"))
    load(database, tmp_path)
    write(tmp_path, "某条例(2020-01-01).md", STATUTE.format(effective="2001年3月1日", text="新的。"))
    load(database, tmp_path)
    oldest, middle, newest = (document_of(database, f"某条例({year}-01-01).md") for year in (2001, 2010, 2020))
    assert [oldest.in_force, middle.in_force, newest.in_force] == [False, False, True]
    assert oldest.repealed_on == date(2010, 3, 1)
    assert middle.repealed_on is None  # the newest shows only when the first version took effect
    assert middle.repealed_by == "《某条例》（2020-01-01 版）"


def test_no_repeal_is_inferred_from_an_equal_title(database: Database, tmp_path: Path) -> None:
    notice = "---\ntitle: 云河市人民政府文件\npublished_on: {day}\n---\n值班。\n"
    write(tmp_path, "a.md", notice.format(day="2026-01-01"))
    write(tmp_path, "b.md", notice.format(day="2026-02-01"))
    write(tmp_path, "c(2026-03-01).html", "<html><title>云河市人民政府文件</title><p>值班。</p></html>")
    load(database, tmp_path)
    for key in ("a.md", "b.md", "c(2026-03-01).html"):
        document = document_of(database, key)
        assert (document.force, document.in_force, document.repealed_by) == (None, True, None)


def test_what_a_file_says_of_its_force_is_not_overruled(database: Database, tmp_path: Path) -> None:
    write(tmp_path, "old.md", RULES.format(first="甲。").replace("in_force", "published_on: 2001-01-01\nin_force"))
    write(tmp_path, "new.md", RULES.format(first="乙。").replace("in_force", "published_on: 2020-01-01\nin_force"))
    load(database, tmp_path)
    assert document_of(database, "old.md").in_force
    assert document_of(database, "new.md").in_force


def test_a_question_that_no_document_answers_finds_nothing(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        assert service.search(session, "养犬登记") == []
    write(tmp_path, "dogs.md", RULES.format(first="养犬登记免费。"))
    load(database, tmp_path)
    with database.transaction() as session:
        assert service.search(session, "怎么做红烧肉") == []
        assert service.search(session, "云河市养犬管理办法")


def test_the_command_says_what_it_loaded_and_fails_only_when_that_is_nothing(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    environment = {"DATABASE_URL": database_url}
    folder = tmp_path / "documents"
    write(folder, "bad.md", "")
    nothing = CliRunner().invoke(import_documents_command, [str(folder)], env=environment)
    assert nothing.exit_code == 1
    write(folder, "dogs.md", RULES.format(first="甲。"))
    some = CliRunner().invoke(import_documents_command, [str(folder)], env=environment)
    assert some.exit_code == 0
    assert "新载入 1 份文件（2 段）" in some.output
    assert "bad.md：没有正文" in some.output


def test_a_dry_run_shows_everything_and_stores_nothing(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "red.docx").write_bytes(office_files.word(office_files.RED_HEAD))
    (folder / "deep.html").write_bytes(b"<html><body>" + b"<div>" * 3000 + "正文".encode())
    (folder / "=sheet.xlsx").write_bytes(b"PK")
    (folder / "out.md").symlink_to("/etc/hostname")
    write(folder, "dogs.md", RULES.format(first="甲。"))
    run = CliRunner().invoke(import_documents_command, [str(folder), "--dry-run"], env={"DATABASE_URL": database_url})
    assert run.exit_code == 0, run.output
    assert (
        "red.docx：《云河市人民政府关于印发《云河市犬只管理办法》的通知》，云府发〔2026〕7号，云河市人民政府，2026-03-02"
        in run.output
    )
    assert "2026-04-01 起施行，没有写明是否有效，5 段" in run.output
    assert "试读，什么都没有存：新载入 2 份文件（7 段），0 份没有变化，2 份不载入，1 份读不了。" in run.output
    with database.transaction() as session:
        assert session.scalars(select(Document)).all() == []
    with (tmp_path / "var" / "documents-report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["文件"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"red.docx", "deep.html", "'=sheet.xlsx", "out.md", "dogs.md"}
    assert (rows["red.docx"]["文号"], rows["red.docx"]["效力"], rows["dogs.md"]["效力"]) == (
        "云府发〔2026〕7号",
        "",
        "有效",
    )
    assert (rows["deep.html"]["结果"], rows["deep.html"]["原因"]) == ("读不了", TOO_DEEP)
    assert rows["'=sheet.xlsx"]["原因"] == "不读 .xlsx 文件"
    assert "链接" in rows["out.md"]["原因"]


def test_a_document_is_found_by_its_number(database: Database, tmp_path: Path) -> None:
    (tmp_path / "red.docx").write_bytes(office_files.word(office_files.RED_HEAD))
    write(tmp_path, "dogs.md", RULES.format(first="甲。").replace("in_force", "number: 云府规〔2024〕7号\nin_force"))
    load(database, tmp_path)
    with database.transaction() as session:
        (found,) = service.numbered(session, "云府发[2026]7号讲的什么")
        assert found.document.key == "red.docx"
        assert found.passage.position == 1
        asked = service.numbered(session, "云府发〔2026〕7号里犬只登记有效期是多久")
        assert asked[0].passage.article == "第二条"
        for text in ("云府发〔2026〕8号讲的什么", "犬只登记有效期是多久", "云河市云府发〔2025〕7号"):
            assert service.numbered(session, text) == []


@pytest.mark.skipif(not LAWS.exists(), reason="the statutes are not here")
def test_real_statutes_are_read_without_a_failure(database: Database) -> None:
    imported = load(database, LAWS / "民法典")
    assert imported.failures == []
    assert imported.loaded == 8
    with database.transaction() as session:
        (found,) = service.search(session, "民法典第一千零七十六条 协议离婚", count=1)
        assert (found.passage.article, found.document.published_on) == ("第一千零七十六条", date(2020, 5, 28))


def test_an_import_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr("bot.documents.importer._PASSAGES_AT_ONCE", 1)
    folder = tmp_path / "documents"
    for name in "abc":
        write(folder, f"{name}.md", f"# 规定{name}\n\n第一条 养犬登记免费。\n")
    seen: list[int] = []

    def stopped_at_the_third(count: int) -> None:
        seen.append(count)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_in_parts(database, folder, stopped_at_the_third)
    with database.transaction() as session:
        before = {document.key: document.id for document in session.scalars(select(Document))}
        assert {"a.md", "b.md"} <= before.keys()
    resumed = import_in_parts(database, folder)
    assert (resumed.unchanged, resumed.loaded) == (len(before), 3 - len(before))
    with database.transaction() as session:
        after = {document.key: document.id for document in session.scalars(select(Document))}
        assert before.items() <= after.items()
        assert len(after) == 3
        assert session.scalar(select(func.count()).select_from(Version)) == 3


def test_versions_in_different_parts_of_an_import_replace_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr("bot.documents.importer._PASSAGES_AT_ONCE", 1)
    for day in ("2001-01-01", "2020-01-01"):
        write(tmp_path / "laws", f"某条例({day}).md", STATUTE.format(effective=day, text="一。"))
    import_in_parts(database, tmp_path / "laws")
    with database.transaction() as session:
        found = session.execute(select(Document.key, Document.in_force).order_by(Document.key)).all()
        assert [tuple(row) for row in found] == [("某条例(2001-01-01).md", False), ("某条例(2020-01-01).md", True)]
