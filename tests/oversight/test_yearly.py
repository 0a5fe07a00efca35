"""The whole yearly report: what is counted, what is checked, drafts, publishing, who is late, the DOCX file."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from docx import Document

from bot.catalogue.departments import get_department
from bot.db import Database
from bot.disclosures.desk import get_request
from bot.disclosures.reasons import ReportRow
from bot.disclosures.terms import Kind, Step
from bot.oversight import contests, yearly_desk
from bot.oversight.balance import flaws_of
from bot.oversight.contests import ContestKind, ContestRefused
from bot.oversight.typed import NOTHING_TYPED, Figure, Text, Typed, TypedRefused
from bot.oversight.yearly import WHOLE_CITY, Fees, WholeReport, whole_report
from bot.oversight.yearly_desk import ReportRefused
from bot.oversight.yearly_parts import parts_of
from bot.oversight.yearly_word import as_word
from tests.oversight.register import NOW, TODAY, add_city, answered, request, typed


@pytest.fixture
def filled(database: Database) -> Database:
    """2025: 水利局 had two requests, one answered and one open; 公安局 one with a fee."""
    with database.transaction() as session:
        add_city(session)
        session.add(request(1, date(2025, 3, 3), answered(date(2025, 3, 10))))
        session.add(request(2, date(2025, 12, 25), answered(date(2026, 1, 9))))
        fee = (
            Step(Kind.FEE_NOTIFIED, date(2025, 5, 8), amount=120, pay_by=date(2025, 6, 20)),
            Step(Kind.FEE_PAID, date(2025, 5, 20)),
        )
        session.add(request(3, date(2025, 5, 6), *fee, answered(date(2025, 6, 3)), department="GA"))
    return database


def made(database: Database, year: int = 2025, code: str = "", content: Typed | None = None) -> WholeReport:
    with database.transaction() as session:
        return whole_report(session, year, TODAY, get_department(session, code) if code else None, content or typed())


def test_the_report_holds_what_the_register_counts_and_what_was_typed(filled: Database) -> None:
    report = made(filled, code="SL", content=typed(licences="31", charges="2.5"))
    assert report.requests[ReportRow.NEW] == (2, 0, 0, 0, 0, 0, 2)
    assert report.requests[ReportRow.CARRIED_OUT][-1] == 1
    assert report.typed.figures[Figure.LICENCES] == "31"
    assert report.fees == Fees(0, 0, 0)
    assert made(filled).fees == Fees(1, 120, 120)
    assert made(filled).title == "云河市2025年政府信息公开工作年度报告"
    assert WholeReport.from_dict(report.as_dict()) == report


def test_contests_count_by_kind_and_by_their_result_at_the_end_of_the_year(filled: Database) -> None:
    with filled.transaction() as session:
        for kind, filed, decided, result in (
            ("reconsideration", date(2025, 4, 1), date(2025, 5, 20), "corrected"),
            ("reconsideration", date(2025, 4, 2), date(2026, 1, 20), "upheld"),
            ("lawsuit_after", date(2025, 9, 1), None, ""),
        ):
            about = get_request(session, "XXGK-2025-000001")
            one = contests.record(
                session,
                about,
                kind=kind,
                filed_on=filed,
                authority="市政府",
                case_number="",
                note="",
                who="clerk",
                today=TODAY,
                now=NOW,
            )
            if decided:
                contests.decide(
                    session,
                    about.receipt,
                    one.id,
                    result=result,
                    decided_on=decided,
                    who="clerk",
                    today=TODAY,
                    now=NOW,
                )
    counted = made(filled).contests
    assert counted[ContestKind.RECONSIDERATION] == (0, 1, 0, 1, 2)
    assert counted[ContestKind.LAWSUIT_AFTER] == (0, 0, 0, 1, 1)
    assert made(filled, 2026).contests[ContestKind.RECONSIDERATION] == (1, 0, 0, 0, 1)
    assert made(filled, code="GA").contests[ContestKind.RECONSIDERATION] == (0, 0, 0, 0, 0)


def test_what_is_about_no_request_counts_with_its_department_and_with_the_city(filled: Database) -> None:
    with filled.transaction() as session:
        one = contests.record(
            session,
            None,
            department_code="GA",
            kind="reconsideration",
            filed_on=date(2025, 6, 3),
            authority="市政府",
            case_number="",
            note="没有公布收费标准",
            who="clerk",
            today=TODAY,
            now=NOW,
        )
        told = {"result": "corrected", "decided_on": date(2025, 7, 1), "who": "clerk", "today": TODAY, "now": NOW}
        with pytest.raises(ContestRefused, match="没有这一件"):
            contests.decide(session, None, one.id, department_code="SL", **told)  # type: ignore[arg-type]
        with pytest.raises(ContestRefused, match="没有这一件"):
            contests.remove(session, "XXGK-2025-000001", one.id, why="x", who="clerk", now=NOW)
        contests.decide(session, None, one.id, department_code="GA", **told)  # type: ignore[arg-type]
        assert contests.contests_of(session, "XXGK-2025-000001") == []
        assert contests.contests_of_work(session, "SL") == []
        assert contests.contests_of_work(session, None) == [one]
    assert made(filled).contests[ContestKind.RECONSIDERATION] == (0, 1, 0, 0, 1)
    assert made(filled, code="GA").contests[ContestKind.RECONSIDERATION] == (0, 1, 0, 0, 1)
    assert made(filled, code="SL").contests[ContestKind.RECONSIDERATION] == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(("department", "note", "said"), [("XX", "x", "哪个机关"), ("GA", " ", "什么事")])
def test_what_is_about_no_request_needs_a_department_and_what_it_is_about(
    filled: Database, department: str, note: str, said: str
) -> None:
    with filled.transaction() as session, pytest.raises(ContestRefused, match=said):
        contests.record(
            session,
            None,
            department_code=department,
            kind="lawsuit_first",
            filed_on=date(2025, 6, 3),
            authority="市政府",
            case_number="",
            note=note,
            who="clerk",
            today=TODAY,
            now=NOW,
        )


@pytest.mark.parametrize(
    ("kind", "filed_on", "authority", "said"),
    [
        ("appeal", date(2025, 4, 1), "市政府", "请选"),
        ("reconsideration", date(2025, 3, 1), "市政府", "收到申请（2025-03-03）之后"),
        ("reconsideration", date(2026, 3, 3), "市政府", "不晚于今天"),
        ("reconsideration", None, "市政府", "受理的日期"),
        ("reconsideration", date(2025, 4, 1), " ", "复议机关或者法院"),
    ],
)
def test_a_contest_needs_kind_day_and_authority(
    filled: Database, kind: str, filed_on: date | None, authority: str, said: str
) -> None:
    with filled.transaction() as session, pytest.raises(ContestRefused, match=said):
        contests.record(
            session,
            get_request(session, "XXGK-2025-000001"),
            kind=kind,
            filed_on=filed_on,
            authority=authority,
            case_number="",
            note="",
            who="clerk",
            today=TODAY,
            now=NOW,
        )


def test_a_whole_report_has_no_flaws(filled: Database) -> None:
    assert flaws_of(made(filled, code="SL")) == []


def test_what_is_missing_is_named(filled: Database) -> None:
    said = [str(flaw) for flaw in flaws_of(made(filled, content=NOTHING_TYPED))]
    assert "一、总体情况：还没有写" in said
    assert "工作考核、社会评议和责任追究结果情况：还没有写" in said
    assert "二、主动公开政府信息情况：“行政许可：本年处理决定数量”还没有填，没有的填 0" in said
    assert not any("工作考核" in str(flaw) for flaw in flaws_of(made(filled, code="SL", content=NOTHING_TYPED)))


def test_what_does_not_add_up_is_named_with_row_and_column(filled: Database) -> None:
    report = made(filled, code="SL")
    wrong = {**report.requests, ReportRow.GRANTED: (3, 0, 0, 0, 0, 0, 1)}
    said = [str(flaw) for flaw in flaws_of(replace(report, requests=wrong))]
    assert any("“自然人”列：“（七）总计”行是 1，各种办理结果相加是 3" in one for one in said)
    assert any("“（一）予以公开”行：各类申请人相加是 3，“总计”列是 1" in one for one in said)
    carried = {**report.requests, ReportRow.CARRIED_OUT: (2, 0, 0, 0, 0, 0, 2)}
    said = [str(flaw) for flaw in flaws_of(replace(report, requests=carried))]
    assert any("“自然人”列：第一项加第二项是 2，第三项总计加第四项是 3" in one for one in said)
    courts = {**report.contests, ContestKind.LAWSUIT_FIRST: (1, 0, 0, 0, 2)}
    said = [str(flaw) for flaw in flaws_of(replace(report, contests=courts))]
    assert any("未经复议直接起诉" in one and "“总计”是 2" in one for one in said)


def test_the_year_before_is_compared_column_by_column(filled: Database) -> None:
    before = made(filled, 2025, "SL", typed(norms_in_force="10"))
    now = made(filled, 2026, "SL", typed(norms_made="2", norms_repealed="1", norms_in_force="12"))
    (in_force,) = [flaw for flaw in flaws_of(now, before) if flaw.part.startswith("二")]
    assert "应为 11 件" in in_force.said
    assert not in_force.blocks
    assert not any("上年结转" in flaw.said for flaw in flaws_of(now, before))
    other = replace(before, requests={**before.requests, ReportRow.CARRIED_OUT: (0, 1, 0, 0, 0, 0, 1)})
    said = [flaw.said for flaw in flaws_of(now, other)]
    assert any("“上年结转”行“自然人”列是 1，2025 年公布的报告“结转下年度”是 0" in one for one in said)


@pytest.mark.parametrize(
    ("field", "value"), [("licences", "-1"), ("licences", "1.5"), ("charges", "1e3"), ("rules_made", "很多")]
)
def test_a_figure_that_is_no_number_is_refused_by_name(field: str, value: str) -> None:
    with pytest.raises(TypedRefused, match="要填"):
        Typed.from_form({field: value})


def test_only_a_whole_report_is_handed_in_and_published_and_then_it_stays_as_it_was(filled: Database) -> None:
    with filled.transaction() as session:
        with pytest.raises(ReportRefused, match="还没有保存草稿"):
            yearly_desk.publish(session, 2025, "SL", who="boss", today=TODAY, now=NOW)
        yearly_desk.save(session, 2025, "SL", NOTHING_TYPED, who="clerk", today=TODAY, now=NOW)
        with pytest.raises(ReportRefused, match="处要改"):
            yearly_desk.submit(session, 2025, "SL", who="clerk", today=TODAY, now=NOW)
        yearly_desk.save(session, 2025, "SL", typed(), who="clerk", today=TODAY, now=NOW)
        yearly_desk.submit(session, 2025, "SL", who="clerk", today=TODAY, now=NOW)
        yearly_desk.publish(session, 2025, "SL", who="boss", today=TODAY, now=NOW)
        session.add(request(9, date(2025, 7, 1), answered(date(2025, 7, 8))))
        session.flush()
        assert yearly_desk.draft(session, 2025, "SL", TODAY).report.requests[ReportRow.NEW][-1] == 2
        with pytest.raises(ReportRefused, match="已经公布"):
            yearly_desk.save(session, 2025, "SL", typed(), who="clerk", today=TODAY, now=NOW)
        with pytest.raises(ReportRefused, match="为什么"):
            yearly_desk.take_back(session, 2025, "SL", why=" ", who="boss", now=NOW)
        yearly_desk.take_back(session, 2025, "SL", why="漏了一件", who="boss", now=NOW)
        assert yearly_desk.draft(session, 2025, "SL", TODAY).report.requests[ReportRow.NEW][-1] == 3
        assert yearly_desk.published(session) == []


def test_departments_are_due_in_january_and_the_city_in_march(filled: Database) -> None:
    with filled.transaction() as session:
        yearly_desk.save(session, 2025, "GA", typed(), who="clerk", today=TODAY, now=NOW)
        yearly_desk.publish(session, 2025, "GA", who="boss", today=date(2026, 1, 30), now=NOW)
        found = {one.organ: one for one in yearly_desk.standings(session, 2025, TODAY)}
    assert (found[WHOLE_CITY].due_on, found[WHOLE_CITY].days_late) == (date(2026, 3, 31), 0)
    assert (found["SL"].due_on, found["SL"].days_late, found["SL"].words) == (date(2026, 1, 31), 30, "还没有编")
    assert (found["GA"].days_late, found["GA"].words) == (0, "2026-01-30 已公布")


def test_the_city_is_told_where_it_differs_from_the_sum_of_its_departments(filled: Database) -> None:
    with filled.transaction() as session:
        for organ, figure in (("GA", "5"), ("SL", "7"), (WHOLE_CITY, "11")):
            yearly_desk.save(session, 2025, organ, typed(licences=figure), who="clerk", today=TODAY, now=NOW)
            if organ:
                yearly_desk.publish(session, 2025, organ, who="boss", today=TODAY, now=NOW)
        (flaw,) = yearly_desk.draft(session, 2025, WHOLE_CITY, TODAY).flaws
    assert "填的是 11，已公布的 2 个部门相加是 12" in flaw.said
    assert not flaw.blocks


def test_the_word_file_has_six_parts_and_the_tables_of_the_form(filled: Database) -> None:
    report = made(filled, content=typed(licences="31"))
    assert report.typed.texts[Text.EVALUATION]
    document = Document(io.BytesIO(as_word(report)))
    headings = [one.text for one in document.paragraphs if one.style and one.style.name == "Heading 1"]
    assert headings == [part.heading for part in parts_of(report)]
    assert [heading[0] for heading in headings] == list("一二三四五六")
    own, requests, courts = document.tables
    assert own.rows[6].cells[0].text == "行政许可"
    assert {cell.text for cell in own.rows[6].cells[1:]} == {"31"}
    assert [cell.text for cell in requests.rows[3].cells][:4] == ["一、本年新收政府信息公开申请数量"] * 3 + ["3"]
    assert requests.rows[-1].cells[9].text == "1"
    assert [cell.text for cell in courts.rows[2].cells] == ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"] * 3
    assert document.paragraphs[-1].text == "云河市　2026年3月2日"
    assert any("通知 1 件，共 120 元；实际收取信息处理费 120 元" in one.text for one in document.paragraphs)
