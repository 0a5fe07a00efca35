"""What the engine sees settles a short question; `bot.answering` decides the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from actions.answering import agreed
from bot.answering.service import Certainty, Decision
from bot.answering.units import Sort, Unit
from tests.actions.test_approvals import turn

FEE = Unit("item:GA-004:fee", "item:GA-004", Sort.ITEM, "GA-004", "护照 收费", "120 元", facet="fee")
PASSAGE = Unit("doc:guide.md#3", "doc:guide.md", Sort.PASSAGE, "3", "护照问答 要多少钱", "工本费 120 元")
LONG = "听那边窗口的人说办护照要多少钱由出入境管理部门来定，是吗"
FREE = Unit("item:RS-003:fee", "item:RS-003", Sort.ITEM, "RS-003", "失业金 收费", "不收费", facet="fee")
FOUND = Decision(Certainty.SURE, (PASSAGE,), ((PASSAGE, 3.0), (FEE, 2.5), (FREE, 2.0)), 0.9, 0.95)


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ({"text": "对了，护照多少钱", "intent": "ask_fee", "items": ["GA-004"]}, FEE),
        ({"text": "要钱吗", "intent": "ask_fee", "known_item": "GA-004"}, FEE),
        ({"text": "要多久", "intent": "ask_time_limit", "known_item": "GA-004"}, PASSAGE),
        ({"text": "居住证要钱吗", "intent": "ask_fee", "items": ["GA-006"]}, PASSAGE),
        ({"text": "证件要钱吗", "intent": "ask_fee", "items": ["GA-004", "GA-006"]}, PASSAGE),
        ({"text": "那多少钱", "intent": "ask_fee", "known_item": "RS-003"}, PASSAGE),
        ({"text": "办这个要钱吗", "intent": "ask_fee", "known_item": "RS-003"}, FREE),
        ({"text": LONG[:25], "intent": "ask_fee", "items": ["GA-004"]}, FEE),
        ({"text": LONG, "intent": "ask_fee", "items": ["GA-004"]}, PASSAGE),
    ],
)  # fmt: skip
def test_the_record_asked_for_comes_before_a_passage_that_says_the_same(
    session: Session, said: dict[str, object], first: Unit
) -> None:
    assert agreed(session, FOUND, turn(**said)).units[0] is first


@pytest.mark.parametrize(("text", "certainty"), [("那多少钱", Certainty.LIKELY), ("要交钱吗", Certainty.SURE)])
def test_a_record_that_takes_no_fee_is_surely_meant_only_where_paying_is_asked_about(
    session: Session, text: str, certainty: Certainty
) -> None:
    found = Decision(Certainty.LIKELY, (FREE, PASSAGE), ((FREE, 3.0), (PASSAGE, 2.5)), 0.6, 0.9)
    asked = turn(text=text, intent="ask_fee", known_item="RS-003")
    assert agreed(session, found, asked).certainty is certainty


def test_a_record_that_the_search_does_not_see_is_not_put_first(session: Session) -> None:
    alone = replace(FOUND, considered=((PASSAGE, 3.0),))
    assert agreed(session, alone, turn(text="护照多少钱", intent="ask_fee", items=["GA-004"])).units[0] is PASSAGE


@pytest.fixture
def session() -> Session:
    """Nothing is looked up."""
    return Session()
