"""English and pinyin become the words that the search knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.romanised import Romanised, Understood

pytestmark = pytest.mark.slow

ROMANISED = Romanised(
    ["居住证", "居住证签注", "居住证补领", "身份证", "身份证补领", "身份证换领", "营业执照注销", "户口迁移", "公积金"]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("how much is a passport?", "护照多少钱"),
        ("Where can I renew my driver\u2019s license", "驾驶证换领在哪里办"),
        ("what documents do I need to register a company", "公司设立登记要什么材料"),
        ("how to apply for 居住证", "居住证怎么办"),
    ],
)
def test_an_english_question_becomes_what_it_names(typed: str, meant: str) -> None:
    assert ROMANISED.in_chinese(typed) == Understood(meant, "english")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("shenfenzheng diule zenmeban", "身份证丢了怎么办"),
        ("shen fen zheng diu le zen me ban", "身份证丢了怎么办"),
        ("HUKOU QIANYI yao duo jiu", "户口迁移要多久"),
        ("yingye zhizhao zhuxiao", "营业执照注销"),
        ("sfz丢了", "身份证丢了"),
        ("sfz diu le", "身份证丢了"),
        ("SFZ", "身份证"),
        ("我的sfz和jzz都要换", "我的身份证和居住证都要换"),
    ],
)
def test_pinyin_becomes_the_words_of_that_sound(typed: str, meant: str) -> None:
    assert ROMANISED.in_chinese(typed) == Understood(meant, "pinyin")


@pytest.mark.parametrize(
    "typed", ["身份证丢了", "XXGK-2026-000123", "K7M2-9QXD", "ok", "asdfgh", "a@b.com", "John Smith", "", "ems"]
)
def test_what_is_chinese_a_code_or_no_language_of_ours_stays(typed: str) -> None:
    assert ROMANISED.in_chinese(typed) is None


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    understood = ROMANISED.in_chinese(text)
    assert understood is None or understood.text
