"""Where an item is done for somebody in a district, and how the answer says it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.catalogue.districts import Whereabouts, is_same_place, offices_in, places_of, whereabouts
from bot.catalogue.models import CityDistrict, Item
from bot.catalogue.service import get_item
from bot.catalogue.situations import Variant
from bot.language.districts import Spot
from bot.replies.approvals import item_answer, item_choices
from bot.replies.places import offices_of, which_district
from tests.databases import in_memory, with_sample_catalogue

QINGJIANG = Spot("清江区")


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with in_memory(with_sample_catalogue) as database, database.transaction() as opened:
        yield opened


def item(session: Session, code: str) -> Item:
    found = get_item(session, code)
    assert found is not None
    return found


def answer(session: Session, code: str, *spots: Spot, unknown: str = "", near: bool = False) -> str:
    one = item(session, code)
    where = Whereabouts(spots, unknown, near)
    return item_answer(one, "place", case=Variant(one, (), places_of(session, one, where))).text


def test_the_one_office_of_the_street_stands_in_the_first_line(session: Session) -> None:
    first = answer(session, "GA-006", Spot("清江区", "和园街道")).split("\n")[0]
    assert first == "“居住证申领”在和园派出所（流动人口窗口）办理，地址：云河市清江区和园路31号。"


def test_several_offices_of_a_district_are_named_with_their_streets(session: Session) -> None:
    text = answer(session, "GA-006", QINGJIANG)
    assert "在清江区有 2 处可以办，看您住哪个街道：" in text.split("\n")[0]
    assert "和园街道" in text
    assert "0990-8810142" in text


def test_a_branch_is_not_given_the_window_of_the_main_office(session: Session) -> None:
    text = answer(session, "SC-005", Spot("南岸区"))
    assert text.startswith("“食品经营许可”在南岸区政务服务中心办理")
    assert "号窗口" not in text


def test_an_item_of_the_city_itself_is_done_at_its_office_only(session: Session) -> None:
    text = answer(session, "JT-002", Spot("经济技术开发区"))
    assert "云政大道88号" in text
    assert "市本级统一办理" in text


def test_an_item_that_some_districts_do_not_do_says_so(session: Session) -> None:
    text = answer(session, "ZJ-001", Spot("经济技术开发区"))
    assert "在经济技术开发区不办，只在清江区、北岸区、南岸区办" in text.split("\n")[0]


def test_a_district_without_an_office_gets_those_of_the_others(session: Session) -> None:
    text = answer(session, "RS-001", Spot("经济技术开发区"))
    assert "没有办理点" in text.split("\n")[0]
    assert "人和路70号" in text
    assert "通办范围：全市。" in text


def test_the_only_office_of_the_city_is_said_to_be_the_only_one(session: Session) -> None:
    assert "目录里本市只有这一处办理点，北岸区没有。" in answer(session, "GA-004", Spot("北岸区"))


@pytest.mark.parametrize("near", [False, True])
def test_without_a_place_the_district_is_asked_for_and_none_is_guessed(session: Session, near: bool) -> None:
    one = item(session, "GA-006")
    where = Whereabouts(wants_near=near)
    reply = item_answer(one, "place", case=Variant(one, (), places_of(session, one, where)))
    assert "您在哪个区县？" in reply.text.split("\n")[0]
    assert "路31号" not in reply.text
    assert [button.title for button in reply.buttons] == ["清江区", "北岸区", "南岸区", "经济技术开发区"]


def test_the_office_of_the_whole_city_is_named_while_the_district_is_asked_for(session: Session) -> None:
    text = answer(session, "SC-005")
    assert "云政大道88号" in text.split("\n")[0]
    assert "北岸区、南岸区、经济技术开发区也有办理点。您在哪个区县？" in text


def test_a_district_of_another_city_is_said_to_be_none_of_ours(session: Session) -> None:
    assert answer(session, "GA-006", unknown="东城区").startswith("东城区不是云河市的区县。云河市有：清江区、")


def test_a_place_that_may_be_two_is_asked_about(session: Session) -> None:
    text = answer(session, "GA-006", QINGJIANG, Spot("北岸区"))
    assert text.startswith("您说的地方有 2 处：清江区、北岸区。")


def test_a_remembered_place_is_used_until_another_is_named(session: Session) -> None:
    assert whereabouts(session, "那社保卡呢", "清江区/和园街道").spot == Spot("清江区", "和园街道")
    assert whereabouts(session, "换成北岸区", "清江区").spot == Spot("北岸区")
    assert whereabouts(session, "那社保卡呢", "没有这个区").spot is None
    assert whereabouts(session, "我在东城区", "清江区").spot is None


def test_items_of_the_same_places_are_answered_together_before_one_is_chosen(session: Session) -> None:
    cards = [item(session, code) for code in ("GA-001", "GA-002")]
    assert is_same_place(cards)
    assert not is_same_place([cards[0], item(session, "GA-004")])
    case = Variant(cards[0], (), places_of(session, cards[0], Whereabouts((Spot("清江区", "和园街道"),))))
    text = item_choices({card.code: card.name for card in cards}, case).text
    assert text.startswith("下面几项都在和园派出所办理，地址：云河市清江区和园路31号。")
    assert "1. 居民身份证首次申领" in text


def test_programs_get_the_office_and_the_others(session: Session) -> None:
    one = item(session, "RS-001")
    places = places_of(session, one, Whereabouts((QINGJIANG,)))
    custom = item_answer(one, "place", case=Variant(one, (), places)).custom
    assert custom is not None
    place = custom["data"]["place"]
    assert (place["office"], place["district"], place["others"]) == ("清江区社会保险服务站", "清江区", [])


def test_a_district_alone_lists_its_offices_and_an_unknown_one_asks(session: Session) -> None:
    text = offices_of(Spot("清江区", "和园街道"), offices_in(session, Spot("清江区", "和园街道"))).text
    assert text.startswith("清江区和园街道的办事地点：")
    assert "和园派出所" in text
    asked = which_district(Whereabouts(wants_near=True), "云河市", ["清江区", "北岸区"])
    assert asked.text.startswith("您在哪个区县？")
    assert [button.title for button in asked.buttons] == ["清江区", "北岸区"]


def test_a_city_without_districts_answers_as_before() -> None:
    with in_memory(with_sample_catalogue) as database, database.transaction() as session:
        session.execute(delete(CityDistrict))
        one = item(session, "GA-006")
        assert places_of(session, one, Whereabouts()) is None
        text = item_answer(one, "place").text
        assert text.startswith("“居住证申领”在户籍所在地或居住地公安派出所（流动人口窗口）办理，地址：")
