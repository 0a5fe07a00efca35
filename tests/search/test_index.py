from __future__ import annotations

import pytest

from bot.search.collection import SearchPassage
from bot.search.index import PassageIndex
from tests.search.town import PASSAGES


@pytest.fixture(scope="module")
def index() -> PassageIndex:
    return PassageIndex.build(PASSAGES, processes=1)


def first(index: PassageIndex, text: str) -> str:
    return index.search(text, 1)[0].id


def test_the_passage_with_the_words_of_the_question_comes_first(index):
    assert first(index, "出租人出卖房屋，承租人有优先购买的权利吗") == "lease-7"


def test_traditional_and_full_width_characters_find_the_same(index):
    assert first(index, "試用期最長不得超過幾個月？") == "labour-3"
    assert first(index, "试用期最长不得超过几个月") == "labour-3"


@pytest.mark.parametrize("article", ["第三十三条", "第33条", "第３３条"])
def test_an_article_is_found_however_its_number_is_written(index, article):
    assert first(index, f"房屋租赁条例{article}") == "lease-3"


def test_scores_are_probabilities_that_never_rise(index):
    scores = [hit.score for hit in index.search("拖欠工资", 10)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_question_about_something_else_scores_less(index):
    answered = index.search("用人单位拖欠劳动报酬，劳动者可以申请支付令吗", 1)[0].score
    other = index.search("月球上有没有合同", 1)
    assert not other or other[0].score < answered


@pytest.mark.parametrize("text", ["", "？？？", "zzz qqq", "😀"])
def test_nothing_in_common_finds_nothing(index, text):
    assert index.search(text, 3) == []


def test_no_more_hits_than_asked_for_and_no_more_than_there_are(index):
    assert len(index.search("劳动合同", 2)) == 2
    assert len(index.search("劳动合同", 1000)) == len(PASSAGES)


def test_an_index_of_one_passage_or_none_can_be_asked():
    assert PassageIndex.build([], processes=1).search("押金", 3) == []
    one = PassageIndex.build([SearchPassage("a", "办事指南", "办理居住证需要身份证。")], processes=1)
    assert [hit.id for hit in one.search("居住证", 3)] == ["a"]


def test_a_named_article_comes_first_whatever_speaks_for_others(index):
    hits = index.search("依据《劳动合同法》第三条，出租人不退押金怎么办", 3)
    assert hits[0].id == "labour-3"
    assert hits[0].score >= hits[1].score


def test_an_article_of_a_work_that_is_not_here_is_not_guessed(index):
    assert all(hit.score < 0.9 for hit in index.search("刑法第三十三条", 3))
