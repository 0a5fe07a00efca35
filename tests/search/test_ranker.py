from __future__ import annotations

import zipfile

import numpy as np
import pytest

from bot.search.index import PassageIndex
from bot.search.known import KnownQuestions
from bot.search.ranker import (
    AnsweredQuestion,
    PassageRanker,
    PassageRankerUnreadable,
    TooFewQuestions,
    known_questions,
    parts_of_lesson,
    train,
)
from tests.search.town import PASSAGES, QUESTIONS


@pytest.fixture(scope="module")
def index() -> PassageIndex:
    return PassageIndex.build(PASSAGES, processes=1)


@pytest.fixture(scope="module")
def ranker(index) -> PassageRanker:
    return train(index.collection, QUESTIONS, index.positions)


def known(index: PassageIndex) -> KnownQuestions:
    return known_questions(index.collection, QUESTIONS, index.positions)


def test_a_known_question_in_other_words_finds_its_answer(index, ranker):
    learnt = PassageIndex(index.collection, ranker)
    assert "labour-2" in {hit.id for hit in learnt.search("老板一直不跟我签合同", 3)}
    assert learnt.search("我怀孕了公司要辞退我", 1)[0].id == "labour-6"


def test_a_ranker_survives_its_file(index, ranker, tmp_path):
    ranker.save(tmp_path / "ranker")
    again = PassageRanker.load(tmp_path / "ranker")
    assert again == ranker
    before, after = (PassageIndex(index.collection, each) for each in (ranker, again))
    assert before.search("押金不退", 5) == after.search("押金不退", 5)


def test_the_same_questions_train_the_same_ranker(index, ranker):
    assert train(index.collection, QUESTIONS, index.positions) == ranker


def test_a_ranker_serves_when_its_answers_are_gone(ranker):
    remaining = [passage for passage in PASSAGES if not passage.id.startswith("labour")]
    learnt = PassageIndex.build(remaining, ranker=ranker, processes=1)
    assert learnt.search("房东不退押金", 1)[0].id == "lease-5"


def test_questions_left_out_leave_no_trace(index):
    everything = known(index)
    left_out = np.array([0, 5, 9])
    others = [question for place, question in enumerate(QUESTIONS) if place not in left_out]
    without = known_questions(index.collection, others, index.positions)
    for place, attention in zip(left_out, everything.attend_as_if_unknown(left_out), strict=True):
        expected = without.expect(without.attend(everything.terms[place]))
        computed = everything.expect(attention)
        for name in ("works", "passages", "nearby", "words", "bigrams", "times", "work_times", "closest", "closeness"):
            np.testing.assert_allclose(getattr(computed, name), getattr(expected, name), atol=1e-4, err_msg=name)


def test_the_wordings_of_one_passage_are_withheld_at_different_times():
    answers = [np.array([passage]) for passage in (3, 7, 3, 3, 7, 3, 7, 7, 3)]
    parts = parts_of_lesson(answers, 9, np.random.default_rng(1))
    for passage in (3, 7):
        own = [int(part) for part, (of,) in zip(parts, answers, strict=True) if of == passage]
        assert len(set(own)) == len(own)


def test_questions_of_one_wording_each_are_parted_by_chance():
    answers = [np.array([passage]) for passage in range(12)] + [np.zeros(0, np.int64)]
    parts = parts_of_lesson(answers, 12, np.random.default_rng(1))
    assert parts.tolist() == (np.random.default_rng(1).permutation(13) % 5).tolist()


def test_neighbours_of_an_answer_are_expected_too_but_less(index):
    questions = known(index)
    nearby = questions.expect(questions.attend(questions.terms[0])).nearby
    at = index.positions["lease-5"]
    assert nearby[at] > nearby[at + 1] > nearby[at + 2]


def test_too_few_questions_are_refused(index):
    with pytest.raises(TooFewQuestions):
        train(index.collection, QUESTIONS[:3], index.positions)


def test_other_files_are_no_rankers(tmp_path):
    text = tmp_path / "text"
    text.write_text("hello")
    archive = tmp_path / "archive"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("ranker.json", "{}")
    for path in (text, archive, tmp_path / "missing"):
        with pytest.raises(PassageRankerUnreadable, match=path.name):
            PassageRanker.load(path)


def test_a_ranker_of_another_version_is_refused(ranker, tmp_path):
    ranker.save(tmp_path / "ranker")
    with zipfile.ZipFile(tmp_path / "ranker") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts["ranker.json"] = parts["ranker.json"].replace('"format": 1', '"format": 0')
    with zipfile.ZipFile(tmp_path / "old", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(PassageRankerUnreadable, match="train it again"):
        PassageRanker.load(tmp_path / "old")


def test_an_unanswerable_question_is_not_learnt_from(index):
    lost = AnsweredQuestion("已经废止的规定", ("gone",))
    assert train(index.collection, [*QUESTIONS, lost], index.positions).questions[-1] == lost
