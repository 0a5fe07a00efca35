"""Labelled questions move their vectors nearer to what answers them, and other questions of the kind with them."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sparse

from bot.answering.alignment import Alignment, learn
from bot.answering.encoder.weights import WIDTH, Floats

MATTERS, WAYS = 12, 3


def of_length_one(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def city(seed: int = 7) -> tuple[Floats, Floats, Floats]:
    """Matters that each have a passage on the fee, on the place and on the time; how a question sounds tells which of
    the three it wants, though its vector is nearest to those of its matter alike."""
    chance = np.random.default_rng(seed)
    matters, spoken, written = (
        chance.standard_normal((count, WIDTH)).astype(np.float32) for count in (MATTERS, WAYS, WAYS)
    )
    passages = of_length_one(np.repeat(matters, WAYS, axis=0) + 0.4 * np.tile(written, (MATTERS, 1)))
    noise = 0.2 * chance.standard_normal((MATTERS * WAYS, WIDTH))
    questions = of_length_one(np.repeat(matters, WAYS, axis=0) + 0.4 * np.tile(spoken, (MATTERS, 1)) + noise)
    return passages, questions, np.arange(MATTERS * WAYS)


def first(alignment: Alignment, passages: Floats, questions: Floats) -> list[int]:
    lengths = alignment.lengths(passages)
    return [int(np.argmax(alignment.cosines(passages, lengths, question))) for question in questions]


def test_questions_on_matters_that_were_not_learnt_from_find_what_answers_them_more_often() -> None:
    passages, questions, answers = city()
    learnt_from = np.arange(MATTERS * WAYS) < (MATTERS - 3) * WAYS
    shares = sparse.csr_matrix(np.eye(MATTERS * WAYS, dtype=np.float32))[learnt_from]
    alignment = learn(passages, questions[learnt_from], shares, np.ones(learnt_from.sum(), np.float32))
    held_out = ~learnt_from
    before = first(Alignment.unlearnt(), passages, questions[held_out]) == answers[held_out]
    after = first(alignment, passages, questions[held_out]) == answers[held_out]
    assert before.mean() < 0.7
    assert after.mean() > before.mean()


def test_what_is_learnt_is_the_same_each_time_and_a_weight_of_nothing_teaches_nothing() -> None:
    passages, questions, _ = city()
    shares = sparse.csr_matrix(np.eye(MATTERS * WAYS, dtype=np.float32))
    weights = np.where(np.arange(MATTERS * WAYS) < 6, 1, 0).astype(np.float32)
    alone = learn(passages, questions[:6], shares[:6], weights[:6])
    again = learn(passages, questions[:6], shares[:6], weights[:6])
    assert (alone.of_question == again.of_question).all()
    beside = learn(passages, questions, shares, weights)
    assert beside.of_question == pytest.approx(alone.of_question, abs=1e-3)


def test_the_cosine_is_that_of_both_moved_vectors() -> None:
    chance = np.random.default_rng(3)
    passages, [question] = (of_length_one(chance.standard_normal((count, WIDTH))) for count in (5, 1))
    alignment = Alignment(*(chance.standard_normal((2, WIDTH, WIDTH)).astype(np.float32) / WIDTH))
    moved = of_length_one(passages + passages @ alignment.of_passage)
    [asked] = of_length_one((question + question @ alignment.of_question)[None])
    assert alignment.cosines(passages, alignment.lengths(passages), question) == pytest.approx(moved @ asked, abs=1e-5)


def test_an_alignment_is_read_as_it_was_kept_and_nothing_else_is_taken_for_one() -> None:
    alignment = Alignment(*np.random.default_rng(3).standard_normal((2, WIDTH, WIDTH)).astype(np.float32))
    assert Alignment.unpacked(alignment.packed()).of_passage == pytest.approx(alignment.of_passage, rel=1e-2, abs=1e-2)
    half = Alignment(alignment.of_question[:10], alignment.of_passage[:10]).packed()
    with pytest.raises(ValueError, match="shape"):
        Alignment.unpacked(half)
    with pytest.raises(ValueError, match=r"."):
        Alignment.unpacked(b"nothing of the kind")
