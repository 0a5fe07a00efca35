"""The questions of a request, as they are read on a telephone."""

from __future__ import annotations

from bot.catalogue.models import Department
from bot.disclosures.answers import Field
from bot.disclosures.draft import Draft
from bot.replies.filing import ask, help_with, not_understood, receipt_again

DEPARTMENTS = {
    code: Department(code=code, name=name, short_names=[], phone="")
    for code, name in (("CG", "城市管理局"), ("JY", "教育局"))
}
UNSURE = Draft({Field.INFORMATION: "2025年停车场建设计划"}, Field.DEPARTMENT)


def test_all_departments_are_numbered_in_one_line_where_none_stands_out() -> None:
    assert "1 城市管理局、2 教育局" in ask(UNSURE, DEPARTMENTS).text
    assert ask(UNSURE, DEPARTMENTS).buttons == ()


def test_the_list_is_not_sent_again_with_every_misunderstanding_but_on_request() -> None:
    again = not_understood(UNSURE, "no_department", DEPARTMENTS).text
    assert "城市管理局" not in again
    assert "帮助" in again
    assert "1 城市管理局、2 教育局" in help_with(UNSURE, DEPARTMENTS).text


def test_the_receipts_of_a_conversation_are_told_newest_first() -> None:
    told = receipt_again(["XXGK-2026-000001", "XXGK-2026-000002"], "12345").text.splitlines()
    assert told[1:3] == ["回执号：XXGK-2026-000002", "回执号：XXGK-2026-000001"]
    assert "不能再给" in told[-1]
