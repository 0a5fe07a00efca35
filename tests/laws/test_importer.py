from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from bot.db import Database
from bot.laws.commands import import_laws_command
from bot.laws.importer import LoadedLaws, import_laws
from bot.laws.models import Law, LawArticle, LawRepeal, LawText
from bot.laws.service import compared, laws
from bot.laws.standing import Kind
from bot.tabular import ImportRejected

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
HEAD = "title,published_on,effective_on,status,issuer,kind\n"
LISTED = (
    HEAD + "中华人民共和国山水法,2014-04-24,2015-01-01,已修改,国务院,法律\n"
    "中华人民共和国山水法,2025-06-27,2026-01-01,有效,国务院,法律\n"
    "中华人民共和国山水法,2025-06-27,2026-01-01,有效,国务院,法律\n"  # the national list has such copies
    "林泉条例,2001-01-01,,生效,国务院,行政法规\n"
)
STATUTE = """# {title}

{day} 公布

{begins} 施行

<!-- INFO END -->

- **第一条**　为了山水，制定本法。

- **第二条**　{second}

- **第三条**　本法自2026年1月1日起施行。{repeal}
"""


def write(folder: Path, listed: str = LISTED, **texts: str) -> Path:
    (folder / "texts").mkdir(exist_ok=True)
    (folder / "status.csv").write_text(listed, encoding="utf-8")
    for name, text in texts.items():
        (folder / "texts" / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def statute(title: str, day: str, begins: str, second: str = "不得倾倒。", repeal: str = "") -> str:
    return STATUTE.format(title=title, day=day, begins=begins, second=second, repeal=repeal)


def load(database: Database, folder: Path, now: datetime = NOW) -> LoadedLaws:
    with database.transaction() as session:
        return import_laws(session, folder / "status.csv", folder / "texts", now)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        **{
            "山水法(2014-04-24)": statute("山水法", "2014-04-24", "2015-01-01", "罚款一百元。"),
            "山水法(2025-06-28)": statute(
                "中华人民共和国山水法", "2025-06-28", "2026-01-01", "罚款二百元。", "《林泉条例》同时废止。"
            ),
            "溪流办法(2020-02-02)": statute("溪流办法", "2020-02-02", "2020-03-01"),
        },
    )


def test_rows_and_texts_are_loaded_and_a_second_time_changes_nothing(database: Database, folder: Path) -> None:
    first, again = load(database, folder), load(database, folder, NOW + timedelta(days=1))
    assert (first.laws, first.changed, first.texts, first.unlisted, first.failures) == (3, 3, 3, 1, [])
    assert (again.changed, again.removed, again.texts, again.unchanged) == (0, 0, 0, 3)
    with database.transaction() as session:
        assert session.scalar(select(func.count(LawArticle.id))) == 9
        assert session.scalar(select(func.max(Law.changed_at))) == NOW
        repeal = session.scalars(select(LawRepeal)).one()
        assert (repeal.law, repeal.on, repeal.article) == ("林泉条例", date(2026, 1, 1), "第三条")


def test_the_standing_follows_list_and_clauses(database: Database, folder: Path) -> None:
    load(database, folder)
    with database.transaction() as session:
        index = laws(session)
    assert index.standing("林泉条例", date(2025, 12, 31)).kind == Kind.ENDS
    assert index.standing("林泉条例", date(2026, 1, 1)).kind == Kind.REPEALED
    # A text of a day next to that of the list is of the same version; one that the list does not have says little.
    assert index.standing("山水法", date(2026, 1, 1)).kind == Kind.IN_FORCE
    assert index.standing("溪流办法", date(2026, 1, 1)).kind == Kind.UNKNOWN


def test_both_texts_of_an_amended_article_can_be_read(database: Database, folder: Path) -> None:
    load(database, folder)
    with database.transaction() as session:
        versions = compared(session, "山水法", "第一条、第二条", date(2026, 1, 1))
        assert versions is not None
        assert [(one.number, one.is_same) for one in versions.articles] == [("第一条", True), ("第二条", False)]
        assert (versions.articles[1].before, versions.articles[1].after) == ("罚款一百元。", "罚款二百元。")
        assert compared(session, "林泉条例", "第一条", date(2001, 1, 1)) is None


def test_the_index_is_read_again_after_an_import(database: Database, folder: Path) -> None:
    load(database, folder)
    with database.transaction() as session:
        assert laws(session).standing("池塘条例", date(2026, 1, 1)).kind == Kind.UNKNOWN
    write(folder, LISTED + "池塘条例,2020-01-01,,有效,国务院,行政法规\n")
    assert load(database, folder, NOW + timedelta(minutes=1)).changed == 1
    with database.transaction() as session:
        assert laws(session).standing("池塘条例", date(2026, 1, 1)).kind == Kind.IN_FORCE


def test_what_is_no_longer_listed_goes_unless_its_text_is_here(database: Database, folder: Path) -> None:
    load(database, folder)
    write(folder, HEAD + "溪流办法,2020-02-02,2020-03-01,有效,部,部门规章\n")
    loaded = load(database, folder, NOW + timedelta(minutes=1))
    assert (loaded.removed, loaded.changed) == (1, 1)
    with database.transaction() as session:
        assert dict(
            session.execute(select(Law.title, Law.status).where(Law.effective_on > date(2020, 1, 1))).all()
        ) == {
            "中华人民共和国山水法": "",
            "溪流办法": "有效",
        }


def test_files_of_one_name_in_two_folders_do_not_take_turns(database: Database, folder: Path) -> None:
    (folder / "texts" / "newer").mkdir()
    write(folder, **{"newer/溪流办法(2020-02-02)": statute("溪流办法", "2020-02-02", "2020-03-01", "不得洗车。")})
    assert (load(database, folder).texts, load(database, folder).texts) == (4, 0)


def test_a_corrected_file_takes_the_place_of_the_old_one(database: Database, folder: Path) -> None:
    load(database, folder)
    text = statute("山水法", "2014-04-24", "2015-01-01", "罚款三百元。")
    write(folder, **{"山水法(2014-04-24)": text})
    assert load(database, folder).texts == 1
    with database.transaction() as session:
        assert session.scalar(select(func.count(LawText.id))) == 3
        assert session.scalar(select(func.count(LawArticle.id))) == 9


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("山,2014-04-24,,有效,,", "title"),
        ("山水法,2014年4月24日,,有效,,", "published_on"),
        ("山水法,2014-04-24,明年,有效,,", "effective_on"),
        ("山水法,2014-04-24,,好的,,", "status"),
        ("山水法,2014-04-24,,尚未生效,,", "effective_on"),
        ("林泉条例,2001-01-01,,已废止,国务院,行政法规", "title"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_loaded(database: Database, folder: Path, row: str, column: str) -> None:
    write(folder, f"{LISTED}{row}\n")
    with pytest.raises(ImportRejected) as rejected:
        load(database, folder)
    assert [(one.table, one.row, one.column) for one in rejected.value.errors] == [("status", 6, column)]
    with database.transaction() as session:
        assert session.scalar(select(func.count(Law.id))) == 0


def test_a_missing_column_is_named(database: Database, folder: Path) -> None:
    write(folder, LISTED.replace(",kind", ""))
    with pytest.raises(ImportRejected, match="缺少这一列"):
        load(database, folder)


def test_the_command_tells_what_it_did(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'city.db'}")
    (folder / "texts" / "坏的.md").write_bytes(b"\xff\xfe\xff")
    done = CliRunner().invoke(import_laws_command, [str(folder / "status.csv"), str(folder / "texts")])
    assert done.exit_code == 0, done.output
    assert "清单 3 条，新增或改动 3 条" in done.output
    assert "坏的.md：认不出文字的编码" in done.output
