import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.numerals import LARGEST, parse_numeral, with_digits


def written(number: int) -> str:
    """As a statute writes it: 十, 三十三, 一百零二, 一千二百六十."""
    text, skipped = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if skipped else "") + "零一二三四五六七八九"[digit] + name
        skipped = digit == 0 and bool(text)
    return text.removeprefix("一") if 10 <= number < 20 else text


@given(st.integers(min_value=1, max_value=LARGEST))
def test_what_is_written_is_read_back(number: int) -> None:
    assert parse_numeral(written(number)) == number


@given(st.integers(min_value=1, max_value=LARGEST))
def test_an_article_is_the_same_in_characters_and_in_digits(number: int) -> None:
    assert with_digits(f"依据第{written(number)}条") == with_digits(f"依据第{number}条") == f"依据第{number}条"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("三十三", 33),
        ("一百零二", 102),
        ("一百一十", 110),
        ("一千二百六十", 1260),
        ("二〇二六", 2026),
        ("两百", 200),
        ("33", 33),
    ],
)
def test_statutes_numerals_are_read(written: str, number: int) -> None:
    assert parse_numeral(written) == number


@pytest.mark.parametrize("text", ["", "条", "十百", "一二十", "百", "三十十"])
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a numeral"):
        parse_numeral(text)


@pytest.mark.parametrize(
    ("text", "unified"),
    [
        ("二十个工作日", "20个工作日"),
        ("满十六周岁", "满16周岁"),
        ("第一百二十条之一", "第120条之1"),
        ("第四章第二节", "第4章第2节"),
        ("一次性告知", "一次性告知"),
        ("统一个人账户", "统一个人账户"),
        ("千百年", "千百年"),
    ],
)
def test_only_what_counts_becomes_digits(text: str, unified: str) -> None:
    assert with_digits(text) == unified


@given(st.text(max_size=100))
def test_any_text_can_be_unified_and_once_is_enough(text: str) -> None:
    assert with_digits(with_digits(text)) == with_digits(text)
