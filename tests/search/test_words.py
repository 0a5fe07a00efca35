from __future__ import annotations

import numpy as np
import pytest

from bot.search.collection import Collection, SearchPassage
from bot.search.postings import Postings
from bot.search.words import code_of, corpus_terms, heading, question_terms
from bot.search.works import Works

TITLES = ["居住证办法第一条", "居住证办法第二条", "办事指南"]
TEXTS = ["申领居住证。", "居住证、居住证签注。", ""]


def test_a_title_is_taken_apart_into_work_and_article():
    taken = heading("中华人民共和国民法典第一千二百六十条")
    assert (taken.work, taken.article) == ("中华人民共和国民法典", "第1260条")
    assert heading("刑法第三十三条之一").article == "第33条之1"
    assert heading("办事指南").article == ""


def test_question_words_are_left_out_unless_nothing_else_is_left():
    assert code_of("怎么") not in question_terms("居住证怎么办理").words
    assert len(question_terms("怎么").words)


def test_terms_are_counted_for_each_passage():
    terms = corpus_terms(TITLES, TEXTS, processes=1)
    characters = terms.characters[0]
    assert list(characters.lengths) == [5, 8, 0]
    second = characters.passages == 1
    assert characters.times[second & (characters.codes == ord("居"))] == [2]


def test_no_pair_spans_two_passages():
    pair = ord("证") << 21 | ord("居")
    assert pair not in corpus_terms(TITLES, TEXTS, processes=1).bigrams[0].codes


def test_a_passage_with_the_term_twice_scores_more_and_one_without_nothing():
    postings = Postings.build(corpus_terms(TITLES, TEXTS, processes=1).characters)
    once, twice, never = postings.bm25(np.array([ord("居")]))
    assert twice > once > never == 0


def test_coverage_is_the_share_of_the_questions_terms():
    postings = Postings.build(corpus_terms(TITLES, TEXTS, processes=1).characters)
    assert postings.coverage(np.array([ord("申"), ord("居")])).share[0] == pytest.approx(1)
    assert postings.coverage(np.array([ord("申"), ord("龘")])).share[0] < 0.5
    assert postings.coverage(np.zeros(0, np.int64)).share.sum() == 0


def test_rows_are_the_impacts_of_the_passages():
    postings = Postings.build(corpus_terms(TITLES, TEXTS, processes=1).characters)
    codes, rows = postings.rows(np.array([2, 0]))
    every = [postings.scores(np.array([code]), np.ones(1, np.float32)) for code in codes]
    np.testing.assert_allclose(rows.toarray(), np.array(every).T[[2, 0]])


def works_of(*passages: tuple[str, str]) -> Works:
    return Collection.build([SearchPassage(title, title, text) for title, text in passages], processes=1).works


def test_neighbours_stay_within_the_work():
    around, same, steps = works_of(*zip(TITLES, TEXTS, strict=True)).neighbours(np.array([1]), 2)
    assert list(around[same]) == [0]
    assert list(steps) == [2, 1, 1, 2]


def test_a_work_that_others_name_counts_as_cited():
    works = works_of(("居住证办法第一条", "申领居住证。"), ("关于《居住证办法》的说明", "居住证办法第一条说的是申领。"))
    assert works.citations[0] > works.citations[1] == 0


def test_who_names_a_longer_work_does_not_name_a_shorter_one():
    longer = works_of(("合同法", "一。"), ("劳动合同法", "二。"), ("问答", "依照《劳动合同法》，或者《合同法》。"))
    assert longer.citations.tolist() == pytest.approx([np.log(2), np.log(2), 0])
    shorter = works_of(("合同法", "一。"), ("问答", "依照《劳动合同法》，或者《合同法》。"))
    assert shorter.citations[0] == pytest.approx(np.log(3))
