"""The bulletin on disclosure work (公开工作通报) of a quarter or year: figures in sentences and a table, no judgement.

What is right to praise or to criticise (通报批评, 条例 art. 47) is for people to say; the file is theirs to edit.
"""

from __future__ import annotations

from datetime import datetime

from bot.figures.bulletin import Bulletin, BulletinPart
from bot.figures.tables import Table
from bot.figures.word import add_part, new_document, saved
from bot.oversight.assessment import COLUMNS, OrganAssessment, as_table
from bot.oversight.scoring import Fault
from bot.workdays import CHINA


def bulletin(made: OrganAssessment, city: str, at: datetime) -> Bulletin:
    total = made.total
    until = f"，数字到 {made.until}，本期还没有结束" if made.until < made.period.days.last_on else ""
    return Bulletin(
        title=f"{city}政府信息公开工作通报（{made.period}）",
        note=f"{at.astimezone(CHINA):%Y-%m-%d %H:%M} 由系统记录统计{until}。",
        parts=[
            BulletinPart("依申请公开", _requests(total)),
            BulletinPart("行政复议、行政诉讼", _contests(total)),
            BulletinPart("投诉举报和整改", _oversight(total)),
            BulletinPart("主动公开和年度报告", _published(total)),
            BulletinPart("各机关情况", [], table=as_short_table(made)),
        ],
    )


def as_word(written: Bulletin, at: datetime) -> bytes:
    document = new_document(written.title, at)
    document.add_paragraph(written.note)
    for part in written.parts:
        add_part(document, part, [part.table] if part.table else [])
    return saved(document)


def as_short_table(made: OrganAssessment) -> Table | None:
    """The columns in which anything happened, so that the table fits on paper."""
    whole, total = as_table(made), made.total
    kept = [0, *(place for place, key in enumerate(COLUMNS, start=1) if total[key]), len(COLUMNS) + 1]
    rows = [tuple(row[place] for place in kept) for row in whole.rows]
    return Table(whole.name, "各机关情况", tuple(whole.columns[place] for place in kept), rows) if rows else None


def _requests(total: dict[str, int]) -> list[str]:
    if not total["received"] and not total["answered"]:
        return ["本期没有收到也没有答复政府信息公开申请。"]
    said = [
        f"本期收到申请 {total['received']} 件，答复 {total['answered']} 件，"
        f"其中按时 {total['on_time']} 件，迟答 {total[Fault.LATE]} 件。"
    ]
    if total["extended"]:
        said.append(f"依法延长期限 {total['extended']} 件。")
    if total[Fault.OVERDUE]:
        said.append(f"期末逾期没有答复 {total[Fault.OVERDUE]} 件。")
    return said


def _contests(total: dict[str, int]) -> list[str]:
    return [f"本期复议结果纠正 {total[Fault.CORRECTED]} 件，诉讼结果纠正 {total[Fault.LOST]} 件。"]


def _oversight(total: dict[str, int]) -> list[str]:
    return [
        f"本期投诉举报查证属实或者部分属实 {total[Fault.UPHELD]} 件。",
        f"本期发出整改通知 {total['orders']} 件，期末逾期没有整改 {total[Fault.ORDERS_OVERDUE]} 件。",
    ]


def _published(total: dict[str, int]) -> list[str]:
    said = [f"本期到期的主动公开信息，迟公开或者没有公开 {total[Fault.UNPUBLISHED]} 件。"]
    if total[Fault.REPORT_LATE]:
        said.append(f"年度报告没有按期公布的机关 {total[Fault.REPORT_LATE]} 个。")
    return said
