"""Things are found by a part of their name, whichever way it is written."""

from __future__ import annotations

from bot.search.names import Names

NAMES = Names(
    [("GA-002", 2), ("居民身份证换领", 2), ("GA-003", 3), ("居民身份证补领", 3), ("身份证补办", 3), ("Ａ股开户", 4)]
)


def test_what_contains_the_text_is_found_once_and_in_order() -> None:
    assert NAMES.containing("身份证") == [2, 3]
    assert NAMES.containing("補領") == [3]
    assert NAMES.containing("ga 00") == [2, 3]
    assert NAMES.containing("a股") == [4]


def test_a_whole_name_is_told_apart() -> None:
    assert NAMES.exactly("身份证补办") == [3]
    assert NAMES.exactly("ga-002。") == [2]
    assert NAMES.exactly("身份证") == []


def test_a_text_without_letters_and_figures_names_nothing() -> None:
    assert NAMES.containing("，。") == NAMES.exactly("") == []
