"""Filing a disclosure request: over the portal's API, with the real engine and actions."""

import re
import sqlite3
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import requests

from tests.e2e.conftest import City
from tests.patience import WITHIN_SECONDS

Talk = Callable[[str], list[dict[str, Any]]]

DESCRIPTION = "北岸区2025年老旧小区加装电梯的补贴发放名单"
IDENTITY_NUMBER, NAME, PHONE = "11010519491231002X", "钱多多", "13900138000"
ANSWERS = ["住建局", "个人", NAME, IDENTITY_NUMBER, PHONE, "电子", "网上查看"]


def last(replies: list[dict[str, Any]]) -> str:
    return str(replies[-1]["text"])


def fill_in(talk: Talk, description: str = DESCRIPTION) -> str:
    """Answers all questions up to the summary."""
    talk("我要申请信息公开")
    talk(description)
    for answer in ANSWERS[:-1]:
        talk(answer)
    return last(talk(ANSWERS[-1]))


class Filed(NamedTuple):
    receipt: str
    code: str


def filed_by(talk: Talk) -> Filed:
    fill_in(talk)
    text = last(talk("确认提交"))
    receipt, code = re.search(r"XXGK-\d{4}-\d{6}", text), re.search(r"查询码：(\S+)", text)
    assert receipt, text
    assert code, text
    return Filed(receipt[0], code[1])


def test_a_request_is_filed_and_can_be_looked_up(talk: Talk) -> None:
    assert "第二十九条" in last(talk("我要申请信息公开"))
    assert "住房和城乡建设局" in last(talk(DESCRIPTION))
    summary = ""
    for answer in ANSWERS:
        summary = last(talk(answer))
    assert DESCRIPTION in summary
    assert NAME not in summary
    (filed,) = talk("确认提交")
    assert (filed["custom"]["kind"], filed["custom"]["step"]) == ("filing", filed["custom"]["of"])
    receipt = re.search(r"XXGK-\d{4}-\d{6}", filed["text"])
    code = re.search(r"查询码：(\S+)", filed["text"])
    assert receipt
    assert code
    assert filed["custom"]["receipt"] == receipt[0]
    assert code[1] not in str(filed["custom"])
    (status,) = talk(f"{receipt[0]} {code[1]}")
    assert (status["custom"]["kind"], status["custom"]["state"]) == ("disclosure_status", "received")


def test_what_is_personal_is_kept_nowhere_as_it_was_typed(city: City) -> None:
    conversation = f"test-{uuid.uuid4()}"
    filed = filed_by(lambda text: city.say(text, conversation))
    for name in ("assistant.db", "trackers.db"):
        with sqlite3.connect(city.var_dir / name) as database:
            kept = "\n".join(database.iterdump())
        for secret in (IDENTITY_NUMBER, NAME, PHONE, filed.code):
            assert secret not in kept, name


def test_a_wrong_identity_number_is_noticed(talk: Talk) -> None:
    talk("我要申请信息公开")
    talk(DESCRIPTION)
    for answer in ("住建局", "个人", NAME):
        talk(answer)
    assert "核对不上" in last(talk("110105194912310021"))
    assert "联系" in last(talk(IDENTITY_NUMBER))


def test_one_can_ask_stop_and_go_on(talk: Talk) -> None:
    talk("我要申请信息公开")
    talk(DESCRIPTION)
    answer, asked_again = talk("申请信息公开要收费吗？")
    assert answer["custom"]["kind"] == "policy_answer"
    assert "向哪个机关" in asked_again["text"]
    assert "先放着" in last(talk("算了，不填了"))
    assert "向哪个机关" in last(talk("接着填申请"))
    assert "谁来申请" in last(talk("住建局"))
    assert "向哪个机关" in last(talk("上一步"))
    assert "删掉" in last(talk("放弃申请"))
    assert "哪份信息" in last(talk("我要申请信息公开"))


def test_a_first_message_that_says_what_is_wanted_is_not_asked_for_it_again(talk: Talk) -> None:
    begun = last(talk(f"我是记者，想向住建局申请公开{DESCRIPTION}"))
    assert DESCRIPTION in begun
    assert "谁来申请" in begun


def test_who_cannot_answer_is_told_how_once_and_then_offered_a_person(talk: Talk) -> None:
    talk("我要申请信息公开")
    talk(DESCRIPTION)
    for answer in ("住建局", "个人", NAME):
        talk(answer)
    assert "加密保存" in last(talk("不给"))
    again = talk("就不给")[-1]
    assert "加密保存" not in again["text"]
    assert "转人工" in [button["title"] for button in again["buttons"]]


def test_what_is_already_public_is_shown_first(talk: Talk) -> None:
    talk("我要申请信息公开")
    reply = last(talk("云河市居住证管理办法关于签注期限的规定"))
    assert "已经公开" in reply
    assert "居住证" in reply


def test_a_complaint_in_the_guise_of_a_request_is_shown_the_right_door(talk: Talk) -> None:
    talk("我要申请信息公开")
    (reply,) = talk("举报城管乱收费，请公开处理领导的结果")
    assert "第三十九条" in reply["text"]
    assert "12345" in reply["text"]
    assert "向哪个机关" in last(talk("仍按这个申请"))


def test_an_emergency_comes_before_the_form(talk: Talk) -> None:
    talk("我要申请信息公开")
    assert "119" in talk("家里着火了")[0]["text"]


def test_the_same_asked_again_is_pointed_out(city: City) -> None:
    description = f"{DESCRIPTION}和{uuid.uuid4().hex[:6]}"
    first, second = (f"test-{uuid.uuid4()}" for _ in range(2))
    fill_in(lambda text: city.say(text, first), description)
    filed = city.say("确认提交", first)[0]["custom"]["receipt"]
    summary = fill_in(lambda text: city.say(text, second), description)
    assert filed in summary
    assert "第三十六条第六项" in summary


def test_the_receipt_is_told_again_in_the_same_conversation_and_the_code_never(city: City) -> None:
    conversation, description = f"test-{uuid.uuid4()}", f"{DESCRIPTION}第{uuid.uuid4().hex[:6]}批"
    fill_in(lambda text: city.say(text, conversation), description)
    filed = last(city.say("确认提交", conversation))
    receipt, code = re.search(r"XXGK-\d{4}-\d{6}", filed), re.search(r"查询码：(\S+)", filed)
    assert receipt
    assert code
    for asked in ("回执号是多少", "我没记住回执号，再说一遍", "回执号和查询码再发一遍"):
        told = last(city.say(asked, conversation))
        assert receipt[0] in told
        assert code[1] not in told
    elsewhere = last(city.say("回执号是多少", f"test-{uuid.uuid4()}"))
    assert "没有提交过申请" in elsewhere
    assert receipt[0] not in elsewhere


@pytest.mark.parametrize("said", ["查询码忘了怎么办", "能不能用身份证找回查询码"])
def test_a_forgotten_code_is_never_given_in_chat(talk: Talk, said: str) -> None:
    (reply,) = talk(said)
    assert "不能找回" in reply["text"]


def test_the_engines_own_channel_keeps_no_identity_number_either(city: City) -> None:
    sender = f"test-{uuid.uuid4()}"
    body = {"sender": sender, "message": f"我的身份证是{IDENTITY_NUMBER}，能办居住证吗"}
    requests.post(f"{city.engine}/webhooks/rest/webhook", json=body, timeout=WITHIN_SECONDS).raise_for_status()
    with sqlite3.connect(city.var_dir / "trackers.db") as database:
        kept = [row[0] for row in database.execute("SELECT data FROM events WHERE sender_id = ?", (sender,))]
    assert kept
    assert IDENTITY_NUMBER not in "".join(kept)


def test_a_contact_for_the_answer_is_kept_with_the_case_and_nowhere_else(city: City) -> None:
    conversation, phone = f"test-{uuid.uuid4()}", "13911122233"
    case = city.say("转人工", conversation)[0]["custom"]["case"]
    assert "手机号" in last(city.say("留个联系方式", conversation))
    assert "没有看到" in last(city.say("139111222", conversation))
    assert case in last(city.say(f"{phone}", conversation))
    for name in ("assistant.db", "trackers.db"):
        with sqlite3.connect(city.var_dir / name) as database:
            assert phone not in "\n".join(database.iterdump())


def test_who_leaves_no_contact_after_all_is_simply_answered(talk: Talk) -> None:
    talk("转人工")
    talk("留个联系方式")
    assert talk("办护照多少钱")[0]["custom"]["code"] == "GA-004"
