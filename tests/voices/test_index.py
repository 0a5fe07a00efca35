"""Which published letters are about the same as a question."""

from __future__ import annotations

import pytest

from bot.voices.index import is_about_same

LAMP = ("小区门口路灯不亮", "幸福路小区东门的路灯坏了两个月，晚上出门看不见，请尽快修。")
BUS = ("建议增加早高峰公交班次", "12路公交早上七点半到八点半太挤，等二十分钟才来一辆，建议加车。")


@pytest.mark.parametrize(
    ("text", "letter", "is_same"),
    [
        ("路灯坏了没人修", LAMP, True),
        ("我们小区门口的路灯不亮了", LAMP, True),
        ("12路公交太挤了能不能加车", BUS, True),
        ("公交卡怎么办", BUS, False),
        ("小区", LAMP, False),
        ("小区停水了怎么办", LAMP, False),
        ("你好", LAMP, False),
        ("", LAMP, False),
        ("路灯坏了没人修", ("？", ""), False),
    ],
)
def test_a_letter_is_about_the_same_if_it_tells_what_is_asked(
    text: str, letter: tuple[str, str], is_same: bool
) -> None:
    assert is_about_same(text, *letter) is is_same
