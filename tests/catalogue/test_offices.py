"""Offices by the short names that people give them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from bot.catalogue.districts import whereabouts
from bot.catalogue.offices import branches_told_for, office_asked_for
from tests.databases import in_memory, with_sample_catalogue


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with in_memory(with_sample_catalogue) as database, database.transaction() as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("市政务服务中心电话多少", "云河市政务服务中心"),
        ("请问公积金中心几点下班", "云河市住房公积金管理中心"),
        ("车管所在哪", "云河市公安局车辆管理所"),
        ("出入境大厅周六上班吗", "云河市公安局出入境接待大厅"),
        ("医保大厅地址", "云河市医疗保障服务大厅"),
        ("你们周六上不上班,我平时请不了假", "云河市政务服务中心"),
        ("周末上班不", "云河市政务服务中心"),
        ("那中午休息吗?", "云河市政务服务中心"),
        ("政务大厅中午休息吗", "云河市政务服务中心"),
        ("开发区政务大厅几点下班", "开发区政务服务大厅"),
    ],
)
def test_a_short_name_is_enough(session: Session, text: str, name: str) -> None:
    found = office_asked_for(session, text, whereabouts(session, text))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "text",
    [
        "服务中心在哪",  # several
        "大厅几点开门",  # any
        "购物中心几点关门",  # none of ours
        "公积金中心提取要带什么材料",  # asks for more
        "不动产登记中心办过户在哪个窗口",
        "车管所",  # asks nothing
    ],
)
def test_what_fits_several_or_asks_for_more_is_left_to_the_search(session: Session, text: str) -> None:
    assert office_asked_for(session, text, whereabouts(session, text)) is None


def test_only_an_office_without_a_place_of_its_own_is_told_by_its_branches(session: Session) -> None:
    for text, count in (("离我近的派出所在哪", 7), ("市政务服务中心电话多少", 0)):
        found = office_asked_for(session, text, whereabouts(session, text))
        assert found is not None
        assert len(branches_told_for(session, found)) == count
