"""What holds a letter back: many of one network, the same text, words of a list, links."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.tabular import ImportRejected
from bot.voices import holding
from bot.voices.holding import SHIPPED_WORDS, holds_of, words_in
from bot.voices.terms import HOLD_TITLES, Hold

LETTER = "幸福路小区东门的路灯坏了两个月，晚上出门看不见，请尽快修。"


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (LETTER, []),
        ("你们这帮傻逼，路灯两个月不修", [Hold.WORDS]),
        ("你们这帮傻 *逼*，路灯两个月不修", [Hold.WORDS]),
        ("加微信領取补贴", [Hold.WORDS]),
        ("详见 http://evil.example/a", [Hold.LINK]),
        ("详见 WWW.evil.Top", [Hold.LINK]),
        ("我在 https://www.gov.cn/zhengce 看到的政策", []),
        ("邻居在小区里刷单骗人，还说代开发票，请查处", []),
        ("你妈的医保怎么办", []),
    ],
)
def test_words_and_links_hold_a_letter_back(text: str, holds: list[Hold]) -> None:
    assert holds_of(text, is_often=False, is_same=False) == holds


def test_each_reason_is_told() -> None:
    assert holds_of(LETTER, is_often=True, is_same=True) == [Hold.OFTEN, Hold.SAME]
    assert set(HOLD_TITLES) == set(Hold)


def test_a_city_adds_words_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "words.csv"
    own.write_text("词,说明\n特价酒水,广告\n", encoding="utf-8")
    assert holding._held_words(own) == words_in(SHIPPED_WORDS) | {"特价酒水"}


def test_a_file_that_cannot_be_used_keeps_nobody_from_writing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    own = tmp_path / "words.csv"
    own.write_text("词\n酒\n", encoding="utf-8")
    with pytest.raises(ImportRejected):
        words_in(own)
    assert holding._held_words(own) == words_in(SHIPPED_WORDS)
    assert "HELD_WORDS_FILE" in caplog.text
