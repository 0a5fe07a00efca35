"""Citizens who ask where to go, through web, Rasa, actions and database."""

from __future__ import annotations

import uuid

import pytest

from tests.e2e.conftest import City
from tests.e2e.place_sentences import CASES, LATER


@pytest.mark.parametrize(("said", "wanted"), [*CASES, *LATER], ids=lambda part: "，".join(part))
def test_the_right_office_is_named(city: City, said: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    conversation = f"test-{uuid.uuid4()}"
    for text in said:
        messages = city.say(text, conversation)
    told = "\n".join(message["text"] for message in messages)
    assert [words for words in wanted if words not in told] == [], told


def test_a_district_is_chosen_by_its_button_and_remembered(city: City) -> None:
    conversation = f"test-{uuid.uuid4()}"
    (asked,) = city.say("居住证去哪办", conversation)
    (button,) = [one for one in asked["buttons"] if one["title"] == "清江区"]
    (several,) = city.press(button["id"], conversation)
    assert "和园派出所" in several["text"]
    (street,) = [one for one in several["buttons"] if one["title"] == "云政街道"]
    assert "清江区惠民路58号" in city.press(street["id"], conversation)[0]["text"]
    assert "清江区惠民路27号" in city.say("社保卡去哪办", conversation)[0]["text"]


def test_a_district_without_a_matter_lists_its_offices_by_button_too(city: City) -> None:
    conversation = f"test-{uuid.uuid4()}"
    (asked,) = city.say("离我最近的在哪", conversation)
    (button,) = [one for one in asked["buttons"] if one["title"] == "南岸区"]
    assert "南岸区政务服务中心" in city.press(button["id"], conversation)[0]["text"]


def test_an_address_that_is_an_answer_to_a_form_is_not_remembered(city: City) -> None:
    conversation = f"test-{uuid.uuid4()}"
    city.say("我要申请信息公开", conversation)
    city.say("住在清江区和园路9号", conversation)
    city.say("算了，不申请了", conversation)
    (asked,) = city.say("居住证去哪办", conversation)
    assert "您在哪个区县？" in asked["text"]
