from __future__ import annotations

import numpy as np
import pytest

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
    whole = postings.matrix().T.toarray()
    np.testing.assert_allclose(postings.rows(np.array([2, 0])).toarray(), whole[[2, 0]])


def test_neighbours_stay_within_the_work():
    works = Works.of(TITLES, TEXTS)
    around, same, steps = works.neighbours(np.array([1]), 2)
    assert list(around[same]) == [0]
    assert list(steps) == [2, 1, 1, 2]


def test_a_work_that_others_name_counts_as_cited():
    works = Works.of(["居住证办法第一条", "关于《居住证办法》的说明"], ["申领居住证。", "居住证办法第一条说的是申领。"])
    assert works.citations[0] > works.citations[1] == 0
