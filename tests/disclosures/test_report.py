from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue.models import Department
from bot.db import Database
from bot.disclosures import reasons
from bot.disclosures.history import flaw_in
from bot.disclosures.models import Request
from bot.disclosures.reasons import RESULTS, ReportRow
from bot.disclosures.report import (
    KINDS,
    AnnualReport,
    ReasonsMissing,
    SumsDisagree,
    YearNotBegun,
    annual_report,
    count_requests,
)
from bot.disclosures.report_tables import as_csv, as_text, as_xlsx, form, title
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Reason, Step
from tests.oversight.register import request

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 25)
ANSWER = Step(Kind.ANSWERED, date(2026, 3, 10), outcome=Decision.GRANTED)


def whole_year(requests: Sequence[Request], year: int) -> AnnualReport:
    return count_requests(requests, year, date(year, 12, 31))


def counted(report: AnnualReport) -> dict[ReportRow, int]:
    """Rows that are not zero, all applicants together."""
    return {row: report.figures(row)[-1] for row in ReportRow if report.figures(row)[-1]}


def test_a_request_is_new_when_received_and_finished_when_answered() -> None:
    one = request(1, date(2025, 12, 20), Step(Kind.ANSWERED, date(2026, 1, 9), outcome=Decision.GRANTED))
    assert counted(whole_year([one], 2025)) == {ReportRow.NEW: 1, ReportRow.CARRIED_OUT: 1}
    assert counted(whole_year([one], 2026)) == {ReportRow.CARRIED_IN: 1, ReportRow.GRANTED: 1, ReportRow.TOTAL: 1}
    assert counted(whole_year([one], 2027)) == {}


def test_a_request_is_given_up_on_the_day_after_its_supplement_was_due() -> None:
    asked = Step(Kind.SUPPLEMENT_REQUESTED, date(2025, 12, 12), respond_by=date(2025, 12, 31))
    one = request(1, date(2025, 12, 10), asked)
    assert counted(whole_year([one], 2025)) == {ReportRow.NEW: 1, ReportRow.CARRIED_OUT: 1}
    assert counted(whole_year([one], 2026)) == {ReportRow.CARRIED_IN: 1, ReportRow.NO_SUPPLEMENT: 1, ReportRow.TOTAL: 1}


def test_a_supplement_that_comes_late_but_in_the_year_lets_the_answer_count() -> None:
    asked = Step(Kind.SUPPLEMENT_REQUESTED, date(2026, 1, 12), respond_by=date(2026, 1, 30))
    one = request(1, date(2026, 1, 8), asked, Step(Kind.SUPPLEMENT_RECEIVED, date(2026, 2, 10)), ANSWER)
    assert counted(whole_year([one], 2026)) == {ReportRow.NEW: 1, ReportRow.GRANTED: 1, ReportRow.TOTAL: 1}


def test_what_last_years_report_counted_as_given_up_is_not_counted_again() -> None:
    asked = Step(Kind.SUPPLEMENT_REQUESTED, date(2025, 11, 12), respond_by=date(2025, 11, 28))
    one = request(1, date(2025, 11, 10), asked, Step(Kind.SUPPLEMENT_RECEIVED, date(2026, 2, 10)), ANSWER)
    assert counted(whole_year([one], 2025)) == {ReportRow.NEW: 1, ReportRow.NO_SUPPLEMENT: 1, ReportRow.TOTAL: 1}
    assert counted(whole_year([one], 2026)) == {}


def test_applicants_stand_in_the_columns_of_the_form() -> None:
    requests = [request(n, date(2026, 2, 10), ANSWER, kind=kind) for n, kind in enumerate(ApplicantKind, 1)]
    report = whole_year([*requests, request(9, date(2026, 2, 10))], 2026)
    assert report.figures(ReportRow.NEW) == (2, 1, 1, 1, 1, 1, 7)
    assert report.figures(ReportRow.GRANTED) == (1, 1, 1, 1, 1, 1, 6)
    assert report.figures(ReportRow.CARRIED_OUT) == (1, 0, 0, 0, 0, 0, 1)


def test_sums_that_disagree_are_refused() -> None:
    nothing = (0,) * len(KINDS)
    one = (1, *nothing[1:])
    with pytest.raises(SumsDisagree, match=r"natural_person: 1 [+] 0 is not 0 [+] 0"):
        AnnualReport(2026, TODAY, None, {**dict.fromkeys(ReportRow, nothing), ReportRow.NEW: one})
    with pytest.raises(SumsDisagree, match="do not add up"):
        AnnualReport(2026, TODAY, None, {**dict.fromkeys(ReportRow, nothing), ReportRow.GRANTED: one})


def test_an_old_answer_without_a_reason_is_named_not_guessed() -> None:
    refused = Step(Kind.ANSWERED, date(2026, 3, 10), outcome=Decision.REFUSED)
    requests = [request(1, date(2026, 2, 10), refused), request(2, date(2026, 2, 10), ANSWER)]
    with pytest.raises(ReasonsMissing) as missing:
        whole_year(requests, 2026)
    assert missing.value.receipts == ["XXGK-2026-000001"]
    # Another year does not need it.
    assert counted(whole_year(requests, 2027)) == {}


def test_a_running_year_is_told_up_to_today_and_one_ahead_not_at_all(database: Database) -> None:
    with database.transaction() as session:
        water = Department(code="SL", name="水利局", short_names=[], phone="1")
        session.add_all([water, Department(code="JY", name="教育局", short_names=[], phone="2")])
        session.flush()
        later = Step(Kind.ANSWERED, date(2026, 12, 1), outcome=Decision.GRANTED)
        session.add_all(
            [
                request(1, date(2026, 11, 20), later),
                request(2, date(2026, 12, 1)),
                request(3, date(2026, 2, 10), ANSWER, department="JY"),
            ]
        )
    with database.transaction() as session:
        report = annual_report(session, 2026, TODAY)
        assert counted(report) == {ReportRow.NEW: 2, ReportRow.GRANTED: 1, ReportRow.TOTAL: 1, ReportRow.CARRIED_OUT: 1}
        assert title(report).endswith("（截至 2026-11-25，本年未结束，第四项是在办件数）")
        ours = annual_report(session, 2026, date(2027, 1, 4), water)
        assert counted(ours) == {ReportRow.NEW: 2, ReportRow.GRANTED: 1, ReportRow.TOTAL: 1, ReportRow.CARRIED_OUT: 1}
        assert title(ours) == "水利局 2026年收到和处理政府信息公开申请情况"
        with pytest.raises(YearNotBegun):
            annual_report(session, 2027, TODAY)


@st.composite
def histories(draw: st.DrawFn) -> Request:
    """A request with whatever the law lets happen to it, received in 2024 to 2026."""
    received_on = date(2024, 1, 1) + timedelta(draw(st.integers(0, 3 * 365)))
    steps = [Step(Kind.RECEIVED, received_on)]
    on = received_on
    for number in range(draw(st.integers(0, 6))):
        on += timedelta(draw(st.integers(0, 90)))
        kind = draw(st.sampled_from(Kind))
        outcome = draw(st.sampled_from(Decision)) if kind == Kind.ANSWERED else None
        allowed = reasons.ALLOWED[outcome] if outcome else ()
        step = reasons.with_reason(
            Step(
                kind,
                on,
                respond_by=on + timedelta(draw(st.integers(0, 60))) if kind == Kind.SUPPLEMENT_REQUESTED else None,
                working_days=draw(st.integers(1, 20)) if kind == Kind.EXTENDED else None,
                party=draw(st.sampled_from(Party)) if kind == Kind.CONSULTATION_STARTED else None,
                consultation_id=str(number) if kind == Kind.CONSULTATION_STARTED else None,
                outcome=outcome,
                reason=draw(st.sampled_from(allowed)) if allowed else None,
            )
        )
        if flaw_in(steps, step) is None:
            assert reasons.flaw_in(step) is None
            steps.append(step)
    return request(1, received_on, *steps[1:], kind=draw(st.sampled_from(ApplicantKind)))


@settings(max_examples=200)
@given(st.lists(histories(), max_size=8))
def test_whatever_happens_the_sums_agree_and_each_request_counts_once(requests: list[Request]) -> None:
    reports = [whole_year(requests, year) for year in range(2023, 2030)]
    for report, following in pairwise(reports):
        assert report.figures(ReportRow.CARRIED_OUT) == following.figures(ReportRow.CARRIED_IN)
    for report in reports:
        new, carried_in, total, carried_out = (
            report.figures(row) for row in (ReportRow.NEW, ReportRow.CARRIED_IN, ReportRow.TOTAL, ReportRow.CARRIED_OUT)
        )
        for column in range(len(KINDS) + 1):
            assert new[column] + carried_in[column] == total[column] + carried_out[column]
            assert total[column] == sum(report.figures(row)[column] for row in RESULTS)
    assert sum(report.figures(ReportRow.NEW)[-1] for report in reports) == len(requests)
    finished = sum(report.figures(ReportRow.TOTAL)[-1] for report in reports)
    assert finished + reports[-1].figures(ReportRow.CARRIED_OUT)[-1] == len(requests)


@settings(max_examples=30)
@given(st.lists(histories(), max_size=4), st.integers(0, 364))
def test_the_sums_agree_on_every_day_of_a_running_year(requests: list[Request], day: int) -> None:
    until = date(2025, 1, 1) + timedelta(day)
    received = [one for one in requests if one.received_on.year == 2025 and one.received_on <= until]
    assert count_requests(requests, 2025, until).figures(ReportRow.NEW)[-1] == len(received)


SOME = [
    request(1, date(2026, 2, 10), ANSWER),
    request(
        2,
        date(2026, 2, 11),
        Step(Kind.ANSWERED, date(2026, 3, 2), outcome=Decision.REFUSED, reason=Reason.CLASSIFIED),
        kind=ApplicantKind.LEGAL_SERVICE,
    ),
]


def test_the_form_words_every_row_and_column_in_order() -> None:
    assert list(form().rows) == list(ReportRow)
    assert len(form().columns) == len(KINDS) + 1
    assert all(len(labels) <= len(form().headings) for labels in form().rows.values())
    assert form().rows[ReportRow.SAFETY_AND_STABILITY][1:] == ("（三）不予公开", "3.危及“三安全一稳定”")


def test_the_text_table_stands_in_straight_columns() -> None:
    lines = as_text(whole_year(SOME, 2026)).splitlines()
    wide = lambda line: sum(2 if ord(character) > 0x2E80 else 1 for character in line)  # noqa: E731
    with_figures = [line for line in lines if line.endswith(("0", "1", "2"))]
    assert len(with_figures) == len(ReportRow)
    assert len({wide(line) for line in with_figures} | {wide(next(line for line in lines if "自然人" in line))}) == 1
    assert "四、结转下年度继续办理" in lines[-3]


def test_the_csv_opens_in_excel_and_holds_the_same_figures() -> None:
    report = whole_year(SOME, 2026)
    assert as_csv(report).startswith("\ufeff")
    head, *rows = csv.reader(io.StringIO(as_csv(report).removeprefix("\ufeff")))
    assert head[:4] == ["项目", "情形", "细目", "自然人"]
    assert head[-2:] == ["法人或其他组织：其他", "总计"]
    assert [tuple(map(int, row[3:])) for row in rows] == [report.figures(row) for row in ReportRow]


def test_the_workbook_has_the_shape_of_the_printed_form() -> None:
    report = whole_year(SOME, 2026)
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(report))).active
    assert sheet["A1"].value == "2026年收到和处理政府信息公开申请情况"
    assert {"E3:I3", "A7:A28", "B9:B16", "B20:B24"} <= {str(merged) for merged in sheet.merged_cells.ranges}
    figures = [tuple(cell.value for cell in row) for row in sheet.iter_rows(5, 4 + len(ReportRow), 4, 4 + len(KINDS))]
    assert figures == [report.figures(row) for row in ReportRow]
