"""How a message stands to the matter of before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from actions.answering import answer_question
from actions.continuing import asked_of_another, keeping_the_matter, what_is_named
from actions.joint_services import whole_asked_for
from actions.smalltalk import ActionSorry
from bot.answering.evidence import Context
from bot.answering.service import Certainty, Decision, answering
from bot.answering.units import Sort, Unit
from bot.running.sample_city import load_sample_city
from tests.actions.test_approvals import turn
from tests.databases import in_memory


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with in_memory(load_sample_city) as database, database.transaction() as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "before", "shown", "meant"),
    [
        ("那卖酒呢", "开个小店卖烟要什么证", "item:YC-001:overview", "absent:酒类经营"),
        ("那医保呢", "公积金怎么转到外地去", "absent:公积金转移", "absent:医保关系转移"),
        ("那孩子呢", "护照怎么办", "item:GA-004:overview", None),
        ("户口簿呢", "护照怎么办", "item:GA-004:overview", None),
        ("那多少钱呢", "护照怎么办", "item:GA-004:overview", None),
    ],
)
def test_the_same_is_asked_of_another_matter_that_is_named(
    session: Session, text: str, before: str, shown: str, meant: str | None
) -> None:
    index = replace(answering(session), meaning=None)
    found = asked_of_another(index, text, before, Context((shown,)))
    assert (found.units[0].name if found else None) == meant


def test_other_items_are_not_offered_beside_the_matter_of_before() -> None:
    own = Unit("item:SC-002:online", "item:SC-002", Sort.ITEM, "SC-002", "公司变更登记", "网上能办")
    other = Unit("item:YJS-001:overview", "item:YJS-001", Sort.JOINT, "YJS-001", "开办餐饮店一件事", "一起办")
    likely = Decision(Certainty.LIKELY, (own, other), ((own, 2.0), (other, 1.0)), 0.5, 0.9)
    assert keeping_the_matter(likely, Context(("item:SC-002:materials",))).units == (own,)
    assert keeping_the_matter(likely, Context(("doc:guide.md#1",))) is likely


@pytest.mark.parametrize(("text", "named"), [("要备案吗", ""), ("登记费多少", ""), ("去哪办身份证", "身份证")])
def test_words_of_asking_and_doing_name_no_matter(text: str, named: str) -> None:
    assert what_is_named(text) == named


@pytest.mark.parametrize(
    ("text", "known", "before", "joint"),
    [
        ("先办哪个", "SC-005", "我想开个饭店", "YJS-001"),
        ("大概多久能开业", "YJS-001", "我想开个饭店", "YJS-001"),
        ("先办哪个", "SC-001", "想开个药店，先注册公司", "YJS-004"),
        ("多久能办好", "SC-005", "我想开个饭店", None),
        ("先办哪个", "GA-004", "护照怎么办", None),
    ],
)
def test_the_whole_is_told_after_a_part_of_it(
    session: Session, text: str, known: str, before: str, joint: str | None
) -> None:
    assert whole_asked_for(session, turn(text=text, known_item=known, typed_before=[before])) == joint


def test_no_after_an_offer_chooses_none(session: Session) -> None:
    (refused,) = ActionSorry().answer(session, turn(text="不是", offered=["item:GA-004:fee"])).replies
    (wrong,) = ActionSorry().answer(session, turn(text="不是")).replies
    assert refused.text.startswith("好的，都不是")
    assert wrong.text.startswith("抱歉")


def test_a_letter_that_names_two_matters_is_answered_on_both(session: Session) -> None:
    asked = turn(
        text="我父亲今年81岁，腿脚不便，想办残疾证，同时听说有高龄补贴，这两个能一起领吗？去哪里申请？可以上门吗？",
        items=["MZ-004", "CL-001"],
    )
    kinds = [getattr(reply.about, "code", None) for reply in answer_question(session, asked).replies]
    assert kinds[:2] == ["MZ-004", "CL-001"]
