"""Guided questions in a conversation: asked once, answered in any way, kept for what follows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from actions.answering import ActionAnswer, ActionChoose
from actions.approvals import ActionChooseSituation
from actions.more import ActionMore
from actions.turn import Answer, CityAction
from tests.actions.test_approvals import turn
from tests.databases import in_memory, with_sample_catalogue

# The slots that a turn reads under another name.
READ_AS = {"item": "known_item", "facets": "asked_facets", "situation": "chosen"}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with in_memory(with_sample_catalogue) as database, database.transaction() as opened:
        yield opened


class Conversation:
    """Keeps the slots from one answer to the next, as Rasa does."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.slots: dict[str, Any] = {}

    def say(self, action: CityAction, text: str = "", **understood: Any) -> Answer:
        kept = {READ_AS.get(name, name): value for name, value in self.slots.items() if value is not None}
        answer = action.answer(self._session, turn(text=text, **{**kept, **understood}))
        self.slots.update(answer.slots)
        return answer


@pytest.fixture
def conversation(session: Session) -> Conversation:
    return Conversation(session)


def ask_for_a_passport(conversation: Conversation, text: str = "办护照要什么材料") -> Answer:
    return conversation.say(ActionAnswer(), text, intent="ask_materials", items=["GA-004"])


def custom(answer: Answer) -> dict[str, Any]:
    found = answer.replies[-1].custom
    assert found is not None
    return found


def test_one_question_after_another_leads_to_the_answer_of_the_case(conversation: Conversation) -> None:
    assert custom(ask_for_a_passport(conversation))["data"]["question"]["text"] == "第一次办，还是换发、补发？"
    second = conversation.say(ActionChoose(), "第三个", intent="choose", ordinal="3")
    assert custom(second)["data"]["chosen"] == ["丢失补发"]
    assert custom(second)["data"]["question"]["text"] == "给谁办？"
    last = conversation.say(ActionChooseSituation(), "/choose_situation{}", situation="未满 16 周岁")
    names = [material["name"] for material in custom(last)["data"]["materials"]]
    assert "护照遗失或被盗的说明" in names
    assert "原普通护照" not in names
    assert custom(last)["facet"] == "materials"
    assert conversation.slots["open_question"] is None


@pytest.mark.parametrize("action", [ActionAnswer(), ActionChoose(), ActionChooseSituation()])
def test_words_that_answer_count_whatever_their_intent(conversation: Conversation, action: CityAction) -> None:
    ask_for_a_passport(conversation)
    answer = conversation.say(action, "丢了", intent="ask_overview", items=["GA-003"])
    assert (custom(answer)["code"], custom(answer)["data"]["chosen"]) == ("GA-004", ["丢失补发"])


def test_another_item_is_answered_and_the_case_forgotten(conversation: Conversation) -> None:
    ask_for_a_passport(conversation, "护照过期了要什么材料")
    answer = conversation.say(ActionAnswer(), "身份证丢了怎么补办", intent="ask_process", items=["GA-003"])
    assert custom(answer)["code"] == "GA-003"
    assert (conversation.slots["situation"], conversation.slots["open_question"]) == (None, None)


def test_a_follow_up_keeps_the_case(conversation: Conversation) -> None:
    conversation.say(ActionAnswer(), "身份证坏了换一张要多少钱", intent="ask_fee", items=["GA-002"])
    answer = conversation.say(ActionAnswer(), "那要多久", intent="ask_time_limit", facets=["time_limit"])
    assert custom(answer)["data"]["chosen"] == ["证件损坏"]
    assert custom(answer)["data"]["fee"] == "40 元/证"


@pytest.mark.parametrize("understood", [{"situation": "全部"}, {"ordinal": "4"}, {"ordinal": "none"}, {}])
def test_all_cases_are_shown_to_whoever_asks_for_them(conversation: Conversation, understood: dict[str, str]) -> None:
    ask_for_a_passport(conversation)
    answer = conversation.say(ActionChoose(), "" if understood else "都给我看看", intent="choose", **understood)
    assert len(custom(answer)["data"]["materials"]) == 8
    assert custom(answer)["data"]["question"] is None


def test_what_fits_two_options_is_asked_again(conversation: Conversation) -> None:
    conversation.say(ActionAnswer(), "出生登记要什么材料", intent="ask_materials", items=["GA-008"])
    answer = conversation.say(ActionAnswer(), "我们没结婚", intent="ask_overview", items=["MZ-001", "MZ-002"])
    assert custom(answer)["data"]["question"]["text"] == "孩子的父母登记结婚了吗？"


def test_more_goes_on_to_the_end(conversation: Conversation) -> None:
    ask_for_a_passport(conversation)
    conversation.say(ActionChooseSituation(), situation="全部")
    assert conversation.slots["more"]
    while conversation.slots["more"]:
        said = conversation.say(ActionMore(), "更多", intent="more").replies[0]
        assert said.text
        assert said.custom is not None
        assert said.custom["code"] == "GA-004"
    assert "都说完了" in conversation.say(ActionMore(), "还有呢", intent="more").replies[0].text
    about_another = conversation.say(ActionMore(), "还有身份证补领", intent="more", items=["GA-003"])
    assert custom(about_another)["code"] == "GA-003"


def test_a_question_that_names_a_case_is_no_answer_to_the_question_of_before(conversation: Conversation) -> None:
    """“加急的贵多少” must not get the earlier record for the case “加急”."""
    asked = ask_for_a_passport(conversation)
    assert conversation.slots["open_question"] is not None
    option = asked.replies[-1].buttons[0].title
    answer = conversation.say(ActionAnswer(), f"{option}的要等几天才轮得到", intent="ask_time_limit")
    assert conversation.slots["situation"] is None or option not in conversation.slots["situation"]
    assert answer.replies


def test_a_fact_that_sounds_like_an_item_chooses_nothing_where_nothing_was_offered(conversation: Conversation) -> None:
    ask_for_a_passport(conversation)
    answer = conversation.say(ActionChoose(), "我是低保户", intent="choose", items=["MZ-003"])
    assert (answer.replies[0].custom or {}).get("code") != "MZ-003" or answer.replies[0].custom["certainty"] == "likely"


def test_a_correction_chooses_the_item_that_it_names(conversation: Conversation) -> None:
    ask_for_a_passport(conversation)
    answer = conversation.say(ActionChoose(), "不对，我要的是港澳通行证", intent="choose", items=["GA-005"])
    assert custom(answer)["code"] == "GA-005"
