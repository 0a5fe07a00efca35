"""An applicant takes back and supplements a request over the portal's API, with the real engine and actions."""

from __future__ import annotations

import uuid
from datetime import timedelta

from bot.db import Database, utcnow
from bot.disclosures.service import record_event
from bot.disclosures.terms import Kind, Step
from bot.workdays import today_in_china
from tests.e2e.conftest import City
from tests.e2e.test_filing import Talk, filed_by, last

WORDS = "请公开2025年1月到12月的发放名单，只要北岸区的"


def test_a_request_is_taken_back_with_its_code_and_one_confirmation(talk: Talk) -> None:
    filed = filed_by(talk)
    assert "查询码" in last(talk(f"我想撤回信息公开申请 {filed.receipt}"))
    (asked,) = talk(filed.code)
    assert "不能恢复" in asked["text"]
    assert [button["title"] for button in asked["buttons"]] == ["确认撤回", "不撤回"]
    assert "已经撤回" in last(talk("确认撤回"))
    (status,) = talk(f"{filed.receipt} {filed.code}")
    assert status["custom"]["state"] == "withdrawn"


def test_who_thinks_better_of_it_or_asks_something_else_keeps_the_request(city: City) -> None:
    conversation = f"test-{uuid.uuid4()}"
    filed = filed_by(lambda text: city.say(text, conversation))
    (status,) = city.say(f"{filed.receipt} {filed.code}", conversation)
    (button,) = [button for button in status["buttons"] if button["title"] == "撤回申请"]
    assert "查询码" in last(city.press(button["id"], conversation))
    (asked,) = city.say(filed.code, conversation)
    assert "照常办理" in last(city.press(asked["buttons"][1]["id"], conversation))
    city.say(f"撤回 {filed.receipt} {filed.code}", conversation)
    assert city.say("申请信息公开要收费吗？", conversation)[0]["custom"]["kind"] == "policy_answer"
    (status,) = city.say(f"{filed.receipt} {filed.code}", conversation)
    assert status["custom"]["state"] == "received"


def test_a_supplement_that_is_awaited_is_taken_in_conversation(city: City) -> None:
    conversation = f"test-{uuid.uuid4()}"
    filed = filed_by(lambda text: city.say(text, conversation))
    today = today_in_china(utcnow())
    database = Database(f"sqlite:///{city.var_dir / 'assistant.db'}")
    with database.transaction() as session:
        asked = Step(Kind.SUPPLEMENT_REQUESTED, today, respond_by=today + timedelta(days=15), note="请写明年份和地区")
        record_event(session, filed.receipt, asked)
    database.close()
    assert "可以在这里补正" in last(city.say(f"补正 {filed.receipt}", conversation))
    assert "请写明年份和地区" in last(city.say(filed.code, conversation))
    assert WORDS in last(city.say(WORDS, conversation))
    assert "答复期限从今天重新算" in last(city.say("确认提交", conversation))
    (status,) = city.say(f"{filed.receipt} {filed.code}", conversation)
    assert status["custom"]["timeline"][-1]["kind"] == "supplement_received"


def test_without_a_receipt_the_errand_is_understood_too(talk: Talk) -> None:
    (asked,) = talk("我想撤回信息公开申请")
    assert asked["text"].startswith("可以在这里撤回信息公开申请。请告诉我申请的回执号")
    assert asked["custom"]["kind"] == "disclosure_identity"
