"""The item that the engine finds settles a short question; `bot.answering` decides the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from actions import answering
from actions.answering import agreed, alike, context_of, with_witnesses
from actions.turn import Answer
from bot.answering.evidence import Context
from bot.answering.service import Certainty, Decision, offered
from bot.answering.units import Sort, Unit
from bot.catalogue.models import City
from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.replies.reply import Reply
from tests.actions.test_approvals import turn
from tests.voices.letters import publish

FEE = Unit("item:GA-004:fee", "item:GA-004", Sort.ITEM, "GA-004", "护照 收费", "120 元", facet="fee")
PASSAGE = Unit("doc:guide.md#3", "doc:guide.md", Sort.PASSAGE, "3", "护照问答 要多少钱", "工本费 120 元")
HOME = Unit("item:ZG-001:overview", "item:ZG-001", Sort.ITEM, "ZG-001", "二手房过户", "登记", facet="overview")
CAR = Unit("doc:cars.md#4", "doc:cars.md", Sort.PASSAGE, "4", "车管问答 二手车过户", "30 日内申请转移登记")
FREE = Unit("item:RS-003:fee", "item:RS-003", Sort.ITEM, "RS-003", "失业金 收费", "不收费", facet="fee")


RULE = Unit("doc:guide.md#7", "doc:guide.md", Sort.PASSAGE, "7", "申请指南 多少天", "20 个工作日", work="公开申请指南")
DOOR = Unit("route:LX-001", "route:LX-001", Sort.ROUTE, "LX-001", "路灯 城管", "打 12345")


def found(certainty: Certainty, *considered: tuple[Unit, float], first: float = 0.7) -> Decision:
    units = tuple(unit for unit, _ in considered)
    return Decision(certainty, units[:1] if certainty is Certainty.SURE else units, considered, first, 0.9)


def test_beside_the_door_to_who_deals_with_it_no_matter_is_offered_that_is_not_in_the_catalogue(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = Unit("absent:拖欠工资投诉", "absent:拖欠工资投诉", Sort.ABSENT, "拖欠工资投诉", "拖欠工资投诉", "人社部门")
    asked = turn(text="老板三个月没发工资，我该找谁", intent="ask_overview")
    monkeypatch.setattr(answering, "offer_of", lambda *_: [Reply("答复", Outcome.ROUTED)])
    monkeypatch.setattr(
        answering, "_offered_together", lambda *said: Answer([], {"offered": [unit for unit, _ in said[2]]})
    )

    def offered_of(*considered: tuple[Unit, float]) -> list[Unit]:
        return list(answering._likely(session, asked, found(Certainty.LIKELY, *considered)).slots["offered"])

    assert offered_of((DOOR, 3.0), (absent, 2.9)) == [DOOR]
    # What is not in the catalogue is still offered where it is the likeliest, and beside anything but a door.
    assert offered_of((absent, 3.0), (DOOR, 2.9)) == [absent, DOOR]
    assert offered_of((PASSAGE, 3.0), (absent, 2.9)) == [PASSAGE, absent]


def test_what_is_asked_goes_before_the_engines_item_that_is_only_where_the_citizen_lives(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = found(Certainty.SURE, (PASSAGE, 3.0))

    class Index:
        def decide(self, text: str, context: Context) -> Decision:
            return school if text == "孩子上小学怎么报名" else found(Certainty.NONE, (HOME, 1.0))

    monkeypatch.setattr(answering, "answering", lambda _: Index())
    likely = found(Certainty.LIKELY, (HOME, 3.0), (PASSAGE, 2.9))
    told = turn(text="户口在外地，孩子上小学怎么报名", intent="ask_overview", items=["ZG-001"])
    assert agreed(session, likely, told) is school
    # “想迁过来” alone says too little, so the item that the whole message names stays.
    assert agreed(session, likely, replace(told, text="户口在外地，想迁过来")).units == (HOME,)


@pytest.mark.parametrize(("score", "first"), [(2.5, HOME), (1.2, CAR)])
def test_the_engines_item_is_put_first_only_where_the_search_ranks_it_close_behind(
    session: Session, score: float, first: Unit
) -> None:
    likely = found(Certainty.LIKELY, (CAR, 3.0), (HOME, score))
    asked = turn(text="买了个二手车怎么过户", intent="ask_process", items=["ZG-001"])
    assert agreed(session, likely, asked).units[0] is first


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ({"text": "对了，护照多少钱", "items": ["GA-004"], "facets": ["fee"]}, FEE),
        ({"text": "要钱吗", "known_item": "GA-004", "facets": ["fee"]}, FEE),
        ({"text": "坐公交要钱吗", "known_item": "GA-004", "facets": ["fee"]}, PASSAGE),
        ({"text": "登记费多少", "known_item": "GA-004", "items": ["GA-004", "GA-006"], "facets": ["fee"]}, FEE),
        ({"text": "登记费多少", "known_item": "GA-004", "items": ["GA-005", "GA-006"], "facets": ["fee"]}, PASSAGE),
        ({"text": "要多久", "known_item": "GA-004", "facets": ["time_limit"]}, PASSAGE),
        ({"text": "居住证要钱吗", "items": ["GA-006"], "facets": ["fee"]}, PASSAGE),
        ({"text": "租金多少", "known_item": "GA-004"}, PASSAGE),
    ],
)
def test_the_part_of_the_record_that_is_named_outright_comes_before_a_passage_that_says_the_same(
    session: Session, said: dict[str, object], first: Unit
) -> None:
    sure = found(Certainty.SURE, (PASSAGE, 3.0), (FEE, 2.5), first=0.9)
    assert agreed(session, sure, turn(intent="ask_fee", **said)).units[0] is first


@pytest.mark.parametrize(
    ("text", "certainty", "unit", "is_told"),
    [
        ("信息公开申请多久答复", Certainty.LIKELY, RULE, True),
        ("我的信息公开申请什么时候有结果", Certainty.LIKELY, RULE, False),
        ("上个月交的公开申请怎么还没回音", Certainty.LIKELY, RULE, False),
        ("信息公开申请进度怎么查", Certainty.LIKELY, RULE, False),
        ("我的信息公开申请什么时候有结果", Certainty.SURE, RULE, True),
        ("申请多久答复", Certainty.LIKELY, CAR, False),
        ("信息公开申请", Certainty.SURE, RULE, False),
        ("我想查一下信息公开申请办得怎么样", Certainty.SURE, RULE, False),
        ("信息公开申请办得怎么样了", Certainty.LIKELY, RULE, False),
    ],
)
def test_a_rule_is_told_before_the_receipt_is_asked_for_unless_the_message_is_about_a_request_that_was_filed(
    session: Session, monkeypatch: pytest.MonkeyPatch, text: str, certainty: Certainty, unit: Unit, *, is_told: bool
) -> None:
    class Index:
        def decide(self, _: str) -> Decision:
            return found(certainty, (unit, 3.0))

    monkeypatch.setattr(answering, "answering", lambda _: Index())
    monkeypatch.setattr(answering, "_sure", lambda *_: "told")
    assert answering.rule_asked_for(session, turn(text=text)) == ("told" if is_told else None)


def test_two_parts_of_one_record_that_are_named_outright_are_sure(session: Session) -> None:
    days = replace(FEE, name="item:GA-004:time_limit", facet="time_limit")
    likely = found(Certainty.LIKELY, (days, 3.0), (FEE, 2.9), (PASSAGE, 2.5), first=0.5)
    asked = turn(text="护照多少钱，几天能拿", intent="ask_fee", items=["GA-004"], facets=["fee", "time_limit"])
    assert (agreed(session, likely, asked).certainty, agreed(session, likely, asked).units) == (Certainty.SURE, (FEE,))


@pytest.mark.parametrize(
    ("facets", "together", "certainty", "first"),
    [
        (["conditions"], 0.95, Certainty.SURE, "conditions"),
        (["conditions"], 0.85, Certainty.LIKELY, "conditions"),
        (["time_limit"], 0.95, Certainty.LIKELY, "overview"),
        ([], 0.95, Certainty.LIKELY, "overview"),
        (["conditions", "fee"], 0.95, Certainty.LIKELY, "overview"),
    ],
)
def test_of_the_parts_of_one_record_the_one_that_is_named_is_the_answer(
    session: Session, facets: list[str], together: float, certainty: Certainty, first: str
) -> None:
    conditions = replace(HOME, name="item:ZG-001:conditions", facet="conditions")
    likely = replace(found(Certainty.LIKELY, (HOME, 3.0), (conditions, 2.9), first=0.5), any=together)
    decision = agreed(session, likely, turn(text="二手房过户条件", items=["ZG-001"], facets=facets))
    assert (decision.certainty, decision.units[0].facet) == (certainty, first)


def test_a_part_is_not_named_of_the_item_whose_name_is_like_the_matters(session: Session) -> None:
    conditions = replace(HOME, name="item:ZG-001:conditions", facet="conditions")
    absent = Unit("absent:车位过户", "absent:车位过户", Sort.ABSENT, "车位过户", "车位过户", "")
    likely = replace(found(Certainty.LIKELY, (HOME, 3.0), (conditions, 2.9), (absent, 2.8), first=0.5), any=0.95)
    decision = agreed(session, likely, turn(text="车位过户条件", items=["ZG-001"], facets=["conditions"]))
    assert (decision.certainty, decision.units[0]) == (Certainty.LIKELY, HOME)


def test_a_question_about_items_that_were_offered_for_choice_is_asked_of_each(session: Session) -> None:
    asked = turn(text="要花多少钱", facets=["fee"], candidates=["GA-004", "RS-003"])
    assert context_of(asked).shown == ("item:GA-004:overview", "item:RS-003:overview")
    assert context_of(turn(shown=["route:LX-001"], candidates=["GA-004"])).shown == ("route:LX-001",)


def test_what_is_far_less_likely_than_the_first_is_not_offered() -> None:
    other = replace(FEE, name="item:GA-004:place", facet="place")
    assert offered([(PASSAGE, 3.0), (FEE, 2.0), (other, 0.4)]) == (PASSAGE, FEE)


@pytest.mark.parametrize(
    ("items", "gap", "choices"),
    [
        (["ZG-001", "GA-009"], 1.0, ["ZG-001", "GA-009"]),
        (["ZG-001", "GA-009"], 2.0, []),
        (["GA-009", "SC-002"], 1.0, ["ZG-001", "GA-009", "SC-002"]),
        (["SC-001", "SC-002"], 1.0, []),
    ],
)
def test_items_that_a_short_name_fits_alike_are_offered_with_the_one_that_the_search_ranks_first(
    items: list[str], gap: float, choices: list[str]
) -> None:
    likely = found(Certainty.LIKELY, (HOME, 3.0), (replace(CAR, key="GA-009"), 3.0 - gap))
    assert alike(turn(text="过户登记", intent="ask_overview", items=items), likely) == choices


def test_where_the_search_claims_nothing_the_engines_item_is_offered(session: Session) -> None:
    nothing = Decision(Certainty.NONE, (), ((CAR, 3.0), (HOME, 1.2)), 0.2, 0.4)
    settled = agreed(session, nothing, turn(text="房子过户", intent="ask_overview", items=["ZG-001"]))
    assert (settled.certainty, settled.units[0]) == (Certainty.LIKELY, HOME)


def test_what_goes_on_with_the_matter_of_before_is_no_surer_by_the_engine(session: Session) -> None:
    likely = found(Certainty.LIKELY, (FEE, 3.0), (PASSAGE, 2.5))
    assert agreed(session, likely, turn(text="要钱吗", intent="ask_fee", known_item="GA-004")) is likely


@pytest.mark.parametrize(("text", "certainty"), [("那多少钱", Certainty.LIKELY), ("要交钱吗", Certainty.SURE)])
def test_a_record_that_takes_no_fee_is_surely_meant_only_where_paying_is_asked_about(
    session: Session, text: str, certainty: Certainty
) -> None:
    sure = found(Certainty.SURE, (FREE, 3.0), (PASSAGE, 2.5), first=0.9)
    asked = turn(text=text, intent="ask_fee", known_item="RS-003")
    assert agreed(session, sure, asked).certainty is certainty


def test_what_staff_taught_stands(session: Session) -> None:
    taught = replace(found(Certainty.SURE, (CAR, 3.0), (HOME, 2.9)), is_taught=True)
    assert with_witnesses(session, turn(text="房子过户", items=["ZG-001"], intent="ask_overview"), taught) is taught


@pytest.fixture
def session() -> Session:
    """Looks nothing up."""
    return Session()


@pytest.mark.parametrize(
    ("certainty", "unit", "is_quoted"),
    [
        (Certainty.NONE, PASSAGE, True),
        (Certainty.LIKELY, PASSAGE, True),
        (Certainty.SURE, PASSAGE, False),
        (Certainty.SURE, DOOR, True),
    ],
)
def test_a_published_letter_about_the_same_is_quoted_as_likely_where_nothing_is_sure(
    database: Database, monkeypatch: pytest.MonkeyPatch, certainty: Certainty, unit: Unit, *, is_quoted: bool
) -> None:
    decision = found(certainty, (unit, 3.0))
    monkeypatch.setattr(answering, "_decided", lambda *_: decision)
    monkeypatch.setattr(answering, "with_witnesses", lambda *_: decision)
    monkeypatch.setattr(answering, "_placed", lambda *_: decision)
    monkeypatch.setattr(answering, "_otherwise", lambda *_: None)
    monkeypatch.setattr(answering, "_sure", lambda *_: Answer([]))
    monkeypatch.setattr(answering, "_likely", lambda *_: Answer([]))
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        publish(session, title="小区门口路灯不亮", question="东门的路灯坏了，没人来修。", answer="找城管局。")
        replies = answering.answer_question(session, turn(text="小区门口的路灯不亮找谁")).replies
    assert any(reply.text.startswith("其他市民问过") for reply in replies) is is_quoted


def test_below_a_quoted_letter_a_longer_question_may_still_be_taken_down(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = found(Certainty.NONE, (PASSAGE, 3.0))
    monkeypatch.setattr(answering, "_decided", lambda *_: decision)
    monkeypatch.setattr(answering, "with_witnesses", lambda *_: decision)
    monkeypatch.setattr(answering, "_placed", lambda *_: decision)
    monkeypatch.setattr(answering, "_otherwise", lambda *_: None)
    asked = turn(text="小区门口的路灯不亮，问了物业说不归他们管，请问到底应该找哪个部门来修")
    with database.transaction() as session:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        publish(session, title="小区门口路灯不亮", question="东门的路灯坏了，没人来修。", answer="找城管局。")
        quoted, offer = answering.answer_question(session, asked).replies
    assert quoted.text.startswith("其他市民问过")
    assert "记下来" in offer.text
