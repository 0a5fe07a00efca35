"""What announces a letter and does not tell it yet."""

from __future__ import annotations

import pytest

from bot.letters.acts import COMPLAIN, PRAISE, REQUEST, SUGGEST
from bot.letters.announced import announced_act, is_about_what_was_told


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("想投诉", COMPLAIN),
        ("我想反映个问题", COMPLAIN),
        ("怎么投诉", COMPLAIN),
        ("提个建议", SUGGEST),
        ("我有意见", SUGGEST),
        ("我要表扬", PRAISE),
        ("给市长写信", REQUEST),
        ("我要求助", REQUEST),
        ("我要投诉物业乱收费", None),
        ("怎么投诉物业", None),
        ("举报有奖吗", None),
        ("结婚登记", None),
        ("想要" * 1000 + "吗", None),
        ("登记", None),
        ("打了没人管", COMPLAIN),
        ("我打过12345了,没人理", COMPLAIN),
        ("打了电话预约,没人接怎么办", None),
    ],
)
def test_a_bare_wish_announces_a_letter_and_one_that_says_what_of_does_not(text: str, act: str | None) -> None:
    assert announced_act(text) == act


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("记下来", True),
        ("那你帮我记一下", True),
        ("好的 记下来转办", True),
        ("登记", False),
        ("投诉", False),
        ("我要投诉他们", True),
        ("帮我举报这家店", True),
    ],
)
def test_what_was_told_before_is_handed_in(text: str, *, does: bool) -> None:
    assert is_about_what_was_told(text) == does
