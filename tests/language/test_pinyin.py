"""How Chinese sounds, where a character has more than one sound."""

import pytest

from bot.language.pinyin import first_letters, syllables


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("银行卡", "yin hang ka"),
        ("工商行政", "gong shang xing zheng"),
        ("长期照护", "chang qi zhao hu"),
        ("校长", "xiao zhang"),
        ("公积金提前还款", "gong ji jin ti qian huan kuan"),
        ("还没收到", "hai mei shou dao"),
        ("首都", "shou du"),
        ("个人参加医保", "ge ren can jia yi bao"),
        ("A4纸", "A4 zhi"),
    ],
)
def test_a_character_sounds_as_in_its_word(text: str, spoken: str) -> None:
    assert syllables(text) == spoken.split()


def test_the_first_letters_of_what_is_said() -> None:
    assert first_letters("身份证") == "sfz"
    assert first_letters("长沙银行") == "csyh"
