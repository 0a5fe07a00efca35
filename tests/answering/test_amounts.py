"""A question of how much is not answered by a record that tells no amount."""

from __future__ import annotations

import pytest

from bot.answering.amounts import telling_the_amount
from bot.answering.service import Certainty, Decision
from bot.answering.units import Sort, Unit

RESULT = Unit(
    "item:MZ-003:result", "item:MZ-003", Sort.ITEM, "MZ-003", "低保", "确认通知，按月发低保金", facet="result"
)
FREE = Unit("item:MZ-003:fee", "item:MZ-003", Sort.ITEM, "MZ-003", "低保", "不收费 国家规定免收", facet="fee")
PASSAGE = Unit("doc:rules.md#14", "doc:rules.md", Sort.PASSAGE, "14", "低保细则", "低保金按差额发")
OVERVIEW = Unit("item:GA-002:overview", "item:GA-002", Sort.ITEM, "GA-002", "换领", "换一张新的", facet="overview")
FEE = Unit("item:GA-002:fee", "item:GA-002", Sort.ITEM, "GA-002", "换领", "20 元/证", facet="fee")


def sure(*considered: tuple[Unit, float]) -> Decision:
    return Decision(Certainty.SURE, (considered[0][0],), considered, 0.9, 0.95)


@pytest.mark.parametrize("text", ["低保每个月多少钱", "低保一个月能领多少", "低保标准是多少"])
def test_what_one_gets_is_not_told_by_a_record_without_an_amount(text: str) -> None:
    decision = telling_the_amount(sure((RESULT, 3.0), (FREE, 1.0), (PASSAGE, 0.8)), text)
    assert (decision.certainty, decision.units) == (Certainty.LIKELY, (PASSAGE,))


def test_an_offer_leaves_out_what_tells_no_amount_too() -> None:
    likely = Decision(Certainty.LIKELY, (FREE, PASSAGE), ((FREE, 3.0), (PASSAGE, 2.0)), 0.5, 0.9)
    assert telling_the_amount(likely, "低保一个月多少钱").units == (PASSAGE,)


def test_without_any_other_record_nothing_answers() -> None:
    decision = telling_the_amount(sure((RESULT, 3.0), (PASSAGE, -0.4)), "低保每个月多少钱")
    assert (decision.certainty, decision.units) == (Certainty.NONE, ())


def test_a_tax_is_no_fee_of_an_item() -> None:
    decision = telling_the_amount(sure((FREE, 3.0), (PASSAGE, 1.0)), "个体户要不要交税")
    assert decision.certainty is Certainty.NONE


def test_the_part_of_the_same_record_that_tells_the_amount_is_the_answer() -> None:
    decision = telling_the_amount(sure((OVERVIEW, 3.0), (FEE, 2.0)), "身份证折断了，换张新的几块钱")
    assert (decision.certainty, decision.units) == (Certainty.SURE, (FEE,))


@pytest.mark.parametrize(
    ("first", "text"),
    [
        (FREE, "办低保多少钱"),
        (FREE, "低保要钱吗"),
        (RESULT, "低保什么时候打卡"),
        (RESULT, "低保要多少天"),
        (FEE, "换证多少钱"),
    ],
)
def test_other_questions_keep_their_answer(first: Unit, text: str) -> None:
    decision = sure((first, 3.0), (PASSAGE, 1.0))
    assert telling_the_amount(decision, text) is decision
