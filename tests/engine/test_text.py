import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from bot.language.text import normalise, simplified


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("我想辦護照", "我想办护照"),
        ("吵得睡不著", "吵得睡不着"),
        ("甚麼證", "什么证"),
        ("軟著登記", "软著登记"),
        ("ＸＸＧＫ－２０２６－０００１２３", "xxgk-2026-000123"),
        ("身 份 证 丢 了", "身份证丢了"),
        ("身份证 补办", "身份证补办"),
        ("房东不给开发票 能提公积金吗", "房东不给开发票,能提公积金吗"),
        ("户口本丢了 我人在外地", "户口本丢了,我人在外地"),
        ("办办办办护照", "办护照"),
        ("多少钱？？？", "多少钱?"),
        ("你好😀😀", "你好"),
        ("\u200b护\u200b照\ufeff", "护照"),
        ("0001110000", "0001110000"),
        ("二零二六零零零一二三", "二零二六零零零一二三"),
        ("  \n\t ", ""),
        ("第①项", "第1项"),
    ],
)
def test_the_many_ways_of_typing_become_one(typed: str, seen: str) -> None:
    assert normalise(typed) == seen


@given(st.text(max_size=100))
def test_what_is_normal_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(st.sampled_from("瞭解反覆答復沈默藉口身份證身份证辦理办理乾坤干麵後后裏里abc，"), max_size=12))
def test_a_text_is_simplified_as_by_the_conversion_of_all_of_it(text: str) -> None:
    assert simplified(text) == OpenCC("t2s").convert(text)
