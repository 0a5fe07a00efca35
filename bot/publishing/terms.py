"""The fixed words of publishing: subjects with their article, how often, kinds of places and tasks, outcomes."""

from __future__ import annotations

from enum import StrEnum

REGULATION = "《政府信息公开条例》"
# The term of art. 26 of the 条例, in working days from the day on which the information was made or changed.
WORKING_DAYS = 20
TERM_BASIS = f"{REGULATION}第二十六条"


def _regulation(article: str) -> str:
    return f"{REGULATION}第{article}"


# Subject → the article of the 条例 that has it published.
SUBJECTS = {
    "规范性文件": _regulation("二十条第一项"),
    "领导信息": _regulation("二十条第二项"),
    "机构职能": _regulation("二十条第二项"),
    "规划计划": _regulation("二十条第三项"),
    "统计信息": _regulation("二十条第四项"),
    "行政许可和对外管理服务": _regulation("二十条第五项"),
    "行政处罚和行政强制": _regulation("二十条第六项"),
    "财政预算决算": _regulation("二十条第七项"),
    "行政事业性收费": _regulation("二十条第八项"),
    "政府集中采购": _regulation("二十条第九项"),
    "重大建设项目": _regulation("二十条第十项"),
    "民生政策": _regulation("二十条第十一项"),
    "突发事件应对": _regulation("二十条第十二项"),
    "监督检查": _regulation("二十条第十三项"),
    "公务员招考": _regulation("二十条第十四项"),
    "其他法定公开": _regulation("二十条第十五项"),
    "地方重点公开": _regulation("二十一条"),
    "公众利益和决策参与": _regulation("十九条"),
    "公开指南和目录": _regulation("十二条"),
    "公开年度报告": _regulation("四十九条"),
    "依申请转主动公开": _regulation("四十四条"),
}
FROM_REQUESTS = "依申请转主动公开"
YEARLY_REPORTS = "公开年度报告"


class TermUnit(StrEnum):
    WORKING_DAYS = "工作日"
    DAYS = "日"


class Frequency(StrEnum):
    """How often an organ has to publish something of a kind."""

    ONCE = "一次"
    CHANGE = "每次变更"
    MONTH = "每月"
    QUARTER = "每季度"
    YEAR = "每年"


class TaskKind(StrEnum):
    """`LATE`: entered, and not published in time. `MISSING`: nothing was entered that the table demands."""

    LATE = "late"
    MISSING = "missing"


class CorrectionOutcome(StrEnum):
    """How a request for correction ends (条例 art. 41)."""

    CORRECTED = "corrected"
    REFUSED = "refused"
    PASSED_ON = "passed_on"
    DIRECTED = "directed"


CORRECTION_TITLES = {
    CorrectionOutcome.CORRECTED: "予以更正",
    CorrectionOutcome.REFUSED: "不予更正",
    CorrectionOutcome.PASSED_ON: "已转送有权更正的机关",
    CorrectionOutcome.DIRECTED: "请向有权更正的机关提出",
}
# Outcomes that name another agency.
ELSEWHERE = frozenset({CorrectionOutcome.PASSED_ON, CorrectionOutcome.DIRECTED})
CORRECTION_BASIS = _regulation("四十一条")


class ProposalKind(StrEnum):
    """`ALIKE`: several applicants asked for the same (条例 art. 44, para. 1). `SUGGESTED`: an applicant suggests it
    (art. 44, para. 2)."""

    ALIKE = "alike"
    SUGGESTED = "suggested"


PROPOSAL_BASIS = {
    ProposalKind.ALIKE: _regulation("四十四条第一款"),
    ProposalKind.SUGGESTED: _regulation("四十四条第二款"),
}
