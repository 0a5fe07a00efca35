"""Replies of the actions about services that are off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from sqlalchemy.orm import Session

from actions import turn as turn_module
from actions.turn import Answer, CityAction, Turn
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import ApprovalItem, DisclosureIdentity, JointServiceGuide, PolicyAnswer, QuotedSource
from bot.db import Database, utcnow
from bot.replies.reply import Reply
from bot.switches.answers import instead_of_answering, without_what_is_off
from bot.switches.models import Switch
from bot.switches.scopes import Scope
from bot.switches.service import turn_off


def a_switch(scope: Scope, key: str = "", notice: str = "暂停") -> Switch:
    return Switch(scope=scope, key=key, notice=notice)


def about_item(code: str = "GA-003", facet: str = "fee") -> Reply:
    return Reply("收费 10 元", Outcome.ANSWERED_BY_RECORD, ApprovalItem(code, "居住证", facet, {}))


def quoting(*titles: str) -> Reply:
    sources = (QuotedSource(title, f"{title}1号", None, "…", None, None, in_force=True) for title in titles)
    return Reply("“…”", Outcome.ANSWERED_BY_PASSAGE, PolicyAnswer(tuple(sources)))


@pytest.mark.parametrize(
    ("switch", "reply"),
    [
        (a_switch(Scope.ITEM, "GA-003"), about_item()),
        (a_switch(Scope.TOPIC, "ask_fee"), about_item(facet="fee")),
        (a_switch(Scope.DOCUMENT, "办法"), quoting("办法")),
        (a_switch(Scope.DOCUMENT, "办法1号"), quoting("办法", "细则")),
        (a_switch(Scope.TOPIC, "ask_policy"), quoting("办法")),
        (
            a_switch(Scope.ITEM, "YJS-01"),
            Reply("…", Outcome.ANSWERED_BY_RECORD, JointServiceGuide("YJS-01", "开饭馆", ())),
        ),
        (
            a_switch(Scope.TOPIC, "ask_disclosure_status"),
            Reply("…", Outcome.IDENTITY_ASKED, DisclosureIdentity("receipt", 5)),
        ),
        (a_switch(Scope.TOPIC, "file_disclosure"), Reply("您要什么信息？", Outcome.FILING)),
    ],
)
def test_an_answer_about_what_is_off_is_replaced_by_its_notice(switch: Switch, reply: Reply) -> None:
    (shown,) = without_what_is_off([switch], [reply])
    assert (shown.text, shown.outcome) == ("暂停", Outcome.SWITCHED_OFF)
    assert [button.payload for button in shown.buttons] == ["/handoff"]


@pytest.mark.parametrize(
    ("switch", "reply"),
    [
        (a_switch(Scope.ITEM, "GA-004"), about_item()),
        (a_switch(Scope.TOPIC, "ask_materials"), about_item()),
        (a_switch(Scope.DOCUMENT, "细则"), quoting("办法")),
        (a_switch(Scope.TOPIC, "file_disclosure"), Reply("已提交", Outcome.FILED)),
    ],
)
def test_other_answers_stay_as_they_are(switch: Switch, reply: Reply) -> None:
    assert without_what_is_off([switch], [reply]) == [reply]


def test_the_passage_of_a_further_document_that_is_off_is_left_out() -> None:
    (shown,) = without_what_is_off([a_switch(Scope.DOCUMENT, "细则")], [quoting("办法", "细则")])
    assert shown.outcome == Outcome.ANSWERED_BY_PASSAGE
    assert shown.custom is not None
    assert [source["document"] for source in shown.custom["sources"]] == ["办法"]


def test_a_notice_is_said_once() -> None:
    replies = [about_item(facet="fee"), about_item(facet="materials"), about_item("GA-004")]
    shown = without_what_is_off([a_switch(Scope.ITEM, "GA-003")], replies)
    assert [reply.text for reply in shown] == ["暂停", "收费 10 元"]


@pytest.mark.parametrize(
    ("switch", "intent", "is_off"),
    [
        (a_switch(Scope.BOT), "ask_fee", True),
        (a_switch(Scope.CHANNEL, "rest"), "ask_fee", True),
        (a_switch(Scope.CHANNEL, "portal"), "ask_fee", False),
        (a_switch(Scope.TOPIC, "ask_fee"), "ask_fee", True),
        (a_switch(Scope.TOPIC, "ask_fee"), "ask_materials", False),
        (a_switch(Scope.BOT), "handoff", False),
        (a_switch(Scope.BOT), "ask_route", False),
    ],
)
def test_people_and_emergency_numbers_are_always_told(switch: Switch, intent: str, is_off: bool) -> None:
    assert (instead_of_answering([switch], channel="rest", intent=intent) is not None) is is_off


class Files(CityAction):
    """An action that records that it ran."""

    def __init__(self) -> None:
        self.asked_count = 0

    def name(self) -> str:
        return "action_files"

    def answer(self, session: Session, turn: Turn) -> Answer:
        self.asked_count += 1
        return Answer([about_item()], {"item": "GA-003"})


@pytest.fixture
def action(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    monkeypatch.setattr(turn_module, "database", lambda: database)
    return Files()


def asked(intent: str) -> Tracker:
    message: dict[str, Any] = {"text": "办证", "intent": {"name": intent, "confidence": 0.9}, "entities": []}
    return Tracker("c1", {}, message, [], False, None, {}, "action_listen")


async def test_an_action_of_a_topic_that_is_off_does_nothing(database: Database, action: Files) -> None:
    with database.transaction() as session:
        turn_off(session, Scope.TOPIC, "file_disclosure", who="li", reason="演练", notice="暂停受理", now=utcnow())
    said = CollectingDispatcher()
    await action.run(said, asked("file_disclosure"), {})
    assert (action.asked_count, said.messages[0]["text"]) == (0, "暂停受理")
    assert said.messages[0]["turn"]["outcome"] == "switched_off"


async def test_turning_off_works_from_the_next_message_on(database: Database, action: Files) -> None:
    before, after = CollectingDispatcher(), CollectingDispatcher()
    await action.run(before, asked("ask_fee"), {})
    with database.transaction() as session:
        turn_off(session, Scope.TOPIC, "ask_fee", who="li", reason="演练", notice="收费标准正在核对", now=utcnow())
    await action.run(after, asked("ask_overview"), {})
    assert (before.messages[0]["text"], after.messages[0]["text"]) == ("收费 10 元", "收费标准正在核对")
