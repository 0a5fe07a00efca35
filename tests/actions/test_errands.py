"""An applicant takes back or supplements a request in conversation; the query code comes first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import disclosures
from actions import errands as module
from actions.answering import ActionAnswer
from actions.disclosures import ActionAskQueryCode, ActionDisclosureStatus
from actions.errands import (
    ASK_AGAIN,
    CONFIRMED,
    OTHER_BUSINESS,
    STOPPED,
    ActionAskErrandAnswer,
    ActionErrandDone,
    ValidateErrandForm,
    _taken,
)
from actions.turn import Turn, _errand
from bot.catalogue.models import Department
from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.disclosures import errands
from bot.disclosures.models import Errand, Request
from bot.disclosures.service import assess, record_event, record_request
from bot.disclosures.terms import ApplicantKind, Decision, Kind, RequestState, Step
from bot.language.errands import ErrandKind
from bot.staff.models import AuditEntry
from bot.workdays import today_in_china
from tests.actions.test_approvals import turn

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
TODAY = today_in_china(NOW)
RECEIPT, CODE = "XXGK-2026-000123", "K7M29QXD"
WORDS = "请公开2024年的停车场规划图则，清江区部分"


@contextmanager
def a_request(database: Database, *steps: Step) -> Iterator[Session]:
    with database.transaction() as session:
        session.add(Department(code="ZG", name="规划局", short_names=[], phone="0990-8810590"))
        session.flush()
        record_request(
            session,
            receipt=RECEIPT,
            query_code=CODE,
            applicant_kind=ApplicantKind.NATURAL_PERSON,
            applicant="王小明",
            description="停车场规划",
            department_code="ZG",
            received_on=TODAY - timedelta(days=6),
            submitted_via="网上",
        )
        for step in steps:
            record_event(session, RECEIPT, step)
        yield session


ASKED = Step(
    Kind.SUPPLEMENT_REQUESTED,
    TODAY - timedelta(days=4),
    respond_by=TODAY + timedelta(days=7),
    note="请写明年份和地区",
)
ANSWERED = Step(Kind.ANSWERED, TODAY - timedelta(days=1), outcome=Decision.GRANTED)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in (module, disclosures):
        monkeypatch.setattr(one, "utcnow", lambda: NOW)


def look_up(session: Session, errand: ErrandKind, code: str = CODE) -> tuple[list[str], str | None]:
    answer = ActionDisclosureStatus().answer(
        session, turn(text=code, receipt=RECEIPT, query_code=code, errand=errand, intent="ask_disclosure_status")
    )
    return [reply.text for reply in answer.replies], answer.then


def asked(session: Session, problem: str = "") -> str:
    (reply,) = ActionAskErrandAnswer().answer(session, turn(errand_problem=problem)).replies
    return reply.text


def done(session: Session, answer: str) -> list[str]:
    return [reply.text for reply in ActionErrandDone().answer(session, turn(errand_answer=answer)).replies]


def state(session: Session) -> RequestState:
    return assess(session.get_one(Request, RECEIPT), TODAY).state


def test_a_request_is_taken_back_after_one_confirmation_and_leaves_a_trace(database: Database) -> None:
    with a_request(database) as session:
        assert look_up(session, ErrandKind.WITHDRAW) == ([], "errand_form")
        assert "不能恢复" in asked(session)
        assert "第二十七条" in asked(session)
        assert _taken(session, turn(text="确认撤回")) == (CONFIRMED, "")
        (told,) = done(session, CONFIRMED)
        assert told.startswith(f"申请 {RECEIPT} 已经撤回")
        assert state(session) == RequestState.WITHDRAWN
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.subject == RECEIPT))
        assert (entry.who, entry.why) == ("申请人", "申请人凭查询码撤回")
        (shown,) = errands.lately_done(session, NOW, "ZG")
        assert (shown.receipt, shown.what) == (RECEIPT, "申请人凭查询码撤回")
        assert errands.lately_done(session, NOW, "CG") == []


@pytest.mark.parametrize(
    ("kind", "steps", "text", "taken"),
    [
        (ErrandKind.WITHDRAW, (), "我要撤回信息公开申请", (ASK_AGAIN, "")),
        (ErrandKind.SUPPLEMENT, (ASKED,), "我要补正", (ASK_AGAIN, "")),
        (ErrandKind.SUPPLEMENT, (ASKED,), "我要撤回信息公开申请", (OTHER_BUSINESS, "")),
    ],
)
def test_a_wish_that_is_said_again_is_asked_about_again(
    database: Database, kind: ErrandKind, steps: tuple[Step, ...], text: str, taken: tuple[str, str]
) -> None:
    with a_request(database, *steps) as session:
        look_up(session, kind)
        assert _taken(session, turn(text=text)) == taken


def test_a_wish_that_is_said_again_before_the_receipt_is_asked_about_again(database: Database) -> None:
    with a_request(database) as session:
        again = turn(text="我要撤回信息公开申请", intent="ask_disclosure_status", outcome_before=Outcome.IDENTITY_ASKED)
        answered = ActionAnswer().answer(session, again)
        assert (answered.replies, answered.then) == ([], "disclosure_form")


async def test_the_next_message_to_the_form_knows_what_was_wrong_with_this_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "database", lambda: database)
    with a_request(database, ASKED) as session:
        look_up(session, ErrandKind.SUPPLEMENT)
    tracker = in_the_form("少")
    monkeypatch.setattr(tracker, "slots_to_validate", lambda: {"errand_answer": "少"})
    events = await ValidateErrandForm().run(CollectingDispatcher(), tracker, {})
    kept = {event["name"]: event["value"] for event in events}
    assert kept == {"errand_problem": "too_short", "errand_answer": None}
    with database.transaction() as session:
        (reply,) = ActionAskErrandAnswer().answer(session, Turn.of(in_the_form("少", **kept))).replies
    assert reply.text.startswith("写得太短")


def in_the_form(text: str, **slots: Any) -> Tracker:
    return Tracker("c", slots, {"text": text}, [], False, None, {"name": "errand_form"}, "action_listen")


def test_without_the_code_nothing_begins_and_without_the_confirmation_nothing_is_recorded(database: Database) -> None:
    with a_request(database) as session:
        texts, then = look_up(session, ErrandKind.WITHDRAW, "AAAA2222")
        assert then is None
        assert "对不上" in texts[0]
        assert session.scalars(select(Errand)).all() == []
        look_up(session, ErrandKind.WITHDRAW)
        assert _taken(session, turn(text="算了")) == (STOPPED, "")
        assert "照常办理" in done(session, STOPPED)[0]
        assert state(session) == RequestState.IN_PROCESS or state(session) == RequestState.RECEIVED
        assert "半小时" in done(session, CONFIRMED)[0]


def test_what_is_answered_already_is_refused_kindly_and_its_status_told(database: Database) -> None:
    with a_request(database, ANSWERED) as session:
        texts, then = look_up(session, ErrandKind.WITHDRAW)
        assert then is None
        assert texts[0] == f"申请 {RECEIPT} 已经答复，不能再撤回。它的现状如下。"
        assert texts[1].startswith(f"申请 {RECEIPT}：已经答复")


def test_an_answer_that_came_meanwhile_is_not_overtaken(database: Database) -> None:
    with a_request(database) as session:
        look_up(session, ErrandKind.WITHDRAW)
        record_event(session, RECEIPT, ANSWERED)
        assert "已经答复，不能再撤回" in done(session, CONFIRMED)[0]
        assert state(session) == RequestState.ANSWERED


def test_a_supplement_is_shown_what_was_asked_confirmed_and_starts_the_clock_anew(database: Database) -> None:
    with a_request(database, ASKED) as session:
        assert look_up(session, ErrandKind.SUPPLEMENT) == ([], "errand_form")
        question = asked(session)
        assert "请写明年份和地区" in question
        assert "期限到 2026年12月1日" in question
        assert "“查看信息公开答复”，用回执号和查询码连同文件一起交" in question
        assert _taken(session, turn(text="补")) == ("ask again", "too_short")
        assert "写得太短" in asked(session, "too_short")
        # The engine normalises the text; what is recorded is what was typed.
        typed = [{"by": "citizen", "text": WORDS}]
        assert _taken(session, turn(text=WORDS.replace("，", ","), transcript=typed)) == ("ask again", "")
        assert WORDS in asked(session)
        assert _taken(session, turn(text="确认提交")) == (CONFIRMED, "")
        (told,) = done(session, CONFIRMED)
        assert "答复期限从今天重新算，最迟 2026年12月22日答复" in told
        request = session.get_one(Request, RECEIPT)
        assert request.steps[-1].kind == Kind.SUPPLEMENT_RECEIVED
        assert request.description == f"停车场规划\n补正（{TODAY}）：{WORDS}"
        assert session.scalars(select(Errand)).all() == []


def test_personal_words_are_shown_masked_and_one_may_write_again(database: Database) -> None:
    with a_request(database, ASKED) as session:
        look_up(session, ErrandKind.SUPPLEMENT)
        _taken(session, turn(text="我的手机是13900138000，要2024年的"))
        assert "13900138000" not in asked(session)
        assert _taken(session, turn(text="重写")) == ("ask again", "")
        assert "请写补正的内容" in asked(session)


@pytest.mark.parametrize(
    "other", [{"text": "补正什么意思？"}, {"text": "转人工", "intent": "handoff"}, {"text": "撤回信息公开申请"}]
)
def test_other_business_is_no_supplement(database: Database, other: dict[str, str]) -> None:
    with a_request(database, ASKED) as session:
        look_up(session, ErrandKind.SUPPLEMENT)
        assert _taken(session, turn(**other))[0] == OTHER_BUSINESS


def test_where_no_supplement_is_waited_for_none_is_taken(database: Database) -> None:
    with a_request(database) as session:
        texts, then = look_up(session, ErrandKind.SUPPLEMENT)
        assert then is None
        assert "没有要您补正" in texts[0]


def test_the_code_opens_the_errand_for_half_an_hour(database: Database) -> None:
    with a_request(database) as session:
        look_up(session, ErrandKind.WITHDRAW)
        assert errands.under_way(session, "c", NOW + timedelta(minutes=30)) is not None
        assert errands.under_way(session, "c", NOW + timedelta(minutes=31)) is None
        errands.forget_old(session, NOW + timedelta(minutes=31))
        assert session.scalars(select(Errand)).all() == []


def test_the_errand_is_that_of_the_look_up_which_may_take_several_messages() -> None:
    said = [
        {"event": "user", "text": f"撤回信息公开申请 {RECEIPT}"},
        bot("identity_asked"),
        {"event": "user", "text": "K"},
    ]
    assert _errand(said) == ErrandKind.WITHDRAW
    assert _errand([*said, bot("identity_refused"), {"event": "user", "text": CODE}]) == ErrandKind.WITHDRAW
    assert _errand([*said, bot("answered_by_record"), {"event": "user", "text": CODE}]) is None


def bot(outcome: str) -> dict[str, object]:
    return {"event": "bot", "metadata": {"turn": {"outcome": outcome}}}


def test_the_question_for_the_code_says_what_it_is_for(database: Database) -> None:
    with database.transaction() as session:
        asking: Turn = turn(receipt=RECEIPT, errand=ErrandKind.WITHDRAW)
        (reply,) = ActionAskQueryCode().answer(session, asking).replies
        assert reply.text.startswith("可以在这里撤回信息公开申请。")
