"""A complaint, a suggestion, praise or a request becomes a case of that kind, and the next words are about it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from actions import cases, letters
from actions.cases import ActionAskCaseAnswer, ActionCase
from actions.departments import department_in_charge
from actions.letters import ActionTakeDown
from actions.memory import CaseTalk
from actions.turn import Turn
from bot.answering.service import Certainty, Decision
from bot.answering.units import Sort, Unit
from bot.catalogue.models import AbsentMatter, City, Department
from bot.conversations.outcomes import Outcome
from bot.db import Database, utcnow
from bot.language.receipts import find_query_code
from bot.referrals.models import Route
from bot.replies.reply import Reply
from bot.reviews import service
from bot.reviews.reasons import ClosedAs, Kind
from bot.reviews.states import CaseState
from bot.voices.service import look_up
from tests.actions.test_approvals import turn
from tests.voices.letters import publish

LETTER = "我们小区门口的路灯坏了半个月，晚上黑漆漆的，已经有老人摔倒，打了几次电话都没人来修，电话13800138000"


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> list[Unit]:
    """The search results for every letter: empty, unless a test adds some."""
    units: list[Unit] = []

    class Search:
        def decide(self, text: str) -> Decision:
            return Decision(Certainty.NONE, (), tuple((unit, 1.0) for unit in units), 0.7 if units else 0.0, 0.0)

    monkeypatch.setattr(letters, "answering", lambda session: Search())
    return units


def town(session: Session) -> None:
    session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
    for code, name, short in (("CG", "城市管理局", "城管局"), ("JY", "教育局", "教委"), ("GA", "公安局", "公安")):
        session.add(Department(code=code, name=name, short_names=[short], phone="0990-8810000"))
    session.flush()


def taken_down(session: Session, text: str = LETTER, intent: str = "complain", **known: Any) -> tuple[Reply, str]:
    answer = ActionTakeDown().answer(session, turn(text=text, intent=intent, **known))
    reply = answer.replies[0]
    assert reply.custom is not None
    return reply, str(reply.custom["case"])


def then(database: Database, monkeypatch: pytest.MonkeyPatch, number: str, one: Turn) -> list[Reply]:
    """How the form reads the message after the letter."""
    monkeypatch.setattr(cases, "database", lambda: database)
    taken, step = cases._take(one)
    if taken == cases.OTHER_BUSINESS:
        return []
    with database.transaction() as session:
        if taken == cases.ASK_AGAIN:
            return ActionAskCaseAnswer().answer(session, turn(text=one.text, case=step)).replies
        return ActionCase().answer(session, turn(text=one.text, intent=one.intent, case=step)).replies


@pytest.mark.parametrize(
    ("intent", "kind"),
    [
        ("complain", Kind.COMPLAINT),
        ("suggest", Kind.SUGGESTION),
        ("praise", Kind.PRAISE),
        ("request_help", Kind.REQUEST),
    ],
)
def test_the_first_reply_tells_number_department_and_day(database: Database, intent: str, kind: Kind) -> None:
    with database.transaction() as session:
        town(session)
        reply, number = taken_down(session, intent=intent)
        case = service.get_case(session, number)
        assert (case.kind, case.question) == (kind, LETTER.replace("13800138000", "[手机号]"))
        assert reply.custom is not None
        assert reply.custom["kind"] == "letter"
        assert "撤回" in reply.text
        assert number in reply.text
        assert ("前答复您" in reply.text) == (kind != Kind.PRAISE)
        assert (reply.custom["due_on"] is None) == (kind == Kind.PRAISE)


@pytest.mark.parametrize(("intent", "is_told"), [("complain", True), ("request_help", True), ("praise", False)])
def test_what_is_known_of_the_matter_stands_below_and_never_first(
    database: Database, found: list[Unit], intent: str, is_told: bool
) -> None:
    with database.transaction() as session:
        town(session)
        session.add(AbsentMatter(name="路灯报修", aliases=[], note="路灯由市政养护单位修。", in_charge="城市管理局"))
        found.append(Unit("absent:路灯报修", "absent:路灯报修", Sort.ABSENT, "路灯报修", "路灯报修", ""))
        first, *below = ActionTakeDown().answer(session, turn(text=LETTER, intent=intent)).replies
        assert (first.custom or {})["kind"] == "letter"
        assert [("路灯报修" in reply.text, (reply.custom or {})["certainty"]) for reply in below] == [
            (True, "likely")
        ] * is_told


def test_where_nobody_is_clearly_in_charge_none_is_named(database: Database) -> None:
    with database.transaction() as session:
        town(session)
        text = "你们那个地方的那个东西真是不像话，反映了很多次也没有用"
        assert department_in_charge(session, text, None) is None
        reply, _ = taken_down(session, text)
        assert "12345 热线转给负责的部门" in reply.text


@pytest.mark.parametrize("is_near", [True, False])
def test_the_route_of_the_words_stands_below_and_names_who_is_in_charge_unless_they_are_incidental(
    database: Database, found: list[Unit], *, is_near: bool
) -> None:
    if is_near:
        found.append(Unit("route:LX-001", "route:LX-001", Sort.ROUTE, "LX-001", "退费", "打 12345"))
    with database.transaction() as session:
        town(session)
        door = {"code": "LX-001", "name": "", "category": "信访投诉举报", "triggers": [], "exceptions": []}
        door |= {"answer": "打 12345。", "in_charge": "云河市教育局", "phone": "12345", "legal_basis": "", "url": ""}
        session.add(Route(**door))
        session.flush()
        text = "这家机构说关门就关门，钱也不退，大家都很着急"
        replies = ActionTakeDown().answer(session, turn(text=text, intent="complain", route="LX-001")).replies
        assert [reply.text.split("。")[0] for reply in replies][1:] == ["打 12345"] * is_near
        assert ("教育局" in replies[0].text) == is_near


def test_the_next_words_are_added_or_name_the_department_or_take_it_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        town(session)
        _, number = taken_down(session)
    step = {"case": CaseTalk(number, "letter")}

    (added,) = then(database, monkeypatch, number, turn(text="就在东门进来第二栋", intent="choose_situation", **step))
    assert number in added.text
    (moved,) = then(database, monkeypatch, number, turn(text="不对，应该归教育局管", intent="ask_place", **step))
    assert moved.custom is not None
    assert moved.custom["department"] == "教育局"
    for text, intent in (
        ("身份证丢了怎么办", "ask_overview"),
        ("多少钱？", "ask_fee"),
        ("谢谢", "thank"),
        ("转人工", "handoff"),
    ):
        assert then(database, monkeypatch, number, turn(text=text, intent=intent, **step)) == []
    (withdrawn,) = then(database, monkeypatch, number, turn(text="算了", intent="withdraw_case", **step))
    assert "已撤回" in withdrawn.text
    with database.transaction() as session:
        case = service.get_case(session, number)
        assert (case.state, case.outcome, case.department_code) == (CaseState.CLOSED, ClosedAs.WITHDRAWN, "JY")
        said = [event.why for event in service.events_of(session, case) if event.why]
        assert said[1:] == ["就在东门进来第二栋", "不对，应该归教育局管"]


def test_a_second_letter_goes_into_the_case_that_is_open(database: Database) -> None:
    with database.transaction() as session:
        town(session)
        _, first = taken_down(session)
        reply, second = taken_down(session, "还有一件事，楼下的垃圾也一个星期没有人清运了", case=CaseTalk(first))
        assert first == second
        assert "加到" in reply.text
        assert len(service.open_cases(session)) == 1


@pytest.mark.parametrize("outcome", [Outcome.NOTHING_FOUND, Outcome.NOT_IN_CATALOGUE])
def test_a_question_that_nothing_answers_is_taken_down_on_request(database: Database, outcome: Outcome) -> None:
    asked = "高铁站旁边那个新的客运站选址定下来没有，老站根本坐不下人"
    before = {"typed_before": [asked], "outcome_before": outcome}
    with database.transaction() as session:
        town(session)
        _, number = taken_down(session, "记下来", "complain", **before)
        case = service.get_case(session, number)
        assert (asked in case.question, case.kind) == (True, Kind.INQUIRY)


def test_a_complaint_about_what_was_just_answered_with_a_route_is_taken_down(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    water = Route(
        code="LX-121",
        name="停水",
        category="生活服务",
        triggers=["停水"],
        answer="打水务集团",
        in_charge="",
        phone="",
        url="",
    )
    monkeypatch.setattr(letters.routes, "get_route", lambda session, code: water)
    known = {"typed_before": ["停水三天了，没人管"], "shown": ["route:LX-121"], "route": "LX-121"}
    with database.transaction() as session:
        town(session)
        asked = letters.take_down_of_route(session, turn(text="什么时候来水", **known), water)
        answer = letters.take_down_of_route(session, turn(text="我要投诉自来水公司", **known), water)
        assert asked is None
        assert answer is not None
        (case,) = service.open_cases(session)
        assert (case.kind, "停水三天了" in case.question) == (Kind.COMPLAINT, True)


def test_what_only_announces_a_letter_again_is_no_letter(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    announced = CaseTalk(None, letters.TOLD, act="complain")
    said = turn(text="我要投诉他们", intent="complain", case=announced)
    with database.transaction() as session:
        town(session)
    (reply,) = then(database, monkeypatch, "", said)
    assert "请说说是什么事" in reply.text
    with database.transaction() as session:
        assert service.open_cases(session) == []


def test_a_letter_that_speaks_of_an_emergency_is_taken_down_and_told_what_to_do(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fire = Route(
        code="LX-001",
        name="火警",
        category="紧急求助",
        triggers=["着火了"],
        exceptions=[],
        answer="请马上打 119。",
        in_charge="消防",
        phone="119",
        legal_basis="",
        url="",
    )
    with database.transaction() as session:
        town(session)
        session.add(fire)
    monkeypatch.setattr("actions.turn.database", lambda: database)
    said = ActionTakeDown()._answer_in_transaction(turn(text=LETTER, intent="complain", danger="LX-001")).replies
    assert "记下了" in said[0].text.splitlines()[0]
    assert said[0].text.endswith("要是眼下就有危险，请马上打 119。")


def test_the_writer_gets_a_code_with_which_the_letter_is_followed(database: Database) -> None:
    with database.transaction() as session:
        town(session)
        reply, number = taken_down(session)
        code = find_query_code(reply.text)
        assert code
        assert look_up(session, number, code, "somebody", utcnow()).voice is not None
        by_text, _ = taken_down(session, conversation="sms-1", channel="sms")
        assert find_query_code(by_text.text) is None


@pytest.mark.parametrize(
    ("text", "before", "kind", "said"),
    [
        ("尊敬的市长：路灯坏了半个月没人修，希望您过问", [], Kind.MAYOR, "写给市长的信"),
        (LETTER, ["我要给市长写信"], Kind.MAYOR, "写给市长的信"),
        ("希望公开老旧小区改造的名单", ["点题公开"], Kind.TOPIC, "您点的题"),
        (LETTER, ["市长热线是多少"], Kind.REQUEST, "您的求助"),
    ],
)
def test_a_letter_to_the_mayor_and_a_topic_to_be_published_are_kinds_of_their_own(
    database: Database, text: str, before: list[str], kind: Kind, said: str
) -> None:
    with database.transaction() as session:
        town(session)
        reply, number = taken_down(session, text, "request_help", typed_before=before)
        assert service.get_case(session, number).kind == kind
        assert said in reply.text


def test_a_published_letter_about_the_same_is_shown_below(database: Database) -> None:
    with database.transaction() as session:
        town(session)
        publish(session, title="小区门口路灯不亮", question="门口的路灯坏了，没人来修。", answer="已经修好。")
        answer = ActionTakeDown().answer(session, turn(text=LETTER, intent="complain"))
        beside = answer.replies[-1]
        assert beside.text.startswith("其他市民问过，2026-11-28 的答复")
        assert "已经修好。" in beside.text
        assert beside.custom is not None
        assert (beside.custom["kind"], beside.custom["certainty"]) == ("public_letter", "likely")
