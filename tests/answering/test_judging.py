"""How an answer is judged by the labels of a message."""

from __future__ import annotations

import pytest

from bot.answering.judging import fits, judge


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("item:GA-003:fee", "item:GA-003:fee+overview"),
        ("item:GA-003:fee", "item:GA-003"),
        ("doc:guide#第五条", "doc:guide"),
        ("doc:guide#第五条", "doc:guide#第五条 申请"),
        ("choices:A,B,C", "choices:A,B"),
        ("absent:变更姓名", "absent:变更姓名"),
    ],
)
def test_what_fits(said: str, wanted: str) -> None:
    assert fits(said, wanted)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("item:GA-003:fee", "item:GA-003:place"),
        ("doc:guide#第五条", "doc:guide#第六条"),
        ("doc:guide#", "doc:guide#第六条"),
    ],
)
def test_what_does_not_fit(said: str, wanted: str) -> None:
    assert not fits(said, wanted)


BEST, OK = ["item:GA-003:fee"], ["item:GA-003:overview"]


@pytest.mark.parametrize(
    ("said", "likely", "verdict"),
    [
        (["item:GA-003:fee"], False, "right"),
        (["item:GA-003:overview"], False, "ok"),
        (["item:GA-002:fee", "item:GA-003:fee"], False, "wrong"),
        (["item:GA-002:fee", "item:GA-003:fee"], True, "ok"),
        (["refuse"], False, "useless"),
        (["case"], False, "useless"),
    ],
)
def test_an_offer_is_forgiven_more_than_an_assertion(said: list[str], likely: bool, verdict: str) -> None:
    assert judge(said, BEST, OK, "consult", likely=likely) == verdict


def test_a_question_that_could_be_answered_is_no_case_of_itself() -> None:
    assert judge(["case"], ["case", "item:GA-003:fee"], [], "consult", likely=False) == "ok"
    assert judge(["case"], ["case"], [], "complaint", likely=False) == "right"
