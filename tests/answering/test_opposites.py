"""A matter whose name says the opposite of what the message tells is not asserted."""

from __future__ import annotations

import pytest

from bot.answering.opposites import without_opposites
from bot.answering.service import Certainty, Decision
from bot.answering.units import Sort, Unit

FROM_OUTSIDE = Unit(
    "item:GA-007:overview", "item:GA-007", Sort.ITEM, "GA-007", "户口迁移审批(市外迁入) 是什么", "迁到云河市"
)
WITHIN = Unit(
    "absent:市内户口迁移", "absent:市内户口迁移", Sort.ABSENT, "市内户口迁移", "市内户口迁移", "", ("市内户口迁移",)
)
SURE = Decision(Certainty.SURE, (FROM_OUTSIDE,), ((FROM_OUTSIDE, 3.0),), 0.9, 0.95)


def decided(text: str) -> Decision:
    again = Decision(Certainty.LIKELY, (FROM_OUTSIDE, WITHIN), ((FROM_OUTSIDE, 2.0), (WITHIN, 1.0)), 0.5, 0.9)
    return without_opposites(SURE, text, lambda: "云河市", lambda _: again)


@pytest.mark.parametrize("text", ["小孩户口想迁到我名下,我跟他妈都是云河的", "市内迁户口怎么办"])
def test_what_the_message_says_the_opposite_of_gives_way(text: str) -> None:
    assert (decided(text).certainty, decided(text).units) == (Certainty.LIKELY, (WITHIN,))


def test_who_comes_for_the_second_time_is_not_told_of_the_first_one() -> None:
    first = Unit("item:GA-001:materials", "item:GA-001", Sort.ITEM, "GA-001", "居民身份证首次申领 材料", "带户口簿")
    again = Unit(
        "item:GA-002:materials", "item:GA-002", Sort.ITEM, "GA-002", "居民身份证换领 材料", "", ("换领身份证",)
    )
    sure = Decision(Certainty.SURE, (first,), ((first, 3.0),), 0.9, 0.95)
    found = Decision(Certainty.SURE, (again,), ((again, 3.0), (first, 1.0)), 0.9, 0.95)
    decided = without_opposites(sure, "小孩第二次办身份证要带什么", lambda: "云河市", lambda _: found)
    assert (decided.certainty, decided.units[0]) == (Certainty.LIKELY, again)


@pytest.mark.parametrize("text", ["户口怎么迁到云河", "老家户口迁到云河,父母都是云河的"])
def test_what_fits_stays_sure(text: str) -> None:
    assert decided(text) is SURE
