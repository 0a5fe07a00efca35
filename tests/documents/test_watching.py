"""A watched folder: new and changed files are loaded, and the documents of files that are gone are withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from bot.cli import cli
from bot.db import Database
from bot.documents import service, watch_command
from bot.documents.models import Document, DocumentChange
from bot.settings import Settings
from tests.databases import set_up, with_sample_catalogue


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("ENCODER", "off")
    monkeypatch.setattr("bot.documents.watch_command.index_what_was_imported", lambda settings: None)
    database = Database(Settings.from_environment().database_url)
    set_up(database, with_sample_catalogue)
    yield database
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "public"
    made.mkdir()
    for number in range(1, 9):
        write(made, number)
    return made


def write(folder: Path, number: int, says: str = "免费") -> None:
    (folder / f"{number}.md").write_text(
        f"---\nnumber: 云府规〔2026〕{number}号\n---\n# 规定{number}\n\n第一条 登记{says}。\n"
    )


def looked(folder: Path, *options: str) -> Result:
    ran = CliRunner().invoke(cli, ["documents", "watch", str(folder), "--once", *options])
    assert ran.exit_code == 0, ran.output
    return ran


def kinds(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as session:
        rows = session.execute(select(Document.title, DocumentChange.kind).join(Document).order_by(DocumentChange.id))
        return [(title, kind) for title, kind in rows]


def test_a_look_loads_what_is_new_or_changed_and_withdraws_what_is_gone(city: Database, folder: Path) -> None:
    assert "新载入 8 份文件" in looked(folder).output
    write(folder, 1, "收费")
    (folder / "2.md").unlink()
    write(folder, 9)
    output = looked(folder).output
    assert "撤下 《规定2》：文件夹里没有了" in output
    assert "新载入 2 份文件（2 段），6 份没有变化，0 份读不了。撤下 1 份。" in output
    assert kinds(city)[8:] == [("规定1", "changed"), ("规定9", "added"), ("规定2", "withdrawn")]
    with city.transaction() as session:
        assert service.numbered(session, "云府规〔2026〕2号讲的什么") == []
        assert service.numbered(session, "云府规〔2026〕1号讲的什么")[0].passage.text == "第一条 登记收费。"
    write(folder, 2)
    looked(folder)
    assert kinds(city)[-1] == ("规定2", "returned")
    with city.transaction() as session:
        assert service.numbered(session, "云府规〔2026〕2号讲的什么")


def test_a_folder_that_is_suddenly_empty_withdraws_nothing_unasked(city: Database, folder: Path) -> None:
    looked(folder)
    for path in folder.iterdir():
        path.unlink()
    ran = looked(folder)
    assert "一下子少了 8 份文件" in ran.stderr
    assert "撤下 0 份" in ran.output
    assert "撤下 8 份" in looked(folder, "--withdraw-many").output


def test_documents_from_elsewhere_are_never_withdrawn(city: Database, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "other.md").write_text("# 别处的规定\n\n第一条 好。\n")
    assert CliRunner().invoke(cli, ["import-documents", str(other)]).exit_code == 0
    looked(folder)
    assert ("别处的规定", "withdrawn") not in kinds(city)


def test_the_watch_looks_again_only_when_a_file_has_changed_and_survives_a_folder_that_is_away(
    city: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = folder.with_name("away")

    def change() -> None:
        write(folder, 9)

    def leave() -> None:
        folder.rename(away)

    def come_back() -> None:
        away.rename(folder)

    steps = [lambda: None, change, leave, come_back]

    def pause(_: float) -> None:
        if not steps:
            raise KeyboardInterrupt
        steps.pop(0)()

    monkeypatch.setattr(watch_command, "_pause", pause)
    ran = CliRunner().invoke(cli, ["documents", "watch", str(folder)])
    assert ran.exit_code == 0, ran.output
    assert ran.output.count("份读不了。撤下 0 份。") == 2
    assert "这次没有看成" in ran.stderr
    assert ran.output.endswith("不再看了。\n")
