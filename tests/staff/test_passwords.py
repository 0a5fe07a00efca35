"""Passwords that are easy to guess are refused, also by Chinese habits; others are accepted."""

from __future__ import annotations

import pytest

from bot.staff.guesses import guesses_log10
from bot.staff.passwords import PasswordRefused, require_good


@pytest.mark.parametrize(
    "password",
    [
        "woaini1314",
        "woaini5201314",
        "5201314520",
        "a123456789",
        "qwer1234qwer",
        "zhangwei1990",
        "Zhangwei@1990",
        "zhangxiaoming1990",
        "wangfang19900315",
        "19900315wangfang",
        "lixiaolong520",
        "ouyangnana2001",
        "13800138000",
        "110105199003151234",
        "1qaz2wsx3edc",
        "P@ssw0rd123",
        "ＰＡＳＳＷＯＲＤ１２３",
        "Admin@123456",
        "zhengwu2026",
        "yunhe12345",
        "abcabcabcabc",
        "8888886666669",
    ],
)
def test_words_names_dates_runs_and_wishes_are_refused_in_every_disguise(password: str) -> None:
    with pytest.raises(PasswordRefused, match="容易猜"):
        require_good(password, "clerk")


@pytest.mark.parametrize(
    "password",
    ["green tea at 7", "correct horse battery", "蓝天白云大海边的椰子", "x7Kp-m2Vq-9rTn", "jiubei-lvcha-xiake-7"],
)
def test_what_nobody_guesses_is_taken(password: str) -> None:
    require_good(password, "clerk")


def test_a_longer_password_of_the_same_kind_stands_more_guesses() -> None:
    assert guesses_log10("") == 0
    assert guesses_log10("zhang") < guesses_log10("zhangwei1990") < guesses_log10("zhangwei1990 kx9")
