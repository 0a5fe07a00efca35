"""After a handoff: the case is known, can be added to and taken back, and nobody else's is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from actions import cases
from actions.cases import ActionAskCaseAnswer, ActionCase
from actions.handoff import ActionHandoff, ActionOfferPerson
from actions.letters import LETTER, TOLD
from actions.memory import CaseTalk
from actions.turn import Turn
from bot.catalogue.models import City
from bot.db import Database
from bot.replies.reply import Reply
from bot.reviews import service
from bot.reviews.states import Action, CaseState
from bot.sealing import Sealer
from bot.settings import Settings
from tests.actions.test_approvals import turn


def handed_over(session: Session, conversation: str = "c") -> str:
    session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
    said = turn(text="转人工", conversation=conversation, transcript=[{"by": "citizen", "text": "楼道灯坏了"}])
    (reply,) = ActionHandoff().answer(session, said).replies
    assert reply.custom
    return str(reply.custom["case"])


def said(session: Session, one: Turn) -> list[Reply]:
    return ActionCase().answer(session, one).replies


def test_how_far_it_is_tells_number_state_and_promised_time(database: Database) -> None:
    with database.transaction() as session:
        number = handed_over(session)
        for text in ("那我什么时候能等到回复", "有人吗", "我的问题处理到哪了"):
            (reply,) = said(session, turn(text=text, intent="ask_case"))
            assert number in reply.text
            assert "已登记" in reply.text
            assert "前回复您" in reply.text
            assert reply.custom is not None
            assert (reply.custom["kind"], reply.custom["case"], reply.custom["state"]) == (
                "case",
                number,
                CaseState.NEW,
            )


def test_one_word_takes_it_back_while_it_is_spoken_of(database: Database) -> None:
    with database.transaction() as session:
        number = handed_over(session)
        (reply,) = said(session, turn(text="算了", intent="withdraw_case", case=CaseTalk(number)))
        assert "已撤回" in reply.text
        assert service.get_case(session, number).state == CaseState.CLOSED


def test_a_word_that_may_mean_anything_takes_back_nothing_later(database: Database) -> None:
    with database.transaction() as session:
        number = handed_over(session)
        goodbye, reminder = said(session, turn(text="不用了", intent="withdraw_case"))
        assert "再见" in goodbye.text
        assert number in reminder.text
        assert "撤回" in reminder.text
        assert service.get_case(session, number).state == CaseState.NEW
        (reply,) = said(session, turn(text="不用转了", intent="withdraw_case"))
        assert "已撤回" in reply.text


def test_where_there_is_no_case_little_words_stay_little(database: Database) -> None:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        kinds = {
            text: said(session, turn(text=text, intent=intent))[0].custom
            for text, intent in (("算了", "withdraw_case"), ("有人吗", "ask_case"), ("我的问题处理到哪了", "ask_case"))
        }
        assert kinds["算了"] == {"kind": "smalltalk", "topic": "goodbye"}
        assert kinds["有人吗"] == {"kind": "smalltalk", "topic": "greeting"}
        assert kinds["我的问题处理到哪了"] == {"kind": "case", "case": None, "state": None, "due_at": None}
        assert service.open_cases(session) == []


def test_where_nothing_was_taken_down_yet_a_question_about_the_result_says_how_it_is(database: Database) -> None:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        shown = turn(text="能告诉我结果吗", intent="ask_case", shown=["route:LX-028"])
        (reply,) = said(session, shown)
        assert "记下来" in reply.text
        (reply,) = said(session, replace(shown, text="我的投诉到哪了"))
        assert "AJ-" in reply.text


def test_what_is_added_stands_in_the_case(database: Database) -> None:
    with database.transaction() as session:
        number = handed_over(session)
        asked = ActionAskCaseAnswer().answer(session, turn(text="还有一点要补充", case=CaseTalk(number, "words")))
        assert number in asked.replies[0].text
        step: dict[str, Any] = {"case": CaseTalk(number, "words"), "case_answer": "words"}
        (reply,) = said(session, turn(text="门也坏了", intent="ask_overview", **step))
        assert number in reply.text
        (reply,) = said(session, turn(text="补充：窗也坏了", intent="add_to_case"))
        events = service.events_of(session, service.get_case(session, number))
        assert [event.why for event in events if event.action == Action.CITIZEN_ADDS] == ["门也坏了", "窗也坏了"]


@pytest.mark.parametrize("asks", [LETTER, TOLD, cases.TELEPHONE])
def test_a_question_about_the_case_ends_whatever_was_asked_for_and_is_answered_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    with database.transaction() as session:
        number = handed_over(session)
    monkeypatch.setattr(cases, "database", lambda: database)
    one = turn(text="我反映的问题有结果吗", intent="ask_case", case=CaseTalk(number, asks))
    assert cases._take(one)[0] == cases.NOTHING


def test_whatever_was_asked_for_is_taken_as_words_but_a_person_is_not_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        number = handed_over(session)
    monkeypatch.setattr(cases, "database", lambda: database)
    step = {"case": CaseTalk(number, "words")}
    for text, intent, taken in (
        ("门也坏了", "out_of_scope", cases.WORDS),
        ("什么时候能修好", "ask_time_limit", cases.WORDS),
        ("算了", "withdraw_case", cases.NOTHING),
        ("转人工", "handoff", cases.OTHER_BUSINESS),
    ):
        assert cases._take(turn(text=text, intent=intent, **step))[0] == taken


@pytest.mark.parametrize("channel", ["api", "rest"])
def test_from_another_conversation_number_and_telephone_are_asked_for(database: Database, channel: str) -> None:
    with database.transaction() as session:
        number = handed_over(session)
        case = service.get_case(session, number)
        case.contact_sealed = Sealer.of(Settings.from_environment()).seal("13800138000")
        elsewhere: dict[str, Any] = {"conversation": "other", "client": "other", "channel": channel}

        step = {"case": CaseTalk(number, "telephone"), "case_answer": "telephone"}
        (wrong,) = said(session, turn(text="13900139000", intent="choose", **step, **elsewhere))
        assert "对不上" in wrong.text
        assert "已登记" not in wrong.text
        answer = ActionCase().answer(session, turn(text="13800138000", intent="choose", **step, **elsewhere))
        assert "已登记" in answer.replies[0].text
        assert answer.slots["proven_case"] == number

        (reply,) = said(session, turn(text="撤回", intent="withdraw_case", proven_case=number, **elsewhere))
        assert "已撤回" in reply.text


def test_whoever_guesses_telephones_is_stopped_and_learns_nothing(database: Database) -> None:
    with database.transaction() as session:
        number = handed_over(session)
        service.get_case(session, number).contact_sealed = Sealer.of(Settings.from_environment()).seal("13800138000")
        elsewhere: dict[str, Any] = {"conversation": "other", "client": "other"}
        for name in (number, "AJ-000099"):
            texts = []
            for guess in (*(f"1390013900{digit}" for digit in range(6)), "13800138000"):
                one = turn(text=f"{name} {guess} 到哪了", intent="ask_case", **elsewhere)
                texts.append(said(session, one)[0].text.replace(name, ""))
            assert not any("已登记" in text for text in texts)
            elsewhere = {"conversation": "third", "client": "third"}


def test_a_question_about_people_opens_no_case(database: Database) -> None:
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        (reply,) = ActionOfferPerson().answer(session, turn(text="怎么转人工", intent="ask_person")).replies
        assert reply.custom is not None
        assert reply.custom["case"] is None
        assert reply.buttons[0].title == "转人工"
        assert service.open_cases(session) == []
