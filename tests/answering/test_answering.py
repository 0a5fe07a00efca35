"""What answers a message, of a small city: an item, a document, a route and an absent matter beside the sample's."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.answering.evidence import Context
from bot.answering.ranker import Ranker, RankerUnreadable
from bot.answering.service import SHIPPED_RANKER, Answering, Certainty, answering
from bot.answering.units import Sort, units_of
from bot.referrals.models import Route


def test_everything_the_city_knows_is_a_unit(session: Session) -> None:
    units = units_of(session)
    assert {unit.sort for unit in units} == set(Sort)
    assert len({unit.name for unit in units}) == len(units)


def test_a_duration_that_the_record_holds_is_no_processing_time(index: Answering) -> None:
    decision = index.decide("失业金能领多久")
    assert decision.certainty is not Certainty.NONE
    assert decision.units[0].facet in ("result", "能领几个月")


def test_a_follow_up_is_about_what_was_shown(index: Answering) -> None:
    decision = index.decide("那多少钱", Context(("item:GA-003:overview",)))
    assert decision.units[0].name == "item:GA-003:fee"


def test_another_matter_is_not_about_what_was_shown(index: Answering) -> None:
    decision = index.decide("办护照要什么材料", Context(("item:MZ-003:overview",)))
    assert decision.units[0].owner == "item:GA-004"


def test_a_matter_known_to_be_absent_is_not_answered_with_a_neighbour(index: Answering) -> None:
    assert index.decide("户口本丢了补一本").units[0].sort == Sort.ABSENT


@pytest.mark.parametrize("text", ["", "？？？", "世界上最高的山是哪座", "帮我写一首诗"])
def test_what_no_unit_answers_is_not_answered(index: Answering, text: str) -> None:
    assert index.decide(text).certainty is Certainty.NONE


@pytest.mark.parametrize("text", ["\x00\ud800居住证", "囧" * 2000, "a" * 3000, "ﷺ" * 50])
def test_no_text_breaks_it(index: Answering, text: str) -> None:
    assert index.decide(text).any <= 1


def test_a_change_of_the_data_is_followed_without_a_restart(session: Session, index: Answering) -> None:
    words = {
        "name": "热气球",
        "category": "生活服务",
        "answer": "请打景区电话。",
        "in_charge": "景区",
        "phone": "12345",
    }
    new = Route(code="LX-999", triggers=["热气球 坐"], exceptions=[], legal_basis="", url="", **words)
    assert index.unit("route:LX-999") is None
    session.add(new)
    session.flush()
    assert answering(session).unit("route:LX-999") is not None
    session.delete(new)
    session.flush()


def test_a_ranker_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "answering.ranker"
    file.write_text("no ranker")
    with pytest.raises(RankerUnreadable):
        Ranker.load(file)
    assert Ranker.load(SHIPPED_RANKER).features
