"""The evidence for a message is the same, however the units are divided into segments."""

from __future__ import annotations

import numpy as np
import pytest

from bot.answering.evidence import NO_CONTEXT, Context, Corpus, Evidence, analysed
from bot.answering.facets import NO_FACETS
from bot.answering.units import Sort, Unit
from bot.answering.wordings import Wording
from bot.documents.words import TermReader
from bot.search.segments import Group, Segments

NAMING = TermReader({"居民身份证": "身份证"})
WORDINGS = [Wording("身份证丢了要补", ("item:GA-1",), "", "1"), Wording("狗要不要登记", ("doc:dogs.md#1",), "", "2")]


def item(code: str, name: str, fee: str) -> Group[Unit]:
    texts = {"fee": fee, "materials": "居民身份证、申请表"}
    units = [
        Unit(f"item:{code}:{facet}", f"item:{code}", Sort.ITEM, code, f"{name} {facet}", text, (name,), facet)
        for facet, text in texts.items()
    ]
    return Group(f"{code} {fee}", units)


def document(key: str, *texts: str) -> Group[Unit]:
    units = [
        Unit(f"doc:{key}#{place}", f"doc:{key}", Sort.PASSAGE, str(place), f"{key} 第{place}条", text)
        for place, text in enumerate(texts, start=1)
    ]
    return Group(f"{key} {texts}", units)


CARD, OLD_CARD = item("GA-1", "身份证补领", "工本费四十元"), item("GA-1", "身份证补领", "不收费")
DOGS, OLD_DOGS = document("dogs.md", "养犬应当登记。", "登记费一百元。"), document("dogs.md", "养犬登记。")
GONE = document("gone.md", "身份证登记工本费。", "养犬登记费。")
HOUSES = document("houses.md", "租房登记要身份证。", "租金多少由双方约定。", "押金应当退还。")
NOW = [CARD, DOGS, HOUSES]


def evidence(segments: list[list[Group[Unit]]]) -> Evidence:
    made = [analysed(groups, NAMING) for groups in segments]
    units = Segments(made, [group.fingerprint for group in NOW])
    return Evidence.of(Corpus(units, NAMING), WORDINGS, NO_FACETS)


@pytest.mark.parametrize(
    "segments",
    [
        [[CARD], [DOGS], [HOUSES]],
        [[OLD_CARD, OLD_DOGS, GONE], [HOUSES], [DOGS, CARD]],
        [[HOUSES, GONE, CARD], [OLD_DOGS], [DOGS]],
    ],
)
def test_segments_give_the_evidence_of_one_index(segments: list[list[Group[Unit]]]) -> None:
    ours, anew = evidence(segments), evidence([NOW])
    assert list(ours.corpus.units) == list(anew.corpus.units)
    for text, context in (
        ("身份证补领多少钱", NO_CONTEXT),
        ("狗要登记吗，登记费多少", NO_CONTEXT),
        ("要什么材料", Context(("item:GA-1:fee",), "补身份证")),
        ("租房押金", NO_CONTEXT),
    ):
        one, other = ours.candidates(text, context), anew.candidates(text, context)
        assert one.units.tolist() == other.units.tolist()
        assert np.array_equal(one.features, other.features, equal_nan=True)


def test_a_merged_segment_holds_what_counts() -> None:
    parts = [analysed(groups, NAMING) for groups in ([OLD_CARD, DOGS, GONE], [HOUSES], [CARD])]
    merged = Segments(parts, [group.fingerprint for group in NOW]).merged()
    assert merged.name == analysed(NOW, NAMING).name
    assert list(merged.elements) == [unit for group in NOW for unit in group.elements]
