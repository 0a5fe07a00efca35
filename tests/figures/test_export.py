"""Tables as they are exported, and periods as they are read from a request."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.models import City
from bot.cli import cli
from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.figures.bulletin import bulletin
from bot.figures.charts import CHARTS
from bot.figures.export import BOM, as_csv, as_text, as_xlsx
from bot.figures.period import Period, PeriodRefused
from bot.figures.service import figures
from bot.figures.tables import OUTCOME_TITLES, TABLES, Table, duration
from bot.figures.word import as_word
from bot.sheets import read_sheets
from tests.figures.month import AFTER, MARCH, NOON, answer_case, open_case, rate, say
from tests.reviews.town import add_department, add_person

# A label of each chart.
SHOWN = {"volume": "3/1", "outcomes": "没有找到", "satisfaction": "非常不满意", "items": "GA-003（GA-003）"}


def table(*cells: str | int) -> Table:
    return Table("t", "表", tuple("列" for _ in cells), [tuple(cells)])


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@a", "＝1", "\t=1", "\r=1"])
def test_what_a_spreadsheet_takes_for_a_formula_is_text(cell: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(table(cell)).removeprefix(BOM), newline="")))
    assert rows[1] == [f"'{cell}"]


@given(st.text())
def test_any_cell_comes_back_and_never_as_a_formula(text: str) -> None:
    written = as_csv(table(text, 7))
    (_, (cell, count)) = list(csv.reader(io.StringIO(written.removeprefix(BOM), newline="")))
    assert written.startswith(BOM)
    assert count == "7"
    assert cell.removeprefix("'") == text.removeprefix("'")
    assert not cell.startswith(("=", "+", "-", "@"))


def test_columns_stand_under_one_another_in_text() -> None:
    shown = as_text(Table("t", "表", ("事项", "数"), [("居住证", 5), ("a", 12)]))
    assert shown == "【表】\n事项    数\n居住证  5\na       12"


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        (None, "—"),
        (timedelta(seconds=20), "不到 1 分钟"),
        (timedelta(minutes=4), "4 分钟"),
        (timedelta(hours=2), "2 小时"),
        (timedelta(hours=2, minutes=5), "2 小时 5 分钟"),
        (timedelta(days=3, hours=4, minutes=50), "3 天 4 小时"),
        (timedelta(days=3), "3 天"),
    ],
)
def test_durations_are_told_in_their_two_largest_units(taken: timedelta | None, said: str) -> None:
    assert duration(taken) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-32", "2026-03-31", "日期要写成"),
        ("", "2026-03-31", "日期要写成"),
        ("2026-03-02", "2026-03-01", "早于"),
        ("2025-01-01", "2026-03-01", "最多统计"),
        ("9999-12-31", "9999-12-31", "没有 9999 年"),
        ("0001-01-01", "0001-01-02", "没有 1 年"),
    ],
)
def test_what_are_no_days_is_refused_in_clear_words(first: str, last: str, said: str) -> None:
    with pytest.raises(PeriodRefused, match=said):
        Period.between(first, last)


@pytest.mark.parametrize("month", ["2026-13", "2026-3", "202603", "２０２６-03", ""])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(PeriodRefused, match="月份要写成"):
        Period.of_month(month)


def test_a_month_is_named_as_one() -> None:
    assert (str(Period.of_month("2028-02")), len(Period.of_month("2028-02").days)) == ("2028年2月", 29)
    assert str(Period.between("2026-03-01", "2026-03-30")) == "2026-03-01 至 2026-03-30"


def test_every_outcome_has_a_title() -> None:
    assert set(OUTCOME_TITLES) == set(Outcome)


def fill(database: Database) -> None:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        add_department(session)
        clerk = add_person(session, "王芳")
        say(session, "宠物狗证怎么办", Outcome.NOTHING_FOUND)
        say(session, items=["GA-003"], conversation_id="c2")
        for number, stars in enumerate((5, 4, 2)):
            case = open_case(session, f"case{number}")
            answer_case(session, case, clerk, NOON + timedelta(minutes=3))
            rate(session, case, stars, NOON + timedelta(hours=1))


def test_the_workbook_holds_the_table_and_runs_no_formula(tmp_path: Path) -> None:
    shown = Table("items", "事项", ("编码", "次数"), [("=1+1", 3), ("居住证", 12)])
    (tmp_path / "t.xlsx").write_bytes(as_xlsx(shown))
    rows = read_sheets(tmp_path / "t.xlsx")["事项"]
    assert [cells for _, cells in rows] == [["编码", "次数"], ["'=1+1", "3"], ["居住证", "12"]]


def test_the_bulletin_tells_the_figures_of_the_functions(database: Database) -> None:
    fill(database)
    with database.transaction() as session:
        counted = figures(session, MARCH, AFTER)
    written = bulletin(counted, "云河市")
    told = "\n".join(sentence for part in written.parts for sentence in part.sentences)
    assert written.title == "云河市政务助手简报（2026年3月）"
    assert "本期还没有结束" not in written.note
    assert "本期 2 次对话，群众发来 2 条消息。" in told
    assert "没答上 1 条，占 50.0%" in told
    assert "最多的是“宠物狗证怎么办”，1 次。" in told
    assert "首次回复 3 件，中位数 3 分钟，九成在 3 分钟以内；应按时 3 件，按时 3 件，占 100.0%。" in told
    assert "本期评价 3 件，满意和非常满意占 66.7%，不满意和非常不满意 1 件。" in told
    assert "现在超期 3 件。最早的是 AJ-000003" in told


def test_a_month_without_anything_is_told_in_whole_sentences(database: Database) -> None:
    with database.transaction() as session:
        written = bulletin(figures(session, MARCH, NOON), "云河市")
    told = [sentence for part in written.parts for sentence in part.sentences]
    assert all(sentence.startswith(("本期没有", "现在没有")) for sentence in told)
    assert "本期还没有结束" in written.note


def test_the_bulletin_as_docx_is_on_a4_and_holds_all_sentences_and_tables(database: Database) -> None:
    fill(database)
    with database.transaction() as session:
        counted = figures(session, MARCH, AFTER)
    written = bulletin(counted, "云河市")
    document = Document(io.BytesIO(as_word(written, counted)))
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    for part in written.parts:
        assert {part.heading, *part.sentences} <= set(paragraphs)
    cells = [cell.text for one in document.tables for row in one.rows for cell in row.cells]
    assert {"宠物狗证怎么办", "门户网页", "受理台", "非常满意"} <= set(cells)
    assert round(document.sections[0].page_width.cm, 1) == 21.0
    assert document.core_properties.title == written.title


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_an_svg_without_scripts_that_says_what_it_shows(database: Database, name: str) -> None:
    fill(database)
    with database.transaction() as session:
        chart = CHARTS[name](figures(session, MARCH, AFTER))
    drawn = chart.svg.decode()
    assert "<script" not in drawn
    assert f'aria-label="{chart.about}"' in drawn
    assert chart.about.startswith("2026年3月")
    assert "Noto Sans CJK" in drawn
    assert f">{SHOWN[name]}</text>" in drawn


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_of_nothing_says_so(database: Database, name: str) -> None:
    with database.transaction() as session:
        assert CHARTS[name](figures(session, MARCH, AFTER)).svg


def test_the_terminal_prints_all_tables_and_writes_the_bulletin(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fill(database)
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(*words: str) -> str:
        return CliRunner().invoke(cli, words).output

    text = run("figures", "--from", "2026-03-01", "--to", "2026-03-31")
    assert text.count("【") == len(TABLES)
    assert "宠物狗证怎么办" in text
    assert run("figures", "--from", "2026-03-01", "--to", "2026-03-31", "--format", "csv").startswith(f"{BOM}概况")
    assert run("figures", "--from", "2026-03-02", "--to", "2026-03-01").startswith("Error: 结束日期")
    out = tmp_path / "简报.docx"
    assert "已写入" in run("bulletin", "--month", "2026-03", "--out", str(out))
    assert Document(str(out)).paragraphs[0].text == "云河市政务助手简报（2026年3月）"
    assert "写不了" in run("bulletin", "--month", "2026-03", "--out", str(tmp_path / "no" / "x.docx"))
    assert "月份要写成" in run("bulletin", "--month", "三月", "--out", str(out))
