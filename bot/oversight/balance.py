"""Checks the sums of a yearly report, and that nothing is missing. What is wrong is named with row and column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bot.disclosures.reasons import RESULTS, ReportRow
from bot.disclosures.report_tables import form
from bot.oversight.contests import KIND_TITLES
from bot.oversight.typed import FIGURE_TITLES, TEXT_TITLES, Figure, Text
from bot.oversight.yearly import WholeReport

_PART_THREE, _PART_FOUR = "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况"
_PART_TWO = "二、主动公开政府信息情况"
_KINDS_OF_RULE = {
    "规章": (Figure.RULES_MADE, Figure.RULES_REPEALED, Figure.RULES_IN_FORCE),
    "行政规范性文件": (Figure.NORMS_MADE, Figure.NORMS_REPEALED, Figure.NORMS_IN_FORCE),
}


@dataclass(frozen=True)
class Imbalance:
    """`blocks`: the report cannot be published with it; else it may have a good reason, and is only told."""

    part: str
    said: str
    blocks: bool = True

    def __str__(self) -> str:
        return f"{self.part}：{self.said}"


def flaws_of(report: WholeReport, previous: WholeReport | None = None) -> list[Imbalance]:
    """`previous`: the report of the year before, as it was published, if it was."""
    return [
        *_missing(report),
        *_own_figures(report, previous),
        *_requests(report),
        *(_carried(report, previous) if previous else ()),
        *_contests(report),
    ]


def _missing(report: WholeReport) -> Iterator[Imbalance]:
    needed = [Text.OVERVIEW, Text.PROBLEMS, *([Text.EVALUATION] if report.is_of_city else [])]
    for text in needed:
        if not report.typed.texts[text]:
            yield Imbalance(TEXT_TITLES[text], "还没有写")
    for figure in Figure:
        if not report.typed.figures[figure]:
            yield Imbalance(_PART_TWO, f"“{FIGURE_TITLES[figure]}”还没有填，没有的填 0")
    if report.is_running:
        yield Imbalance("报告年度", f"{report.year} 年还没有结束，数字只到 {report.until}")


def _own_figures(report: WholeReport, previous: WholeReport | None) -> Iterator[Imbalance]:
    """What is in force now is what was in force a year ago, and what was made, less what was repealed."""
    for title, (made, repealed, in_force) in _KINDS_OF_RULE.items():
        now = report.typed.figures
        if previous is None or not all(now[figure] for figure in (made, repealed, in_force)):
            continue
        before = previous.typed.figures[in_force] or "0"
        expected = int(before) + int(now[made]) - int(now[repealed])
        if expected != int(now[in_force]):
            said = (
                f"“{title}”行：上年现行有效 {before} 件，加本年制发 {now[made]} 件，减本年废止 {now[repealed]} 件，"
                f"应为 {expected} 件，“现行有效件数”列填的是 {now[in_force]} 件"
            )
            yield Imbalance(_PART_TWO, said, blocks=False)


def _requests(report: WholeReport) -> Iterator[Imbalance]:
    columns = [column.label for column in form().columns]
    for place, column in enumerate(columns):
        figures = {row: report.requests[row][place] for row in ReportRow}
        if figures[ReportRow.TOTAL] != sum(figures[row] for row in RESULTS):
            added = sum(figures[row] for row in RESULTS)
            said = f"“{column}”列：“（七）总计”行是 {figures[ReportRow.TOTAL]}，各种办理结果相加是 {added}"
            yield Imbalance(_PART_THREE, said)
        came, left = (
            figures[ReportRow.NEW] + figures[ReportRow.CARRIED_IN],
            figures[ReportRow.TOTAL] + figures[ReportRow.CARRIED_OUT],
        )
        if came != left:
            said = f"“{column}”列：第一项加第二项是 {came}，第三项总计加第四项是 {left}，应当相等"
            yield Imbalance(_PART_THREE, said)
    for row in ReportRow:
        *parts, total = report.requests[row]
        if sum(parts) != total:
            yield Imbalance(
                _PART_THREE, f"“{form().rows[row][-1]}”行：各类申请人相加是 {sum(parts)}，“总计”列是 {total}"
            )


def _carried(report: WholeReport, previous: WholeReport) -> Iterator[Imbalance]:
    """What the published report of last year carried out is what this year carries in."""
    for place, column in enumerate(form().columns):
        now, before = report.requests[ReportRow.CARRIED_IN][place], previous.requests[ReportRow.CARRIED_OUT][place]
        if now != before:
            said = (
                f"“上年结转”行“{column.label}”列是 {now}，{previous.year} 年公布的报告“结转下年度”是 {before}，"
                "应当相等，不等的请核实"
            )
            # A request may have passed to another department meanwhile, so this is only told.
            yield Imbalance(_PART_THREE, said, blocks=False)


def _contests(report: WholeReport) -> Iterator[Imbalance]:
    for kind, (*parts, total) in report.contests.items():
        if sum(parts) != total:
            yield Imbalance(_PART_FOUR, f"“{KIND_TITLES[kind]}”：各种结果相加是 {sum(parts)}，“总计”是 {total}")


def sums_of_organs(report: WholeReport, organs: list[WholeReport]) -> list[Imbalance]:
    """What the report of the city has of part two, beside the sum of its organs' published reports (only told)."""
    found = []
    for figure in Figure:
        own = report.typed.figures[figure]
        total = sum((Decimal(one.typed.figures[figure] or 0) for one in organs), Decimal())
        if own and organs and Decimal(own) != total:
            said = f"“{FIGURE_TITLES[figure]}”填的是 {own}，已公布的 {len(organs)} 个部门相加是 {total}"
            found.append(Imbalance(_PART_TWO, said, blocks=False))
    return found
