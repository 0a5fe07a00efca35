"""The appraisal of departments: rules that are data, and marks that a person can reckon again."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.db import Database
from bot.doctor.configuration import contradictions
from bot.figures.appraisal import appraised
from bot.figures.appraisal_rules import MEASURE_TITLES, SAMPLE_RULES, Measure, RulesRefused, rules_in
from bot.figures.behind import Behind, Wanted, cases_behind
from bot.figures.bulletin import bulletin
from bot.figures.service import Figures, figures
from bot.figures.tables import TABLES
from bot.reviews import handling, service, work_orders
from bot.reviews.reasons import Stars
from bot.settings import Settings
from bot.staff.models import Person
from bot.web.console.figure_links import links
from tests.figures.month import AFTER, MARCH, NOON, open_case
from tests.reviews.town import add_department, add_person

DAY = timedelta(days=1)
HEADINGS = "指标,权重,方向,满分值,零分值,至少件数\n"


def write(folder: Path, *rows: str) -> Path:
    file = folder / "rules.csv"
    file.write_text(HEADINGS + "\n".join(rows), encoding="utf-8")
    return file


def answer_orders(session: Session, officer: Person, clerk: Person, days: list[int]) -> None:
    """An order of two working days for each, handed in so many days later and graded 满意, the last one 不满意."""
    for number, later in enumerate(days, start=1):
        case = open_case(session, f"{officer.department_code}{number}")
        handling.claim(session, case, clerk, NOON)
        work_orders.issue(session, case, clerk, NOON, str(officer.department_code), "", 2)
        draft = handling.draft_answer(session, case, officer, NOON + later * DAY, "好")
        handling.reply(session, case, clerk, NOON + later * DAY, draft.text, is_final=True, draft=draft)
        stars = Stars.DISSATISFIED if number == len(days) else Stars.SATISFIED
        service.rate(session, case, stars, "", NOON + later * DAY)


def fill(session: Session) -> Figures:
    """The police: 3 of 4 orders in time and 3 of 4 content. Education: one order."""
    clerk = add_person(session, "王芳")
    police = add_person(session, "孙亮", department=add_department(session))
    schools = add_person(session, "周敏", department=add_department(session, "JY", "教育局"))
    answer_orders(session, police, clerk, [1, 1, 1, 5])
    answer_orders(session, schools, clerk, [1])
    return figures(session, MARCH, AFTER)


def test_the_shipped_rules_use_every_measure_and_make_a_hundred() -> None:
    rules = rules_in(SAMPLE_RULES)
    assert {rule.measure for rule in rules} == set(Measure) == set(MEASURE_TITLES)
    assert sum(rule.weight for rule in rules) == 100


def test_marks_come_about_by_the_rules_and_each_is_told(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "按时交回率,50,越高越好,95%,70%,2", "满意率,30,越高越好,75,50,2", "退单率,20,越低越好,2%,20%,2"
    monkeypatch.setenv("APPRAISAL_FILE", str(write(tmp_path, *rows)))
    with database.transaction() as session:
        counted = fill(session)
        table, told = TABLES["appraisal"](counted), TABLES["appraisal_marks"](counted)
        # 75 % lies a fifth of the way from 70 to 95; education has one case, which is too few for any mark.
        assert table.rows == [
            ("公安局", 60.0, 100, "按时交回率 40.0", "—"),
            ("教育局", "—", 0, "—", "按时交回率、满意率、退单率"),
        ]
        assert told.rows[0] == ("公安局", "按时交回率", 3, 4, "75.0%", "95% 及以上满分，70% 及以下零分", 50, 10.0)
        assert told.rows[2] == ("公安局", "退单率", 0, 4, "0.0%", "2% 及以下满分，20% 及以上零分", 20, 20.0)
        assert told.rows[3][-1] == "不足 2 件"
        assert "show=done_late&department=GA" in links(told, counted)[0, 4]
        assert "which=unsatisfied&department=GA" in links(told, counted)[1, 4]
        unsatisfied = cases_behind(session, Wanted(Behind.UNSATISFIED, MARCH, "GA"), AFTER)
        assert [case.conversation_id for case in unsatisfied.rows] == ["GA4"]
        part = next(part for part in bulletin(counted, "云河市").parts if part.heading == "部门效能考评")
        assert part.sentences[0] == "1 个部门有得分，最高 60.0 分：公安局。件数不够打分的：教育局。"


def test_what_has_too_few_cases_does_not_count_against_a_department(database: Database, tmp_path: Path) -> None:
    rules = rules_in(write(tmp_path, "按时交回率,80,越高越好,75%,70%,4", "一次办结率,20,越高越好,95%,70%,5"))
    with database.transaction() as session:
        police, _ = appraised(fill(session), rules)
    assert [mark.marks for mark in police.marks] == [80, None]
    assert (police.weight, police.score) == (80, 100)


@given(st.fractions(0, 1), st.integers(0, 100), st.integers(0, 100))
def test_marks_never_leave_their_range_and_never_fall_as_the_share_gets_better(
    share: Fraction, full: int, zero: int
) -> None:
    rule = rules_in(SAMPLE_RULES)[0].model_copy(update={"full": full, "zero": zero if zero != full else full + 1})
    better = share + (Fraction(1, 7) if rule.full > rule.zero else Fraction(-1, 7))
    assert 0 <= rule.marks(share) <= rule.marks(better) <= rule.weight
    assert (rule.marks(Fraction(rule.full, 100)), rule.marks(Fraction(rule.zero, 100))) == (rule.weight, 0)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("签收,100,越高越好,95,70,5", "只能填：按时签收率、"),
        ("满意率,100,越低越好,95,70,5", "越低越好，满分值 95%、零分值 70% 却相反"),
        ("满意率,100,越高越好,70,70,5", "却相反"),
        ("满意率,100,高,95,70,5", "只能填：越高越好、越低越好"),
        ("满意率,100,越高越好,195,70,5", "不能大于 100"),
        ("满意率,100,越高越好,95,70,0", "不能小于 1"),
        ("满意率,99,越高越好,95,70,5", "权重合计要是 100，现在是 99"),
        ("满意率,50,越高越好,95,70,5\n满意率,50,越高越好,95,70,5", "与第2行重复"),
    ],
)
def test_wrong_rules_are_told_in_words(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(RulesRefused, match=words):
        rules_in(write(tmp_path, row))


def test_by_wrong_rules_nobody_is_marked_and_the_table_the_bulletin_and_the_doctor_say_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPRAISAL_FILE", str(write(tmp_path, "满意率,99,越高越好,95,70,5")))
    # Nothing is counted, and so the session is never used.
    table = TABLES["appraisal"](Figures(Session(), MARCH, AFTER))
    assert (table.rows, table.note) == ([], "考评规则不能用，没有打分：权重合计要是 100，现在是 99")
    assert any("权重合计" in finding.said for finding in contradictions(Settings.from_environment()))
