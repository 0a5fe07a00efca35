"""What is typed is completed: Chinese, pinyin, first letters, mixed, and never by what it does not say."""

from __future__ import annotations

import pytest

from bot.search.type_ahead import TypeAhead

NAMES = (
    "居民身份证补领",
    "居民身份证换领",
    "身份证丢了",
    "普通护照签发",
    "企业开办一件事",
    "ETC 办理",
    "重庆路停车许可",
)


@pytest.fixture(scope="module")
def ahead() -> TypeAhead[str]:
    return TypeAhead((name, name) for name in NAMES)


@pytest.mark.parametrize(
    ("typed", "best"),
    [
        ("身份证", "身份证丢了"),
        ("补领", "居民身份证补领"),
        ("sfz", "身份证丢了"),
        ("shenfenzheng", "身份证丢了"),
        ("ShenFen", "身份证丢了"),
        ("jmsfzb", "居民身份证补领"),
        ("身份zheng补", "居民身份证补领"),
        ("huzhao", "普通护照签发"),
        ("hz", "普通护照签发"),
        ("qykb", "企业开办一件事"),
        ("etc", "ETC 办理"),
        ("chongqing", "重庆路停车许可"),
        ("護照", "普通护照签发"),
        ("居民证补", "居民身份证补领"),
    ],
)
def test_the_best_fit_comes_first(ahead: TypeAhead[str], typed: str, best: str) -> None:
    assert ahead.find(typed, 8)[0] == best


@pytest.mark.parametrize("typed", ["", " ", "？", "s", "xyz", "驾驶证", "sfzq", "a" * 40, "s" * 40, "à", "ю1", "𠀀"])
def test_what_fits_nothing_proposes_nothing(ahead: TypeAhead[str], typed: str) -> None:
    assert ahead.find(typed, 8) == []


def test_each_value_is_proposed_once_and_no_more_than_wanted() -> None:
    ahead = TypeAhead([("身份证补领", "GA-003"), ("身份证丢了", "GA-003"), ("身份证换领", "GA-002")])
    assert ahead.find("身份证", 8) == ["GA-003", "GA-002"]
    assert ahead.find("身份证", 1) == ["GA-003"]


def test_among_very_many_names_only_those_that_can_fit_are_compared() -> None:
    ahead = TypeAhead([("普通护照签发", "GA-004"), *((f"食品{number}号", f"S{number}") for number in range(5000))])
    assert ahead.find("pthz", 8) == ["GA-004"]
    assert len(ahead._possible("护照")) == 1


@pytest.mark.parametrize("typed", ["shen", "shenf", "s", "sf", "jm", "juminsh", "身份", "份z", "qiye", "k", "e", "etc"])
def test_leaving_out_what_cannot_fit_loses_nothing(ahead: TypeAhead[str], typed: str) -> None:
    fits = [phrase.value for phrase in ahead._phrases if phrase.fit(typed) is not None]
    assert [phrase.value for phrase in ahead._possible(typed) if phrase.fit(typed) is not None] == fits
