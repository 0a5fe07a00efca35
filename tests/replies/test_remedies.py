"""With whom, where and how a remedy is sought (行政复议法, 行政诉讼法, 政府信息公开条例)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from bot.catalogue.models import Department, RemedyOffice
from bot.catalogue.remedies import Way
from bot.disclosures.clock import Remedy, RemedyKind
from bot.replies.remedies import to_whom

REVIEW = Remedy(RemedyKind.RECONSIDERATION, (), date(2027, 1, 4))
COURT = Remedy(RemedyKind.LITIGATION, (), date(2027, 5, 4))
COURT_AFTER_REVIEW = Remedy(RemedyKind.LITIGATION, (), after_reconsideration=True)
COMPLAINT = Remedy(RemedyKind.COMPLAINT, ())
OFFICES = {
    Way.RECONSIDERATION: RemedyOffice(
        organ="云河市人民政府", received_by="云河市司法局", address="云政大道88号", phone="0990-8810730", url=""
    ),
    Way.COMPLAINT: RemedyOffice(
        organ="云河市人民政府办公室", received_by="信息公开窗口", address="云政大道86号", phone="0990-8800100", url=""
    ),
}


def told(remedy: Remedy, department: str, offices: Mapping[Way, RemedyOffice] = OFFICES) -> str:
    return to_whom(remedy, Department(code="ZG", name=department, short_names=[], phone="0990-8810590"), offices)


def test_a_review_is_asked_of_the_government_and_its_papers_go_to_whom_the_data_name() -> None:
    text = told(REVIEW, "规划局")
    assert text.startswith("向云河市人民政府（《行政复议法》第二十四条）申请")
    assert "材料交云河市司法局（云政大道88号，电话 0990-8810730）。" in text
    assert "当面交、邮寄或者网上交" in text


def test_a_complaint_goes_to_the_office_in_charge() -> None:
    assert told(COMPLAINT, "规划局") == (
        "主管部门是云河市人民政府办公室（《政府信息公开条例》第三条），"
        "材料交信息公开窗口（云政大道86号，电话 0990-8800100）。"
    )


@pytest.mark.parametrize(
    ("department", "court"),
    [
        ("规划局", "基层人民法院起诉（《行政诉讼法》第十四条、第十八条）"),
        ("云河市人民政府", "中级人民法院起诉（《行政诉讼法》第十五条、第十八条）"),
        ("清江区人民政府", "中级人民法院起诉（《行政诉讼法》第十五条、第十八条）"),
        ("白石镇人民政府", "基层人民法院起诉（《行政诉讼法》第十四条、第十八条）"),
    ],
)
def test_the_court_sits_where_the_agency_sits_and_hangs_on_its_rank(department: str, court: str) -> None:
    assert told(COURT, department) == f"向{department}所在地的{court}。"


def test_after_a_review_the_court_hangs_on_who_is_sued() -> None:
    text = told(COURT_AFTER_REVIEW, "规划局")
    assert "告规划局的，向它所在地或者复议机关所在地的基层人民法院起诉" in text
    assert "被告是复议机关，向中级人民法院起诉" in text


def test_without_data_the_rule_alone_is_told() -> None:
    assert told(REVIEW, "规划局", {}).startswith("向规划局的本级人民政府（《行政复议法》第二十四条）申请")
    assert told(REVIEW, "云河市人民政府", {}).startswith("向上一级人民政府（《行政复议法》第二十四条）申请")
    assert told(COMPLAINT, "规划局", {}) == "主管部门是本级人民政府办公厅（室）（《政府信息公开条例》第三条）。"
