"""Routes are found by their phrases: all parts in order, unless an exception speaks against it."""

from __future__ import annotations

import pytest

from bot.engine.lexicon import Lexicon
from bot.language.triggers import EMERGENCY, LONGEST_CALL, OWN_MATTER, WIDEST_GAP, Route, Routes

FIRE = Route("LX-001", EMERGENCY, ("着火了", "厨房 着火"), ("打不着火",))
COURT = Route("LX-070", "法院和复议", ("去法院告", "开庭"), ("法律援助",))
HUSBAND = Route("LX-006", EMERGENCY, ("老公 打我",))
PETITION = Route("LX-020", "信访投诉举报", ("信访", "法院 信访"))


@pytest.mark.parametrize(
    ("text", "emergency"),
    [
        ("家里着火了", "LX-001"),
        ("厨房里面着火", "LX-001"),
        ("车子打不着火了,着火了", None),
        ("着火", None),
        ("老公打我", "LX-006"),
        ("老公又喝醉了打我", "LX-006"),
        ("打我的老公", None),
        ("老公" + "一" * (WIDEST_GAP + 1) + "打我", None),
        ("我想去法院告他", None),
    ],
)
def test_an_emergency_is_told_by_its_words(text: str, emergency: str | None) -> None:
    assert Routes([COURT, FIRE, HUSBAND]).emergency_in(text) == emergency


def test_a_letter_that_speaks_of_an_emergency_is_no_call_for_help() -> None:
    routes = Routes([COURT, FIRE, HUSBAND])
    call = "快来人" + "啊" * (LONGEST_CALL - 7) + "着火了，"
    assert (routes.emergency_in(call), routes.danger_in(call)) == ("LX-001", None)
    letter = f"{call}消防通道还是被堵着"
    assert (routes.emergency_in(letter), routes.danger_in(letter)) == (None, "LX-001")


def test_how_far_the_citizens_own_matter_is_is_told_apart() -> None:
    routes = Routes([COURT, Route("LX-108", OWN_MATTER, ("批下来 没有",))])
    assert routes.is_own_matter(routes.other_in("低保批下来没有") or "")
    assert not routes.is_own_matter(routes.other_in("我要去法院告他") or "")


def test_other_routes_are_not_emergencies() -> None:
    routes = Routes([FIRE, COURT])
    assert routes.other_in("着火了") is None
    assert routes.other_in("我要去法院告他") == "LX-070"
    assert routes.other_in("我要去法院告他,想申请法律援助") is None


def test_the_longest_trigger_is_meant_and_of_equals_the_first() -> None:
    assert Routes([PETITION, COURT]).other_in("对法院的信访,开庭了") == "LX-020"
    assert Routes([PETITION, COURT]).other_in("信访还是开庭") == "LX-020"
    assert Routes([COURT, PETITION]).other_in("信访还是开庭") == "LX-070"


def test_signs_in_a_trigger_stand_for_themselves() -> None:
    routes = Routes([Route("LX-083", "其他城市和上级", ("互联网+督查",))])
    assert routes.other_in("互联网+督查在哪") == "LX-083"
    assert routes.other_in("互联网网督查") is None


def test_the_lexicon_normalises_triggers_part_by_part() -> None:
    route = {"code": "LX-001", "category": EMERGENCY, "triggers": ["老公 打我", "ＡＢＣ"], "exceptions": ["離婚 證"]}
    content = {"entries": [], "departments": [], "routes": [route]}
    assert Lexicon.from_content(content).routes == [Route("LX-001", EMERGENCY, ("老公 打我", "abc"), ("离婚 证",))]


def test_a_lexicon_without_routes_has_none() -> None:
    assert Lexicon.from_content({"entries": [], "departments": []}).routes == []
