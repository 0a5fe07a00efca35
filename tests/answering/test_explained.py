"""Why a unit is considered: the explanation comes from the same decision and names facts that people can check."""

from __future__ import annotations

from bot.answering.evidence import Context
from bot.answering.service import Answering, Certainty, EncoderSaid


def test_what_is_explained_is_what_is_decided(index: Answering) -> None:
    for text, context in (("失业金能领多久", Context()), ("那多少钱", Context(("item:GA-003:overview",)))):
        assert index.explained(text, context).decision == index.decide(text, context)


def test_each_unit_has_a_witness_with_words_names_and_the_nearest_wording(index: Answering) -> None:
    explained = index.explained("居民身份证补领要带什么材料")
    assert len(explained.witnesses) == len(explained.decision.considered)
    witness = explained.witnesses[0]
    assert explained.decision.considered[0][0].name == "item:GA-003:materials"
    assert "材料" in witness.words
    assert witness.name == "居民身份证补领"
    assert witness.wording
    assert 0 < witness.wording_likeness <= 1
    assert explained.wanted == ("list",)
    assert witness.figures["facet_probability"] > 0.5


def test_a_known_wording_is_its_own_nearest(index: Answering) -> None:
    known = index.evidence.known.texts[0]
    witness = index.explained(known).witnesses[0]
    assert (witness.wording, round(witness.wording_likeness, 3)) == (known, 1.0)


def test_the_encoder_is_said_to_be_silent_where_it_is_away(index: Answering) -> None:
    assert index.explained("世界上最高的山是哪座").encoder in (EncoderSaid.NOTHING, EncoderSaid.NOT_ASKED)


def test_what_says_nothing_is_explained_by_nothing(index: Answering) -> None:
    explained = index.explained("？？？")
    assert explained.decision.certainty is Certainty.NONE
    assert explained.witnesses == ()
