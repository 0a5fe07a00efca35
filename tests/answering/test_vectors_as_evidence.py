"""The encoder's vectors are evidence beside the words, and are asked for only where the words leave a doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from bot.answering.alignment import Likeness
from bot.answering.encoder.weights import Floats
from bot.answering.evidence import NO_CONTEXT, Context, Evidence, Vectors
from bot.answering.service import Answering, Certainty

LOST_CARD = ("身份证丢了", "身份证丢了怎么补", "身份证丢了咋办", "身份证丢了怎么补办")
ODD = "某样谁也没听说过的稀奇东西"


def alike(cosines: Floats) -> Likeness:
    """The vectors under an alignment that has learnt nothing."""
    return Likeness(cosines, cosines)


class StandIn:
    """Gives a prepared answer, and remembers what it was asked."""

    def __init__(self, said: Floats | None) -> None:
        self._said = None if said is None else alike(said)
        self.asked: list[Sequence[str]] = []

    def likenesses(self, messages: Sequence[str]) -> list[Likeness | None]:
        self.asked.append(messages)
        return [self._said for _ in messages]


def with_encoder(index: Answering, said: Floats | None) -> tuple[Answering, StandIn]:
    encoder = StandIn(said)
    return replace(index, meaning=encoder), encoder  # type: ignore[arg-type]


def near(evidence: Evidence, unit: str) -> Floats:
    """Cosines as e5 gives them, with one unit and the wordings of nothing near."""
    cosines = np.full(len(evidence.passages), 0.78, np.float32)
    cosines[evidence.corpus.places[unit]] = 0.93
    return cosines


def column(evidence: Evidence, text: str, name: str, unit: str, vectors: Vectors | None) -> float:
    candidates = evidence.candidates(text, NO_CONTEXT, vectors)
    row = [evidence.corpus.units[place].name for place in candidates.units].index(unit)
    return float(candidates.features[row, list(candidates.names).index(name)])


def test_a_unit_that_shares_no_word_is_looked_at_where_its_meaning_is_near(index: Answering) -> None:
    evidence, unit = index.evidence, "item:MZ-003:overview"
    names = {evidence.corpus.units[place].name for place in evidence.candidates(ODD, NO_CONTEXT).units}
    assert unit not in names
    vectors = evidence.vectors([alike(near(evidence, unit))])
    assert column(evidence, ODD, "vector_rank", unit, vectors) == 0
    assert column(evidence, ODD, "vector_behind", unit, vectors) == 0


def test_the_known_wording_that_means_the_same_speaks_for_its_unit(index: Answering) -> None:
    evidence = index.evidence
    cosines = np.full(len(evidence.passages), 0.78, np.float32)
    wording = next(place for place, text in enumerate(evidence.known.texts) if text in LOST_CARD)
    cosines[len(evidence.corpus.units) + wording] = 0.97
    vectors = evidence.vectors([alike(cosines)])
    assert column(evidence, ODD, "vector_near_owner", "item:GA-003:overview", vectors) == pytest.approx(0.97)
    assert column(evidence, ODD, "vector_near_owner_lead", "item:GA-003:overview", vectors) > 0.1


def test_a_unit_without_a_vector_yet_has_no_cosine_and_the_others_have(index: Answering) -> None:
    evidence, text = index.evidence, "身份证丢了怎么补"
    cosines = near(evidence, "item:MZ-003:overview")
    cosines[evidence.corpus.places["item:GA-003:overview"]] = np.nan
    vectors = evidence.vectors([alike(cosines)])
    assert np.isnan(column(evidence, text, "vector", "item:GA-003:overview", vectors))
    assert column(evidence, text, "vector", "item:GA-003:materials", vectors) == pytest.approx(0.78)


def test_where_no_unit_has_a_vector_yet_there_is_no_evidence(index: Answering) -> None:
    evidence = index.evidence
    assert evidence.vectors([alike(np.full(len(evidence.passages), np.nan, np.float32))]) is None


def test_what_words_make_sure_of_is_not_asked_of_the_encoder(index: Answering) -> None:
    asking, encoder = with_encoder(index, None)
    assert asking.decide("身份证丢了怎么补办").certainty is Certainty.SURE
    assert encoder.asked == []


def test_where_words_doubt_the_encoder_is_asked_once_of_the_message_and_beside_the_matter_of_before(
    index: Answering,
) -> None:
    asking, encoder = with_encoder(index, None)
    asking.decide(ODD, Context(("item:GA-003:overview",)))
    [questions] = encoder.asked
    assert questions[0] == ODD
    assert questions[1].endswith(ODD)
    assert len(questions[1]) > len(ODD)


@pytest.mark.parametrize("text", [ODD, "我们家有个老人行动不便想请人帮忙看看", "孩子户口随爸还是随妈"])
def test_without_a_vector_in_time_words_decide(index: Answering, text: str) -> None:
    alone = replace(index, meaning=None).decide(text)
    asking, _ = with_encoder(index, None)
    assert asking.decide(text) == alone


def test_what_the_encoder_says_changes_the_order(index: Answering) -> None:
    text = "日子过不下去了，想求助"
    asking, _ = with_encoder(index, near(index.evidence, "item:MZ-003:conditions"))
    assert asking.decide(text).considered != replace(index, meaning=None).decide(text).considered
