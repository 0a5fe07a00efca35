"""The six parts of the yearly report in the order of the form, with their texts and tables."""

from __future__ import annotations

from dataclasses import dataclass

from bot.oversight import yearly_grids
from bot.oversight.typed import TEXT_TITLES, Text
from bot.oversight.yearly import WholeReport
from bot.oversight.yearly_grids import Grid


@dataclass(frozen=True)
class ReportPart:
    heading: str
    paragraphs: list[str]
    grid: Grid | None = None


def parts_of(report: WholeReport) -> list[ReportPart]:
    problems = _lines(report, Text.PROBLEMS)
    if report.is_of_city:
        problems += _lines(report, Text.EVALUATION)
    return [
        ReportPart(TEXT_TITLES[Text.OVERVIEW], _lines(report, Text.OVERVIEW)),
        ReportPart("二、主动公开政府信息情况", [], yearly_grids.own_figures(report)),
        ReportPart("三、收到和处理政府信息公开申请情况", [], yearly_grids.requests(report)),
        ReportPart("四、政府信息公开行政复议、行政诉讼情况", [], yearly_grids.contests(report)),
        ReportPart(TEXT_TITLES[Text.PROBLEMS], problems),
        ReportPart(TEXT_TITLES[Text.OTHER], [report.fee_sentence, *_lines(report, Text.OTHER)]),
    ]


def _lines(report: WholeReport, text: Text) -> list[str]:
    return [line.strip() for line in report.typed.texts[text].split("\n") if line.strip()]
