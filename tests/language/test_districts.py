"""Districts and streets that a message names."""

from __future__ import annotations

import pytest

from bot.language.districts import District, Districts, Spot, is_near
from bot.language.text import normalise

DISTRICTS = Districts(
    [
        District("甲江区", ["甲江", "城东"], {"一街道": ["长路", "东路"], "二街道": ["西路"]}),
        District("乙山县", ["乙山"], {"三镇": ["长路"]}),
        District("东城区", [], {}),
    ]
)


def named(text: str) -> list[str]:
    return [str(spot) for spot in DISTRICTS.named(normalise(text))]


@pytest.mark.parametrize(
    ("text", "spots"),
    [
        ("我在甲江区，去哪办", ["甲江区"]),
        ("我住城东", ["甲江区"]),
        ("西路附近哪里能办", ["甲江区/二街道"]),
        ("甲江区西路", ["甲江区/二街道"]),
        ("乙山的长路", ["乙山县/三镇"]),  # a road of two streets, and the district that says which
        ("长路", ["甲江区/一街道", "乙山县/三镇"]),
        ("从甲江搬到乙山了", ["乙山县"]),
        ("户口在甲江人住乙山", ["乙山县"]),
        ("我不在甲江区，我在乙山县", ["乙山县"]),
        ("甲江和乙山都能办吗", ["甲江区", "乙山县"]),
        ("身份证在哪办", []),
    ],
)
def test_the_place_where_the_citizen_is_counts(text: str, spots: list[str]) -> None:
    assert named(text) == spots


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("我在西城区，身份证去哪办", "西城区"),
        ("临江县这边怎么办", "临江县"),
        ("我在东城区", None),
        ("我住在小区里", None),
        ("去社区办还是去街道办", None),
        ("在哪个区办", None),
        ("户口在老家县里", None),
        ("我在城区", None),
    ],
)
def test_a_district_that_the_city_does_not_have_is_noticed(text: str, unknown: str | None) -> None:
    assert DISTRICTS.unknown(normalise(text)) == unknown


@pytest.mark.parametrize("text", ["我在甲江区", "那乙山县呢", "换成西路", "离我近的", "城东那边可以办吗", "我在西城区"])
def test_a_message_may_say_only_where_somebody_is(text: str) -> None:
    assert DISTRICTS.says_only_where(normalise(text))


@pytest.mark.parametrize("text", ["甲江区办身份证在哪", "附近哪里办居住证", "在哪办", "甲江区路灯坏了", ""])
def test_a_message_that_says_more_is_no_bare_place(text: str) -> None:
    assert not DISTRICTS.says_only_where(normalise(text))


def test_a_city_without_districts_knows_no_place() -> None:
    nowhere = Districts([])
    assert nowhere.named("我在甲江区") == []
    assert nowhere.unknown("我在甲江区") is None
    assert not nowhere.says_only_where("离我近的")


def test_near_is_a_wish_of_its_own() -> None:
    assert is_near("离我近的派出所")
    assert not is_near("最近办过身份证")


def test_a_place_is_written_and_read_back() -> None:
    assert Spot.of(str(Spot("甲江区", "一街道"))) == Spot("甲江区", "一街道")
    assert Spot.of(str(Spot("甲江区"))) == Spot("甲江区")
