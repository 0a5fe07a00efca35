from __future__ import annotations

import numpy as np
import pytest

from bot.search.index import Passage, PassageIndex
from bot.search.kinds import KindsGiven, asked_kinds, given_kinds


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("信息公开多少天答复", "在收到之日起20个工作日内答复。", "由牵头机关答复。"),
        ("补办要收费吗", "工本费每证10元。", "当场补发。"),
        ("补办去哪里", "到政务服务中心的窗口补办。", "当场补发。"),
        ("补办要带什么", "交身份证复印件。", "当场补发。"),
        ("哪些信息不公开", "下列信息不公开。", "信息应当公开。"),
        ("没补正会怎样", "逾期不补的,视为放弃。", "当场补正。"),
        ("能不能延长", "经批准后可以延长。", "期限从收到之日起算。"),
    ],
)
def test_a_passage_that_gives_what_is_asked_is_told_from_one_that_does_not(question, answer, other):
    evidence = KindsGiven.of([answer, other]).evidence(asked_kinds(question))
    assert evidence[0] > evidence[1]


@pytest.mark.parametrize("question", ["居住证", "信息公开", ""])
def test_a_question_that_asks_for_no_kind_speaks_for_no_passage(question):
    assert asked_kinds(question) == 0
    assert not KindsGiven.of(["20个工作日", "下列"]).evidence(0).any()


def test_from_where_a_time_counts_is_no_question_about_a_place():
    assert asked_kinds("从哪天起算") == asked_kinds("哪天")


def test_what_few_passages_give_says_more():
    rare = KindsGiven.of(["每证10元", *["20日"] * 3, *["补发"] * 4])
    assert rare.evidence(given_kinds("10元"))[0] > rare.evidence(given_kinds("20日"))[1]


def test_no_passages_give_nothing():
    assert KindsGiven.of([]).evidence(asked_kinds("多久")).tolist() == []


def test_the_kind_decides_between_passages_with_the_same_words(tmp_path):
    passages = [
        Passage("who", "公开办法第一条", "公开申请的答复由牵头机关作出。"),
        Passage("when", "公开办法第二条", "公开申请的答复在20个工作日内作出。"),
    ]
    index = PassageIndex.build(passages, processes=1)
    index.save(tmp_path / "index")
    for each in (index, PassageIndex.load(tmp_path / "index")):
        assert each.search("公开申请多久答复", 1)[0].id == "when"
        assert each.search("公开申请谁负责答复", 1)[0].id == "who"
    np.testing.assert_array_equal(
        PassageIndex.load(tmp_path / "index").collection.kinds.given, index.collection.kinds.given
    )
