"""Answers to citizens, through web, Rasa, actions and database."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.e2e.conftest import City
from tests.patience import WITHIN_SECONDS

Talk = Callable[[str], list[dict[str, Any]]]


def kind(messages: list[dict[str, Any]]) -> str:
    return str(messages[0]["custom"]["kind"])


@pytest.mark.parametrize(
    ("said", "code", "facet"),
    [
        ("身份证丢了，补办要带什么材料", "GA-003", "materials"),
        ("去哪里办居住证", "GA-006", "place"),
        ("烟草证多久能办下来", "YC-001", "time_limit"),
        ("办护照多少钱", "GA-004", "fee"),
        ("低保什么条件能申请", "MZ-003", "conditions"),
        ("异地就医备案网上能办吗", "YB-001", "online"),
    ],
)
def test_a_question_about_an_item_is_answered_from_its_record(talk: Talk, said: str, code: str, facet: str) -> None:
    custom = talk(said)[0]["custom"]
    assert (custom["kind"], custom["code"], custom["facet"]) == ("approval_item", code, facet)
    assert custom["data"]["legal_basis"]


def test_a_follow_up_needs_no_name(talk: Talk) -> None:
    talk("身份证丢了，补办要带什么材料")
    assert talk("那要多少钱")[0]["custom"]["facet"] == "fee"
    custom = talk("周末上班吗")[0]["custom"]
    assert (custom["code"], custom["facet"]) == ("GA-003", "place")


def test_several_facets_in_one_message_are_all_answered(talk: Talk) -> None:
    facets = [message["custom"]["facet"] for message in talk("办居住证要什么材料，多久能办好")]
    assert set(facets) == {"materials", "time_limit"}


@pytest.mark.parametrize("choice", ["第二个", "2", "购房的那个"])
def test_what_fits_several_items_is_offered_for_choice(talk: Talk, choice: str) -> None:
    (offered,) = talk("提取公积金要什么材料")
    assert offered["custom"]["kind"] == "approval_choices"
    assert set(offered["custom"]["codes"]) >= {"GJ-001", "GJ-002"}
    wanted = "GJ-002" if "购房" in choice else offered["custom"]["codes"][1]
    custom = talk(choice)[0]["custom"]
    assert (custom["code"], custom["facet"]) == (wanted, "materials")


@pytest.mark.parametrize(
    "said", ["食品生产许可证怎么办", "补领结婚证要带什么", "台湾通行证多少钱", "办理采矿许可证的条件"]
)
def test_a_near_miss_is_never_answered_with_its_neighbour(talk: Talk, said: str) -> None:
    assert kind(talk(said)) in ("absent", "fallback")


def test_what_is_asked_before_choosing_is_answered_for_each_and_once_one_is_chosen(talk: Talk) -> None:
    talk("提取公积金怎么弄")
    compared = [said["custom"] for said in talk("那多久能拿到")]
    assert [each["facet"] for each in compared] == ["time_limit", "time_limit"]
    custom = talk("2")[0]["custom"]
    assert (custom["code"], custom["facet"]) == (compared[1]["code"], "time_limit")


def test_how_is_not_answered_with_the_overview_again(talk: Talk) -> None:
    facets = [talk(said)[0]["custom"]["facet"] for said in ("老人90岁了有没有补贴呀", "怎么领")]
    assert facets == ["overview", "process"]


def test_a_near_miss_is_not_taken_for_a_follow_up(talk: Talk) -> None:
    talk("食品经营许可证要什么材料")
    assert kind(talk("那食品生产许可证要什么材料")) in ("absent", "fallback")


def test_a_joint_service_names_its_items(talk: Talk) -> None:
    custom = talk("开办餐饮店一件事怎么办")[0]["custom"]
    assert (custom["kind"], custom["code"]) == ("joint_service", "YJS-001")
    assert [item["code"] for item in custom["items"]] == ["SC-004", "SC-005", "XF-001", "CG-001"]


def test_the_status_needs_receipt_and_query_code(talk: Talk) -> None:
    assert talk("我的信息公开申请到哪一步了")[0]["custom"] == {
        "kind": "disclosure_identity",
        "missing": "receipt",
        "attempts_left": 5,
    }
    assert talk("xxgk 2026 000123")[0]["custom"]["missing"] == "query_code"
    custom = talk("k7m2 9qxd")[0]["custom"]
    assert (custom["kind"], custom["receipt"], custom["state"]) == (
        "disclosure_status",
        "XXGK-2026-000123",
        "in_process",
    )
    assert custom["received_on"] == "2026-11-10"
    assert custom["due_on"]
    assert custom["legal_basis"]


@pytest.mark.parametrize(
    ("wish", "asked"),
    [
        ("政府信息公开申请多久答复", "20个工作日"),
        ("我要撤回信息公开申请", "撤回"),
        ("留个电话给你们联系我", "请写一个手机号"),
    ],
)
def test_a_wish_that_is_said_twice_is_answered_once_more_and_the_conversation_goes_on(
    talk: Talk, wish: str, asked: str
) -> None:
    talk(wish)
    again = talk(wish)
    assert len(again) <= 2
    assert asked in again[0]["text"]
    assert "120 元" in talk("护照多少钱")[0]["text"]


def test_a_wrong_code_says_how_many_tries_are_left(talk: Talk) -> None:
    talk("查一下XXGK-2026-000101")
    custom = talk("AAAA-2222")[0]["custom"]
    assert custom["kind"] == "disclosure_identity"
    assert custom["attempts_left"] == 4


def test_the_subject_can_change_in_the_middle_of_a_look_up(talk: Talk) -> None:
    talk("查我的公开申请进度")
    assert talk("办护照多少钱")[0]["custom"]["code"] == "GA-004"
    assert talk("XXGK-2026-000123，查询码K7M2-9QXD")[0]["custom"]["kind"] == "disclosure_status"


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("我妈和我姐也有份", ("approval_item", "policy_answer", "fallback")),
        ("低保边缘户有什么帮助", ("approval_item", "policy_answer", "absent")),
        ("社保卡密码忘了", ("absent",)),
        ("我现在没有钱也没有信心再进行治疗了", ("fallback", "route")),
        ("我申请的廉租房咋样了", ("route",)),
        ("我跟街道申请公开拆迁补偿的账，他们说不公开，我能去哪里告他们", ("policy_answer",)),
        ("sfz丢了", ("approval_item",)),
    ],
)
def test_no_form_begins_without_its_words(talk: Talk, said: str, kinds: tuple[str, ...]) -> None:
    """What people said when the bot asked for a telephone number or a receipt, or began a request."""
    assert kind(talk(said)) in kinds


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("个体户不干了怎么注销", ["policy_answer", "absent"]),
        ("营业执照丢了怎么补", ["absent", "policy_answer"]),
        ("电动车上牌在哪", ["absent"]),
    ],
)
def test_a_matter_that_is_not_in_the_catalogue_is_told_with_the_rule_on_it(
    talk: Talk, said: str, kinds: list[str]
) -> None:
    messages = talk(said)
    assert [message["custom"]["kind"] for message in messages] == kinds
    told = next(message["text"] for message in messages if message["custom"]["kind"] == "absent")
    assert ("不敢乱说" in told) == (kinds == ["absent"])


def test_a_rule_is_quoted_with_its_source(talk: Talk) -> None:
    answer, *_ = talk("居住证能享受哪些公共服务")
    source = answer["custom"]["sources"][0]
    assert answer["custom"]["kind"] == "policy_answer"
    assert source["document"] in answer["text"]
    assert source["in_force"] is True
    assert {"document", "number", "article", "passage", "url", "published_on", "in_force"} <= source.keys()


@pytest.mark.parametrize("said", ["今天天气怎么样", "讲个笑话"])
def test_what_is_not_ours_is_declined(talk: Talk, said: str) -> None:
    assert kind(talk(said)) == "fallback"


def test_whose_business_it_is_is_told_where_it_is_known(talk: Talk) -> None:
    assert kind(talk("帮我订张火车票")) == "route"


def test_a_name_of_several_items_is_understood_after_another_matter(talk: Talk) -> None:
    talk("营业执照怎么注销")
    (offered,) = talk("身份证怎么办")
    assert offered["custom"]["kind"] == "approval_choices"
    assert {"GA-001", "GA-002", "GA-003"} <= set(offered["custom"]["codes"])


def test_a_number_chooses_from_what_is_only_likely(talk: Talk) -> None:
    offered = talk("营业执照怎么注销")
    assert all(message["custom"]["certainty"] == "likely" for message in offered)
    chosen = talk("第二个")[0]["custom"]
    assert (chosen["kind"], chosen.get("code")) == (offered[1]["custom"]["kind"], offered[1]["custom"].get("code"))
    assert "certainty" not in chosen


@pytest.mark.parametrize("said", ["13800138000", "我留个电话 13800138000"])
def test_a_telephone_number_typed_after_a_person_was_called_is_kept_with_the_case(talk: Talk, said: str) -> None:
    case = talk("转人工")[0]["custom"]["case"]
    assert talk(said)[0]["text"].startswith(f"记下了，{case}")


def test_a_person_can_be_called_and_the_case_has_a_number(talk: Talk) -> None:
    talk("身份证丢了怎么办")
    custom = talk("转人工")[0]["custom"]
    assert custom["kind"] == "handoff"
    assert custom["case"].startswith("AJ-")
    assert isinstance(custom["online"], bool)


@pytest.mark.parametrize(("said", "topic"), [("你好", "greeting"), ("谢谢", "thanks"), ("你是谁", "who_are_you")])
def test_courtesies_are_returned(talk: Talk, said: str, topic: str) -> None:
    assert talk(said)[0]["custom"] == {"kind": "smalltalk", "topic": topic}


@pytest.mark.parametrize(
    "said",
    [
        "'; DROP TABLE items; --",
        "<script>alert(1)</script>",
        "😀😀😀",
        "/restart",
        "/",
        "？",
        "0",
        "ａ" * 400,
        "\u202eabc",
        "{}",
    ],
)
def test_whatever_is_typed_gets_a_courteous_reply(talk: Talk, said: str) -> None:
    assert all(message["text"] for message in talk(said))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"[1]", 400),
        (b'{"sender": "x"}', 400),
        (b'{"sender": 1, "message": "x"}', 400),
        (b'{"sender": "\\ud800", "message": "x"}', 400),
        (b'{"sender": "\\u0000", "message": "x"}', 400),
        (b'{"sender": "x", "message": {"a": 1}}', 400),
        (b'{"sender": "x", "message": ""}', 200),
        (b'{"sender": "x", "message": "' + b"y" * 10_000_000 + b'"}', 413),
    ],
)
def test_the_engines_own_channel_refuses_what_is_no_message(city: City, body: bytes, status: int) -> None:
    url = f"{city.engine}/webhooks/rest/webhook"
    response = requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=WITHIN_SECONDS)
    assert response.status_code == status


def test_the_engines_own_channel_gives_one_message_an_answer(city: City) -> None:
    url = f"{city.engine}/webhooks/rest/webhook"
    body = {"sender": "engine-test", "message": "办护照多少钱", "metadata": {}}
    (answer,) = requests.post(url, json=body, timeout=WITHIN_SECONDS).json()
    assert answer["text"]
    assert answer["custom"]["code"] == "GA-004"


@pytest.mark.parametrize(
    "typed",
    [
        "/handoff",
        "／handoff",
        "\u200b/handoff",
        "/\n/handoff",
        "/handoff@1.0",
        "/\u2060／session_start",
        '／ask_fee{"item":"GA-003"}',
        '/file_disclosure{"item": "GA-003"}',
    ],
)
def test_what_is_typed_never_does_what_a_button_does(city: City, talk: Talk, typed: str) -> None:
    url = f"{city.engine}/webhooks/rest/webhook"
    body = {"sender": f"test-{uuid.uuid4()}", "message": typed, "metadata": {"pressed": "/handoff", "button_id": "x"}}
    by_rest = requests.post(url, json=body, timeout=WITHIN_SECONDS).json()
    for messages in (talk(typed), by_rest):
        assert all(message["text"] for message in messages)
        assert "case" not in (messages[0].get("custom") or {})
    # However the words are understood, the action that they name is not carried out.
    assert by_rest[0]["turn"]["intent"] not in typed


def offered(messages: list[dict[str, Any]]) -> dict[str, str]:
    """Title → id of the buttons under the last message."""
    return {button["title"]: button["id"] for button in messages[-1]["buttons"]}


def test_a_button_does_what_it_said_also_much_later_and_only_where_it_was_offered(city: City) -> None:
    conversation = f"test-{uuid.uuid4()}"
    place = offered(city.say("办护照多少钱", conversation))["去哪办"]
    city.say("今天天气怎么样", conversation)
    custom = city.press(place, conversation)[0]["custom"]
    assert (custom["code"], custom["facet"]) == ("GA-004", "place")
    with pytest.raises(requests.HTTPError):
        city.press(place, f"{conversation}-of-another")


def test_the_engines_own_channel_takes_a_button_as_metadata(city: City) -> None:
    url, sender = f"{city.engine}/webhooks/rest/webhook", f"test-{uuid.uuid4()}"
    answer = requests.post(url, json={"sender": sender, "message": "帮我订张火车票"}, timeout=WITHIN_SECONDS).json()
    pressed = {"sender": sender, "metadata": {"button": offered(answer)["转人工"]}}
    assert requests.post(url, json=pressed, timeout=WITHIN_SECONDS).json()[0]["custom"]["kind"] == "handoff"
    assert requests.post(url, json={**pressed, "sender": "another"}, timeout=WITHIN_SECONDS).status_code == 400


def test_a_button_pressed_while_a_request_is_written_is_no_answer_to_the_form(city: City) -> None:
    conversation = f"test-{uuid.uuid4()}"
    place = offered(city.say("办护照多少钱", conversation))["去哪办"]
    asked = city.say("我要申请信息公开", conversation)[0]
    messages = city.press(place, conversation)
    assert messages[0]["custom"]["code"] == "GA-004"
    # The form goes on by itself, with the question that it had asked.
    assert asked["text"].splitlines()[-1] in messages[-1]["text"]
    assert "接着填" not in str(messages)
    assert "哪个" in city.say("北岸区2025年路灯检修记录", conversation)[0]["text"]


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ("信息公开申请书平信寄的哪天算收到？", ["policy_answer", "disclosure_identity"]),
        ("公积金中心不答复我的信息公开申请，向谁申请行政复议？", ["policy_answer"]),
        ("信息公开申请多久答复", ["policy_answer", "disclosure_identity"]),
        ("我的信息公开申请怎么样了", ["disclosure_identity"]),
        ("我的信息公开申请什么时候有结果", ["disclosure_identity"]),
        ("查一下我的申请到哪了", ["disclosure_identity"]),
    ],
)
def test_a_question_about_the_rules_is_answered_before_the_receipt_is_asked_for(
    talk: Callable[[str], list[dict[str, Any]]], asked: str, kinds: list[str]
) -> None:
    assert [message["custom"]["kind"] for message in talk(asked)] == kinds


@pytest.mark.parametrize("said", ["云府规〔2016〕3号讲的什么", "云府规[2016] 3号还有效吗"])
def test_a_document_is_asked_for_by_its_number(talk: Talk, said: str) -> None:
    custom = talk(said)[0]["custom"]
    assert custom["kind"] == "policy_answer"
    assert custom["sources"][0]["document"] == "云河市居住证管理办法"


def test_a_letter_that_is_announced_is_asked_for_and_then_taken_down(talk: Talk) -> None:
    (asked,) = talk("想投诉")
    assert "请说说是什么事" in asked["text"]
    told, *_ = talk("我们小区楼下KTV半夜还在唱，吵得孩子睡不着")
    assert (told["custom"]["kind"], "编号 AJ-" in told["text"]) == ("letter", True)
    assert told["custom"]["case"] in talk("就在东门进来第二栋")[0]["text"]


def test_after_a_route_what_was_told_can_be_taken_down_by_a_word(talk: Talk) -> None:
    (routed,) = talk("楼下KTV半夜还在唱，吵得睡不着")
    assert [button["title"] for button in routed["buttons"]] == ["记下来转办", "转人工"]
    taken, *_ = talk("记下来")
    assert taken["custom"]["kind"] == "letter"


def test_a_letter_is_of_the_kind_that_was_announced(talk: Talk) -> None:
    talk("我想提个建议")
    taken, *_ = talk("公交站加个座椅吧，老人等车站不住")
    assert taken["text"].startswith("您的建议记下了")


def test_an_announced_letter_may_be_given_up(talk: Talk) -> None:
    talk("我要投诉")
    assert kind(talk("身份证丢了要带什么")) == "approval_item"
    talk("我要投诉")
    assert kind(talk("算了")) == "smalltalk"
