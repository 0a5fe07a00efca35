"""The files of publishing: the sample, wrong rows, tables that are given alone."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.catalogue.importer import import_catalogue
from bot.db import Database
from bot.documents.importer import import_documents
from bot.laws import watch
from bot.laws.importer import import_laws
from bot.places import SAMPLES
from bot.publishing import service, tasks
from bot.publishing.commands import import_publishing_command
from bot.publishing.importer import TABLES, import_publishing
from bot.publishing.models import Duty, GazetteIssue, Information, Leader, Organ, ReadingPlace
from bot.publishing.terms import SUBJECTS
from bot.tabular import ImportRejected
from tests.publishing.organs import NOW, TODAY, enter, publish

SAMPLE = SAMPLES / "publishing"


def prepare(session: Session) -> None:
    import_catalogue(session, SAMPLES / "catalogue")
    import_documents(session, SAMPLES / "documents")


def changed(folder: Path, table: str, line: int, column: str, cell: str) -> Path:
    """A copy of the sample with another text in one cell. `line` counts as a spreadsheet does."""
    for name in TABLES:
        with (SAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        if name == table:
            rows[line - 1][rows[0].index(column)] = cell
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def test_the_sample_is_loaded_and_again_changes_nothing(database: Database) -> None:
    counts = []
    for _ in range(2):
        with database.transaction() as session:
            prepare(session)
            import_publishing(session, SAMPLE, NOW)
            models = (Organ, Leader, Duty, ReadingPlace, GazetteIssue, Information)
            counts.append([session.scalar(select(func.count()).select_from(model)) for model in models])
    assert counts[0] == counts[1]
    assert 0 not in counts[0]


def test_the_sample_has_something_late_something_due_and_something_missing(database: Database) -> None:
    with database.transaction() as session:
        prepare(session)
        import_publishing(session, SAMPLE, NOW)
        assert tasks.refresh(session, NOW) == 2
        assert service.late_count(session, TODAY) == 1
        assert service.find(session, TODAY).total == 2
        budget = session.get_one(Duty, "CZ-03")
        assert (budget.days, budget.unit, budget.term_basis) == (20, "日", "《预算法》第十四条第一款")
        guide = session.scalars(select(Information).where(Information.title == "云河市政府信息公开申请指南")).one()
        assert guide.document is not None
        assert (guide.due_on, guide.organ.name) == (date(2026, 7, 20), "云河市人民政府办公室")


def test_a_table_alone_replaces_itself_and_leaves_the_others(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        prepare(session)
        import_publishing(session, SAMPLE, NOW)
        duties = session.scalar(select(func.count(Duty.code)))
        places = tmp_path / "places.csv"
        places.write_text(
            "类别,名称,地址,开放时间,电话\n国家档案馆,市档案馆,云政大道6号,工作日,0990-1\n", encoding="utf-8"
        )
        assert import_publishing(session, places, NOW) == {"places": 1}
        assert session.scalar(select(func.count(ReadingPlace.id))) == 1
        assert session.scalar(select(func.count(Duty.code))) == duties


@pytest.mark.parametrize(
    ("table", "column", "cell", "said"),
    [
        ("organs", "机关编码", "a1", "格式不对"),
        ("organs", "部门", "没有的局", "事项目录里没有"),
        ("organs", "主管部门", "是", "只能有一个"),
        ("leaders", "机关名称", "没有的局", "没有“没有的局”"),
        ("duties", "主题", "别的", "只能填"),
        ("duties", "频次", "每天", "只能填"),
        ("duties", "期限", "7", "哪部法律"),
        ("duties", "每年截止", "01-31", "只有“每年”"),
        ("duties", "每年截止", "13-01", "格式不对"),
        ("places", "类别", "超市", "只能填"),
        ("gazettes", "网址", "javascript:x", "网页"),
        ("information", "索引号", "A1", "格式不对"),
        ("information", "要求编号", "GA-01", "没有编号"),
        ("information", "公布日期", "2020-01-01", "早于"),
        ("information", "文件", "没有的文件", "没有载入"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_loaded(
    database: Database, tmp_path: Path, table: str, column: str, cell: str, said: str
) -> None:
    folder = changed(tmp_path, table, 2, column, cell)
    with database.transaction() as session:
        prepare(session)
    with database.transaction() as session, pytest.raises(ImportRejected, match=said) as rejected:
        import_publishing(session, folder, NOW)
    assert table in {error.table for error in rejected.value.errors}
    with database.transaction() as session:
        assert session.scalar(select(func.count(Organ.code))) == 0


def test_what_staff_published_stays_published_when_the_file_comes_again(database: Database) -> None:
    with database.transaction() as session:
        prepare(session)
        import_publishing(session, SAMPLE, NOW)
        waiting = service.find(session, TODAY).rows[0]
        publish(session, waiting, TODAY)
        import_publishing(session, SAMPLE / "information.csv", NOW)
        session.refresh(waiting)
        assert (waiting.published_on, waiting.url, waiting.reviewed_by) == (TODAY, "https://yunhe.example/1", "张三")


def test_the_law_watch_knows_what_the_duties_rest_on(database: Database) -> None:
    with database.transaction() as session:
        prepare(session)
        import_laws(session, SAMPLES / "laws" / "status.csv", None, NOW)
        import_publishing(session, SAMPLE, NOW)
        watch.refresh(session, NOW)
        cited = {(row.law, row.articles, row.owner) for row in watch.cited_laws(session) if row.subject == "duty"}
        assert ("预算法", "第十四条第一款", "云河市财政局") in cited
        assert [task for task in watch.tasks(session) if task.subject == "duty"] == []


def test_an_organ_with_information_cannot_be_left_out(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        prepare(session)
        import_publishing(session, SAMPLE, NOW)
        enter(session, organ="GA")
    folder = changed(tmp_path, "organs", 4, "机关编码", "GAJ")
    with database.transaction() as session, pytest.raises(ImportRejected, match="不能去掉"):
        import_publishing(session, folder / "organs.csv", NOW)


def test_a_folder_with_other_tables_is_refused(database: Database, tmp_path: Path) -> None:
    (tmp_path / "routes.csv").write_text("编码\n1\n", encoding="utf-8")
    with database.transaction() as session, pytest.raises(ImportRejected, match="没有认得的表"):
        import_publishing(session, tmp_path, NOW)


def test_the_command_tells_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'city.db'}")
    places = tmp_path / "places.csv"
    places.write_text("类别,名称,地址,开放时间,电话\n其他,查阅点,云政大道6号,工作日,0990-1\n", encoding="utf-8")
    done = CliRunner().invoke(import_publishing_command, [str(places)])
    assert done.exit_code == 0, done.output
    assert "已导入：查阅场所 1 条。现在有 0 项要办" in done.output
    places.write_text("类别,名称\n其他,查阅点\n", encoding="utf-8")
    refused = CliRunner().invoke(import_publishing_command, [str(places)])
    assert refused.exit_code == 1
    assert "缺少这一列" in refused.output


def test_every_subject_names_an_article_of_the_regulation() -> None:
    assert all(basis.startswith("《政府信息公开条例》第") for basis in SUBJECTS.values())
    items = [basis for basis in SUBJECTS.values() if "第二十条第" in basis]
    assert len(set(items)) == 15, "art. 20 has 15 items"
