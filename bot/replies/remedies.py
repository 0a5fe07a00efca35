"""With whom an applicant seeks a remedy, where and how. Until when: `bot/replies/disclosures.py` tells it before."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.catalogue.models import Department, RemedyOffice
from bot.catalogue.remedies import Way, is_government
from bot.disclosures.clock import Remedy

# 乡, 镇: against their governments a basic court hears the case, as against a department (行政诉讼法 art. 15).
_LOWEST_GOVERNMENT = re.compile("[乡镇]人民政府$")


def to_whom(remedy: Remedy, department: Department, offices: Mapping[Way, RemedyOffice]) -> str:
    """One to three sentences. Without an office for the way, the rule alone says who it is."""
    way = Way(remedy.kind.value)
    office = offices.get(way)
    if way == Way.RECONSIDERATION:
        return _reconsideration(department, office)
    if way == Way.COMPLAINT:
        return _complaint(office)
    court = _after_reconsideration(department, offices) if remedy.after_reconsideration else _court(department)
    return f"{court}。联系：{_place(office)}。" if office else f"{court}。"


def _reconsideration(department: Department, office: RemedyOffice | None) -> str:
    if office:
        article = "（《行政复议法》第二十四条）" if is_government(office.organ) else ""
        organ = f"{office.organ}{article}"
    else:
        level = "上一级人民政府" if is_government(department.name) else f"{department.name}的本级人民政府"
        organ = f"{level}（《行政复议法》第二十四条）"
    how = (
        f"向{organ}申请，答复里另写了复议机关的，以答复为准；可以当面交、邮寄或者网上交，"
        "书面申请有困难的可以口头申请（《行政复议法》第二十二条），不收费（第八十七条）。"
    )
    return f"{how}材料交{_place(office)}。" if office else how


def _complaint(office: RemedyOffice | None) -> str:
    article = "（《政府信息公开条例》第三条）"
    if office is None:
        return f"主管部门是本级人民政府办公厅（室）{article}。"
    return f"主管部门是{office.organ}{article}，材料交{_place(office)}。"


def _court(department: Department) -> str:
    """The court of first instance where the agency sits (行政诉讼法 arts. 14, 15, 18)."""
    level, article = court_level(department)
    return f"向{department.name}所在地的{level}起诉（《行政诉讼法》{article}、第十八条）"


def _after_reconsideration(department: Department, offices: Mapping[Way, RemedyOffice]) -> str:
    """Which court depends on the decision: it makes the agency the defendant, or the organ that reconsidered.

    行政诉讼法 arts. 18 and 26. A government is sued before an intermediate court (art. 15).
    """
    level, _ = court_level(department)
    reconsiders = offices.get(Way.RECONSIDERATION)
    is_by_government = reconsiders is None or is_government(reconsiders.organ)
    its_court = "中级人民法院" if is_by_government else "有管辖权的人民法院"
    return (
        f"告{department.name}的，向它所在地或者复议机关所在地的{level}起诉；"
        f"复议决定改变了原来的处理，或者告复议机关不作决定的，被告是复议机关，向{its_court}起诉"
        "（《行政诉讼法》第十四条、第十五条、第十八条、第二十六条）"
    )


def court_level(department: Department) -> tuple[str, str]:
    """The level of the court that hears a case against the department, and its article of 行政诉讼法."""
    if is_government(department.name) and not _LOWEST_GOVERNMENT.search(department.name):
        return "中级人民法院", "第十五条"
    return "基层人民法院", "第十四条"


def _place(office: RemedyOffice) -> str:
    """`云河市司法局（云政大道88号，电话 0990-8810730，https://yunhe.example）`."""
    phone = f"电话 {office.phone}" if office.phone else ""
    details = "，".join(filter(None, (office.address, phone, office.url)))
    name = office.received_by or office.organ
    return f"{name}（{details}）" if details else name
