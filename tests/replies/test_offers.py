"""Answers that are only likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import ApprovalItem
from bot.replies.offers import LONGEST_OFFER, together
from bot.replies.reply import PERSON, Reply


def reply(text: str, outcome: Outcome = Outcome.ANSWERED_BY_RECORD) -> Reply:
    return Reply(
        text=text, outcome=outcome, about=ApprovalItem("GA-003", "身份证", "fee", {}), buttons=(PERSON, PERSON)
    )


def none_fits(_: str, __: object) -> list[str]:
    return []


def test_several_are_numbered_under_one_question() -> None:
    first, second = together([reply("甲"), reply("乙")], none_fits)
    assert first.text == "您问的是不是下面这几点？回复序号，给您细说。\n1. 甲"
    assert second.text == "2. 乙"


def test_one_alone_is_whole_and_still_only_an_offer() -> None:
    (only,) = together([reply("甲" * 300)], none_fits)
    assert "甲" * 300 in only.text
    assert only.custom is not None
    assert only.custom["certainty"] == "likely"


def test_a_long_one_is_cut_at_a_line_and_keeps_its_source() -> None:
    long = "\n".join(["第一行" * 20, "第二行" * 30, "第三行" * 40, "来源：目录 GA-003"])
    first, _ = together([reply(long), reply("乙")], none_fits)
    assert "第一行" in first.text
    assert "第三行" not in first.text
    assert first.text.endswith("来源：目录 GA-003")
    assert len(first.text) <= LONGEST_OFFER + 60


def test_of_a_long_list_the_lines_that_fit_the_question_are_shown() -> None:
    lines = ["条件是：", "1. 有经营场所" * 12, "2. 学校周边不得设置", "3. 有资金" * 12, "来源：目录 GA-003"]
    long = replace(reply("\n".join(lines)), about=ApprovalItem("GA-003", "许可证", "conditions", {}))
    asked: list[str] = []

    def fitting(title: str, told: Sequence[str]) -> list[str]:
        asked.append(title)
        return [line for line in told if "学校" in line]

    first, _ = together([long, reply("乙")], fitting)
    assert first.text.split("\n")[1:] == ["1. 条件是：", "学校周边不得设置", "……", "来源：目录 GA-003"]
    assert asked == ["条件是："]


def test_it_is_asked_which_part_is_meant_only_where_all_are_of_one_record() -> None:
    other = replace(reply("乙"), about=ApprovalItem("GA-004", "护照", "fee", {}))
    first, _ = together([reply("甲"), other], none_fits)
    assert first.text.startswith("下面哪条说的是您的情况？")
