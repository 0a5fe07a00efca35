"""Loads a city's catalogue; `docs/catalogue-files.md` describes the files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.catalogue.models import (
    AbsentMatter,
    Alias,
    City,
    Department,
    Item,
    JointService,
    LegalBasis,
    Material,
    Office,
    Related,
    RemedyOffice,
    Situation,
    Step,
)
from bot.catalogue.remedies import WAYS
from bot.catalogue.situations import ALL
from bot.tabular import Lines, OptionalInt, PublicRow, R, Tables, YesNo, read_tables

Channel = Literal["线下", "线上", "线上线下"]
Filled = Field(min_length=1)
_CODE = re.compile(r"[A-Z]{2,4}-\d{3}")


class CityRow(PublicRow):
    name: str = Field(alias="城市", min_length=1)
    is_sample: YesNo = Field(alias="样例")
    hotline: str = Field(alias="热线", min_length=1)
    hotline_hours: str = Field(alias="热线时间")
    portal_url: str = Field(alias="门户", pattern=r"^(https?://\S+)?$")


class DepartmentRow(PublicRow):
    code: str = Field(alias="部门编码", pattern=r"^[A-Z]{2,4}$")
    name: str = Field(alias="部门名称", min_length=1)
    short_names: Lines = Field(alias="简称")
    phone: str = Field(alias="电话", min_length=1)


class OfficeRow(PublicRow):
    code: str = Field(alias="地点编码", min_length=1)
    name: str = Field(alias="地点名称", min_length=1)
    address: str = Field(alias="地址", min_length=1)
    hours: str = Field(alias="办公时间", min_length=1)
    phone: str = Field(alias="电话", min_length=1)
    directions: str = Field(alias="交通")


class RemedyOfficeRow(PublicRow):
    way: Literal["行政复议", "行政诉讼", "投诉举报"] = Field(alias="途径")
    department: str = Field(alias="部门")
    organ: str = Field(alias="机关", min_length=1)
    received_by: str = Field(alias="收件处")
    address: str = Field(alias="地址")
    phone: str = Field(alias="电话")
    url: str = Field(alias="网址", pattern=r"^(https?://\S+)?$")


class ItemRow(PublicRow):
    code: str = Field(alias="事项编码", pattern=r"^[A-Z]{2,4}-\d{3}$")
    name: str = Field(alias="事项名称", min_length=1)
    kind: Literal["行政许可", "行政确认", "行政给付", "行政备案", "公共服务", "其他行政权力"] = Field(alias="事项类型")
    department: str = Field(alias="实施部门", min_length=1)
    applicant: Literal["自然人", "法人", "自然人/法人"] = Field(alias="服务对象")
    summary: str = Field(alias="简介", min_length=1)
    conditions: Lines = Field(alias="受理条件", min_length=1)
    statutory_days: OptionalInt = Field(alias="法定时限(工作日)")
    statutory_note: str = Field(alias="法定时限说明", min_length=1)
    promised_days: int = Field(alias="承诺时限(工作日)", ge=0)
    has_fee: YesNo = Field(alias="是否收费")
    fee: str = Field(alias="收费标准", min_length=1)
    fee_basis: str = Field(alias="收费依据", min_length=1)
    office: str = Field(alias="地点编码", min_length=1)
    window: str = Field(alias="窗口", min_length=1)
    channel: Channel = Field(alias="办理形式")
    online_note: str = Field(alias="网办说明", min_length=1)
    visit_count: int = Field(alias="到场次数", ge=0)
    result: str = Field(alias="结果名称", min_length=1)
    result_validity: str = Field(alias="结果有效期", min_length=1)
    delivery: str = Field(alias="送达方式", min_length=1)
    complaints_phone: str = Field(alias="监督电话", min_length=1)
    recorded_on: date = Field(alias="更新日期")
    note: str = Field(alias="备注")


class PartRow(PublicRow):
    item: str = Field(alias="事项编码", min_length=1)
    position: int = Field(alias="序号", ge=1)


class MaterialRow(PartRow):
    name: str = Field(alias="材料名称", min_length=1)
    form: Literal["原件", "复印件", "原件和复印件", "电子件"] = Field(alias="材料形式")
    copies: int = Field(alias="份数", ge=1)
    issuer: str = Field(alias="出具单位", min_length=1)
    waiver: Literal["不免交", "告知承诺", "电子证照", "内部核验"] = Field(alias="免交方式")
    necessity: Literal["必要", "视情形"] = Field(alias="必要性")
    situations: Lines = Field(alias="适用情形")
    note: str = Field(alias="说明")


class StepRow(PartRow):
    name: str = Field(alias="环节", min_length=1)
    detail: str = Field(alias="说明", min_length=1)
    time: str = Field(alias="时限", min_length=1)


class LegalBasisRow(PartRow):
    law: str = Field(alias="法规名称", min_length=1)
    article: str = Field(alias="条款", min_length=1)
    gist: str = Field(alias="内容摘要", min_length=1)


class SituationRow(PublicRow):
    item: str = Field(alias="事项编码", min_length=1)
    question_number: int = Field(alias="问题序号", ge=1, le=3)
    question: str = Field(alias="问题", min_length=1)
    title: str = Field(alias="选项", min_length=1, max_length=20)
    keywords: Lines = Field(alias="关键词")
    conditions: Lines = Field(alias="受理条件")
    fee: str = Field(alias="收费")
    steps: Lines = Field(alias="流程")
    is_elsewhere: YesNo = Field(alias="另办")
    note: str = Field(alias="说明")


class RelatedRow(PublicRow):
    item: str = Field(alias="事项编码", min_length=1)
    target: str = Field(alias="关联", min_length=1)
    reason: str = Field(alias="理由", min_length=1)


class AliasRow(PublicRow):
    code: str = Field(alias="编码", min_length=1)
    text: str = Field(alias="别名", min_length=2)


class JointServiceRow(PublicRow):
    code: str = Field(alias="编码", pattern=r"^[A-Z]{2,4}-\d{3}$")
    name: str = Field(alias="名称", min_length=1)
    department: str = Field(alias="牵头部门", min_length=1)
    items: Lines = Field(alias="事项", min_length=1)
    summary: str = Field(alias="简介", min_length=1)
    steps: Lines = Field(alias="流程", min_length=1)
    material_notes: Lines = Field(alias="材料说明", min_length=1)
    promised_days: int = Field(alias="承诺时限(工作日)", ge=0)
    office: str = Field(alias="地点编码", min_length=1)
    window: str = Field(alias="窗口", min_length=1)
    channel: Channel = Field(alias="办理形式")
    complaints_phone: str = Field(alias="监督电话", min_length=1)
    recorded_on: date = Field(alias="更新日期")


class AbsentMatterRow(PublicRow):
    name: str = Field(alias="名称", min_length=2)
    aliases: Lines = Field(alias="别名")
    in_charge: str = Field(alias="主管单位")
    note: str = Field(alias="说明")


@dataclass(frozen=True)
class Loaded:
    items: int
    joint_services: int
    removed: int


def import_catalogue(session: Session, path: Path) -> Loaded:
    """Replaces the catalogue by the content of the files; items missing from the files are removed.

    Raises:
        bot.tabular.ImportRejected: a row is wrong; the session is untouched.
    """
    tables = read_tables(path)
    for _, cells in tables.rows.get("materials", []):
        cells.setdefault("适用情形", "")  # a city without guided questions has no such column
    city = tables.checked("city", CityRow)
    departments = tables.checked("departments", DepartmentRow)
    offices = tables.checked("offices", OfficeRow)
    remedy_offices = _optional(tables, "remedy_offices", RemedyOfficeRow)
    items = tables.checked("items", ItemRow)
    parts: dict[str, Sequence[tuple[int, PartRow]]] = {
        "materials": tables.checked("materials", MaterialRow),
        "steps": tables.checked("steps", StepRow),
        "legal_basis": tables.checked("legal_basis", LegalBasisRow),
    }
    situations = _optional(tables, "situations", SituationRow)
    related = _optional(tables, "related", RelatedRow)
    aliases = tables.checked("aliases", AliasRow)
    joint_services = tables.checked("joint_services", JointServiceRow)
    absent_matters = tables.checked("absent_matters", AbsentMatterRow)

    if len(city) != 1:
        tables.reject("city", 1, "城市", "要有且只有一行")
    tables.require_unique("departments", [(row, d.code) for row, d in departments], "部门编码")
    tables.require_unique("offices", [(row, o.code) for row, o in offices], "地点编码")
    tables.require_unique("items", [(row, i.code) for row, i in items], "事项编码")
    tables.require_unique("items", [(row, i.name) for row, i in items], "事项名称")
    tables.require_unique("joint_services", [(row, j.code) for row, j in joint_services], "编码")
    # An alias must mean one thing only, and not both a matter in the catalogue and one that is absent from it.
    tables.require_unique("aliases", [(row, a.text) for row, a in aliases], "别名")
    tables.require_unique("absent_matters", [(row, a.name) for row, a in absent_matters], "名称")
    ours = {item.name for _, item in items} | {alias.text for _, alias in aliases}
    for row, absent in absent_matters:
        for name in (absent.name, *absent.aliases):
            if name in ours:
                tables.reject("absent_matters", row, "名称", f"“{name}”是目录里的事项或别名")

    item_codes = {item.code for _, item in items}
    department_codes = {department.name: department.code for _, department in departments}
    office_codes = {office.code for _, office in offices}
    tables.require_unique(
        "remedy_offices", [(row, (place.way, place.department)) for row, place in remedy_offices], "部门"
    )
    for row, place in remedy_offices:
        if place.department:
            _require(tables, "remedy_offices", row, "部门", place.department, department_codes)
    for table, holders in (("items", items), ("joint_services", joint_services)):
        column = "实施部门" if table == "items" else "牵头部门"
        for row, holder in holders:
            _require(tables, table, row, column, holder.department, department_codes)
            _require(tables, table, row, "地点编码", holder.office, office_codes)
    for table, rows in parts.items():
        tables.require_unique(table, [(row, (part.item, part.position)) for row, part in rows], "序号")
        for row, part in rows:
            _require(tables, table, row, "事项编码", part.item, item_codes)
    for row, joint in joint_services:
        for code in joint.items:
            _require(tables, "joint_services", row, "事项", code, item_codes)
    joint_codes = {joint.code for _, joint in joint_services}
    for row, alias in aliases:
        _require(tables, "aliases", row, "编码", alias.code, item_codes | joint_codes)
    for row, situation in situations:
        _require(tables, "situations", row, "事项编码", situation.item, item_codes)
    _require_questions(tables, situations, parts["materials"])
    for row, one in related:
        _require(tables, "related", row, "事项编码", one.item, item_codes)
        if _CODE.fullmatch(one.target):
            _require(tables, "related", row, "关联", one.target, item_codes | joint_codes)
    tables.require_unique("related", [(row, (one.item, one.target)) for row, one in related], "关联")
    _require_complete(tables, items, parts)
    tables.raise_errors()

    session.execute(delete(City))
    session.add(City(**city[0][1].model_dump()))
    for _, department in departments:
        session.merge(Department(**department.model_dump()))
    for _, office in offices:
        session.merge(Office(**office.model_dump()))
    session.flush()
    for model in (Material, Step, LegalBasis, Situation, Related, Alias, JointService, AbsentMatter, RemedyOffice):
        session.execute(delete(model))
    removed = session.execute(delete(Item).where(Item.code.not_in(item_codes))).rowcount  # type: ignore[attr-defined]
    for _, item in items:
        _save_item(session, item, department_codes, parts)
    for number, (_, situation) in enumerate(situations):
        session.add(Situation(item_code=situation.item, position=number, **situation.model_dump(exclude={"item"})))
    for number, (_, one) in enumerate(related):
        session.add(Related(item_code=one.item, position=number, target=one.target, reason=one.reason))
    for _, place in remedy_offices:
        values = place.model_dump(exclude={"way", "department"})
        of_department = department_codes.get(place.department)
        session.add(RemedyOffice(**values, way=WAYS[place.way].value, department_code=of_department))
    for _, joint in joint_services:
        values = joint.model_dump(exclude={"department", "items", "office"})
        session.add(
            JointService(
                **values,
                department_code=department_codes[joint.department],
                office_code=joint.office,
                item_codes=joint.items,
            )
        )
    session.add_all(Alias(**alias.model_dump()) for _, alias in aliases)
    session.add_all(AbsentMatter(**absent.model_dump()) for _, absent in absent_matters)
    session.flush()
    return Loaded(items=len(items), joint_services=len(joint_services), removed=removed)


def _save_item(
    session: Session,
    row: ItemRow,
    department_codes: Mapping[str, str],
    parts: Mapping[str, Sequence[tuple[int, PartRow]]],
) -> None:
    item = Item(
        **row.model_dump(exclude={"department", "office"}),
        department_code=department_codes[row.department],
        office_code=row.office,
    )
    session.merge(item)
    for part in (part for rows in parts.values() for _, part in rows if part.item == row.code):
        session.add(_part(part))


def _part(part: PartRow) -> Material | Step | LegalBasis:
    values: dict[str, Any] = part.model_dump(exclude={"item", "necessity"})
    if isinstance(part, MaterialRow):
        return Material(item_code=part.item, is_required=part.necessity == "必要", **values)
    model = Step if isinstance(part, StepRow) else LegalBasis
    return model(item_code=part.item, **values)


def _optional(tables: Tables, table: str, model: type[R]) -> list[tuple[int, R]]:
    """The rows of a table that is optional; empty if it is missing."""
    return tables.checked(table, model) if table in tables.rows else []


def _require_questions(
    tables: Tables, situations: Sequence[tuple[int, SituationRow]], materials: Sequence[tuple[int, PartRow]]
) -> None:
    """Checks that a question has one wording and at least two options, and that materials name existing options."""
    tables.require_unique("situations", [(row, (one.item, one.title)) for row, one in situations], "选项")
    questions: dict[tuple[str, int], list[tuple[int, SituationRow]]] = defaultdict(list)
    for row, one in situations:
        questions[one.item, one.question_number].append((row, one))
        if one.title == ALL:
            tables.reject("situations", row, "选项", f"“{ALL}”留给看所有情形用")
        if one.is_elsewhere and not one.note:
            tables.reject("situations", row, "说明", "另办的要说明去哪里办、怎么办")
    for options in questions.values():
        row, first = options[0]
        if len(options) < 2:
            tables.reject("situations", row, "选项", "一个问题至少要有两个选项")
        for other, option in options[1:]:
            if option.question != first.question:
                tables.reject("situations", other, "问题", f"与第{row}行是同一个问题，写法要一样")
    titles = {(one.item, one.title) for _, one in situations}
    for row, material in materials:
        for title in material.situations if isinstance(material, MaterialRow) else ():
            if (material.item, title) not in titles:
                tables.reject("materials", row, "适用情形", f"这一事项没有“{title}”这个选项")


def _require(
    tables: Tables, table: str, row: int, column: str, value: str, known: Mapping[str, Any] | set[str]
) -> None:
    if value not in known:
        tables.reject(table, row, column, f"没有“{value}”")


def _require_complete(
    tables: Tables, items: Sequence[tuple[int, ItemRow]], parts: Mapping[str, Sequence[tuple[int, PartRow]]]
) -> None:
    """Checks that every item has materials, steps and a legal basis; without them its answers are incomplete."""
    having: dict[str, set[str]] = defaultdict(set)
    for table, rows in parts.items():
        having[table] = {part.item for _, part in rows}
    for row, item in items:
        for table in parts:
            if item.code not in having[table]:
                tables.reject("items", row, "事项编码", f"{table} 表里没有这一事项的内容")
