"""The assessment of organs and the bulletin: what counts in which period, and the points."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from docx import Document

from bot.db import Database
from bot.disclosures.desk import get_request
from bot.disclosures.terms import Kind, Step
from bot.figures.period import PeriodRefused
from bot.oversight import complaints, contests, orders, yearly_desk
from bot.oversight.assessment import COLUMNS, AssessedPeriod, OrganAssessment, as_table, assessment
from bot.oversight.bulletin import as_short_table, as_word, bulletin
from bot.oversight.scoring import Fault, ScoreRule, load_rule
from bot.publishing.models import Information, Organ
from bot.settings import SettingsError
from tests.oversight.register import NOW, TODAY, add_city, answered, request, typed

FIRST_QUARTER = AssessedPeriod(2026, 1)


@pytest.fixture
def filled(database: Database) -> Database:
    """水利局 in the first quarter of 2026: one answer in time, one late, one overdue, and all else that counts."""
    with database.transaction() as session:
        add_city(session)
        session.add(request(1, date(2025, 10, 9), answered(date(2025, 10, 20))))
        session.add(request(2, date(2025, 11, 3), answered(date(2026, 1, 30))))
        session.add(
            request(
                1, date(2026, 1, 5), Step(Kind.EXTENDED, date(2026, 1, 20), working_days=10), answered(date(2026, 2, 6))
            )
        )
        session.add(request(2, date(2026, 1, 12)))
        session.add(request(3, date(2026, 2, 26), department="GA"))
        session.flush()
        for kind in ("reconsideration", "lawsuit_first"):
            one = contests.record(
                session,
                get_request(session, "XXGK-2025-000001"),
                kind=kind,
                filed_on=date(2025, 12, 1),
                authority="市政府",
                case_number="",
                note="",
                who="clerk",
                today=TODAY,
                now=NOW,
            )
            contests.decide(
                session,
                "XXGK-2025-000001",
                one.id,
                result="corrected",
                decided_on=date(2026, 1, 20),
                who="clerk",
                today=TODAY,
                now=NOW,
            )
        filed = complaints.file_complaint(
            session, department_code="SL", kind="rights", receipt="", words="不公开", contact="", now=NOW
        )
        complaints.answer(session, filed.complaint.number, finding="partly", words="已督促。", who="boss", now=NOW)
        orders.issue(
            session,
            department_code="SL",
            basis="urged",
            duty="目录",
            wrong="更新",
            working_days=2,
            receipt="",
            complaint_number="",
            who="boss",
            today=date(2026, 2, 2),
            now=NOW,
        )
        yearly_desk.save(session, 2025, "GA", typed(), who="clerk", today=TODAY, now=NOW)
        yearly_desk.publish(session, 2025, "GA", who="boss", today=date(2026, 1, 31), now=NOW)
        session.add(organ())
        session.flush()
        session.add(information(1, date(2026, 1, 9), date(2026, 1, 9)))
        session.add(information(2, date(2026, 1, 9), date(2026, 1, 10)))
        session.add(information(3, date(2026, 2, 9), None))
        session.add(information(4, date(2026, 2, 9), None, withheld_why="不应公开"))
    return database


def organ() -> Organ:
    empty = dict.fromkeys(
        (
            "duties",
            "address",
            "hours",
            "phone",
            "office",
            "office_address",
            "office_hours",
            "office_phone",
            "fax",
            "online",
        ),
        "",
    )
    return Organ(code="O1", position=1, name="水利局", department_code="SL", in_charge=False, **empty)


def information(number: int, due_on: date, published_on: date | None, withheld_why: str = "") -> Information:
    return Information(
        index_number=f"O1-2026-{number}",
        organ_code="O1",
        subject="规范性文件",
        title="通知",
        number="",
        summary="",
        made_on=date(2026, 1, 1),
        counted_from=date(2026, 1, 1),
        due_on=due_on,
        published_on=published_on,
        url="",
        reviewed_by="",
        withheld_why=withheld_why,
        receipts=[],
        entered_by="clerk",
        entered_at=NOW,
    )


def made(database: Database, period: AssessedPeriod = FIRST_QUARTER) -> OrganAssessment:
    with database.transaction() as session:
        return assessment(session, period, TODAY, load_rule(None))


def test_everything_of_the_period_counts_for_its_organ(filled: Database) -> None:
    found = {row.organ: row for row in made(filled).rows}
    assert found["SL"].counts == {
        "received": 2,
        "answered": 2,
        "on_time": 1,
        Fault.LATE: 1,
        "extended": 1,
        Fault.OVERDUE: 1,
        Fault.CORRECTED: 1,
        Fault.LOST: 1,
        Fault.UPHELD: 1,
        "orders": 1,
        Fault.ORDERS_OVERDUE: 1,
        Fault.UNPUBLISHED: 2,
        Fault.REPORT_LATE: 1,
    }
    assert found["GA"].counts == {**dict.fromkeys(COLUMNS, 0), "received": 1}
    assert (found["GA"].score, found["SL"].score) == (100, 100 - 2 - 3 - 5 - 5 - 3 - 5 - 2 - 5)
    assert [row.organ for row in made(filled).rows] == ["GA", "SL"]


def test_another_period_counts_something_else(filled: Database) -> None:
    row = next(row for row in made(filled, AssessedPeriod(2025, 4)).rows if row.organ == "SL")
    assert (row.counts["received"], row.counts["answered"], row.counts[Fault.OVERDUE]) == (2, 1, 1)
    assert row.counts[Fault.CORRECTED] == 0
    assert str(AssessedPeriod(2025, 4)) == "2025年第四季度"
    assert AssessedPeriod(2024, 1).days.last_on == date(2024, 3, 31)
    with pytest.raises(PeriodRefused, match="还没有到"):
        made(filled, AssessedPeriod(2026, 2))
    with pytest.raises(PeriodRefused):
        AssessedPeriod(2026, 5)


def test_points_are_lost_up_to_the_most_for_each_fault_and_never_below_zero() -> None:
    rule = load_rule(None)
    assert rule.score({}) == 100
    assert rule.score({Fault.LATE: 50}) == 80
    assert ScoreRule(base=1, deductions={}).score({Fault.LATE: 50}) == 1
    assert rule.score(dict.fromkeys(Fault, 1000)) == 0


def test_a_city_has_its_own_rule_and_hears_what_is_wrong_with_it(tmp_path: Path) -> None:
    own = tmp_path / "score.yml"
    own.write_text("base: 10\ndeductions:\n  late: {points: 0.5, most: 1}\n", encoding="utf-8")
    assert load_rule(own).score({Fault.LATE: 1, Fault.LOST: 9}) == 9.5
    own.write_text("base: 10\ndeductions:\n  lates: {points: 1, most: 1}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"deductions\.lates"):
        load_rule(own)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_rule(tmp_path / "none.yml")


def test_the_table_has_every_column_and_the_bulletin_only_those_with_figures(filled: Database) -> None:
    whole = as_table(made(filled))
    assert whole.columns == ("机关", *COLUMNS.values(), "得分")
    assert whole.rows[0][0] == "公安局"
    short = as_short_table(made(filled, AssessedPeriod(2025, 3)))
    assert short is not None
    assert short.columns == ("机关", "得分")


def test_the_bulletin_tells_the_figures_and_is_a_word_file(filled: Database) -> None:
    at = datetime(2026, 3, 2, 2, tzinfo=UTC)
    written = bulletin(made(filled), "云河市", at)
    assert written.title == "云河市政府信息公开工作通报（2026年第一季度）"
    assert "本期还没有结束" in written.note
    said = "".join(sentence for part in written.parts for sentence in part.sentences)
    assert "收到申请 3 件，答复 2 件，其中按时 1 件，迟答 1 件" in said
    assert "复议结果纠正 1 件，诉讼结果纠正 1 件" in said
    document = Document(io.BytesIO(as_word(written, at)))
    assert document.tables[0].rows[0].cells[0].text == "机关"
    assert any(one.text == "各机关情况" for one in document.paragraphs)
