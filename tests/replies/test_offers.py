"""Answers that are only likely."""

from __future__ import annotations

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import ApprovalItem
from bot.replies.offers import LONGEST_OFFER, together
from bot.replies.reply import PERSON, Reply


def reply(text: str, outcome: Outcome = Outcome.ANSWERED_BY_RECORD) -> Reply:
    return Reply(
        text=text, outcome=outcome, about=ApprovalItem("GA-003", "身份证", "fee", {}), buttons=(PERSON, PERSON)
    )


def test_several_are_numbered_under_one_question() -> None:
    first, second = together([reply("甲"), reply("乙")])
    assert first.text == "下面哪条说的是您的情况？回复序号，给您细说。\n1. 甲"
    assert second.text == "2. 乙"


def test_one_alone_is_whole_and_still_only_an_offer() -> None:
    (only,) = together([reply("甲" * 300)])
    assert "甲" * 300 in only.text
    assert only.custom is not None
    assert only.custom["certainty"] == "likely"


def test_a_long_one_is_cut_at_a_line_and_keeps_its_source() -> None:
    long = "\n".join(["第一行" * 20, "第二行" * 30, "第三行" * 40, "来源：目录 GA-003"])
    first, _ = together([reply(long), reply("乙")])
    assert "第一行" in first.text
    assert "第三行" not in first.text
    assert first.text.endswith("来源：目录 GA-003")
    assert len(first.text) <= LONGEST_OFFER + 60
