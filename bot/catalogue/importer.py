"""Loads a city's catalogue; `docs/catalogue-files.md` describes the files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bot.catalogue.districts import MAIN_OFFICE
from bot.catalogue.implementation_list import PARTICULARS, as_tables, particulars_of, read_sheet
from bot.catalogue.models import (
    AbsentMatter,
    Alias,
    City,
    CityDistrict,
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
from bot.catalogue.rows import (
    AbsentMatterRow,
    AliasRow,
    CityRow,
    DepartmentRow,
    DistrictRow,
    ItemRow,
    JointServiceRow,
    LegalBasisRow,
    ListedLegalBasisRow,
    ListedMaterialRow,
    ListedStepRow,
    MaterialRow,
    OfficeRow,
    PartRow,
    RelatedRow,
    RemedyOfficeRow,
    SituationRow,
    StepRow,
)
from bot.catalogue.service import by_any_name, department_codes_by_any_name
from bot.catalogue.situations import ALL
from bot.catalogue.time_limits import TimeLimit
from bot.catalogue.vocabulary import ITEM_CODE, fold_vocabulary
from bot.column_maps import ColumnMap
from bot.tabular import ImportRejected, R, Row, Tables, headings_of, read_tables
from bot.word_lists import WordRow

ROWS_OF: dict[str, type[Row]] = {
    "city": CityRow,
    "departments": DepartmentRow,
    "districts": DistrictRow,
    "offices": OfficeRow,
    "remedy_offices": RemedyOfficeRow,
    "items": ItemRow,
    "materials": MaterialRow,
    "steps": StepRow,
    "legal_basis": LegalBasisRow,
    "situations": SituationRow,
    "related": RelatedRow,
    "aliases": AliasRow,
    "joint_services": JointServiceRow,
    "absent_matters": AbsentMatterRow,
}
# What offices call the tables in their own files.
CHINESE_NAMES = {
    "城市": "city",
    "部门": "departments",
    "区县": "districts",
    "办事地点": "offices",
    "地点": "offices",
    "救济途径": "remedy_offices",
    "事项": "items",
    "事项目录": "items",
    "材料": "materials",
    "申请材料": "materials",
    "办理流程": "steps",
    "流程": "steps",
    "设定依据": "legal_basis",
    "情形": "situations",
    "相关": "related",
    "别名": "aliases",
    "一件事": "joint_services",
    "不在目录": "absent_matters",
    "词汇": "vocabulary",
}
# What citizens do without where a city leaves the table out.
_WITHOUT = {
    "districts": "没有区县（districts）：问“我在某某区，去哪办”，只说得出事项自己的办理地点",
    "situations": "没有情形（situations）：机器人不会先问是哪种情形，所有人看到的材料、收费都一样",
    "aliases": "没有别名（aliases）：要说出事项的名称或相近的说法才找得到",
    "related": "没有相关事项（related）：办完一件事，不会提示接着要办什么",
    "joint_services": "没有“一件事”（joint_services）：几件事一次办的说法答不了",
    "absent_matters": "没有不在目录的事项（absent_matters）：问到本市不办的事，只能说没有查到，说不出找谁",
    "remedy_offices": "没有救济途径（remedy_offices）：信息公开申请人只看得到法律规定，看不到在本市去哪里",
}
_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Loaded:
    """`without`: what citizens will miss because the files lack it, a sentence each."""

    items: int
    joint_services: int
    removed: int
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Delivery:
    """The rows of all tables that were valid, each with its number."""

    departments: list[tuple[int, DepartmentRow]]
    offices: list[tuple[int, OfficeRow]]
    items: list[tuple[int, ItemRow]]
    materials: list[tuple[int, MaterialRow]]
    steps: list[tuple[int, StepRow]]
    legal_basis: list[tuple[int, LegalBasisRow]]
    city: list[tuple[int, CityRow]] = field(default_factory=list)
    districts: list[tuple[int, DistrictRow]] = field(default_factory=list)
    remedy_offices: list[tuple[int, RemedyOfficeRow]] = field(default_factory=list)
    situations: list[tuple[int, SituationRow]] = field(default_factory=list)
    related: list[tuple[int, RelatedRow]] = field(default_factory=list)
    aliases: list[tuple[int, AliasRow]] = field(default_factory=list)
    joint_services: list[tuple[int, JointServiceRow]] = field(default_factory=list)
    absent_matters: list[tuple[int, AbsentMatterRow]] = field(default_factory=list)

    @property
    def parts(self) -> Mapping[str, Sequence[tuple[int, PartRow]]]:
        return {"materials": self.materials, "steps": self.steps, "legal_basis": self.legal_basis}

    @property
    def department_codes(self) -> dict[str, str]:
        return by_any_name([(one.code, one.name, one.short_names) for _, one in self.departments])


def read_delivery(path: Path) -> Tables:
    """The tables of a catalogue's files, their words folded to ours."""
    tables = read_tables(path, headings_of(*ROWS_OF.values(), WordRow), CHINESE_NAMES)
    fold_vocabulary(tables)
    return tables


def import_catalogue(session: Session, path: Path) -> Loaded:
    """Replaces the catalogue by the content of the files; items missing from the files are removed.

    Raises:
        bot.tabular.ImportRejected: a row is wrong; the session is untouched.
    """
    tables = read_delivery(path)
    delivery = _checked(tables)
    particulars = {
        cells.get("事项编码", ""): {title: cells[title] for title in PARTICULARS if cells.get(title)}
        for _, cells in tables.rows["items"]
    }
    removed = _store(session, delivery, particulars)
    return Loaded(
        items=len(delivery.items),
        joint_services=len(delivery.joint_services),
        removed=removed,
        without=tuple(words for table, words in _WITHOUT.items() if not tables.rows.get(table)),
    )


@dataclass(frozen=True)
class ItemChange:
    """A field of an item, or its materials, steps or legal bases as lines; both texts as stored."""

    item: str
    title: str
    old: str
    new: str


@dataclass(frozen=True)
class ListPreview:
    """What loading an implementation list would do: names of items, and how many stay the same.

    `changes`: of those of `changed`, field by field.
    """

    new: list[str]
    changed: list[str]
    removed: list[str]
    same: int
    without: tuple[str, ...]
    changes: list[ItemChange]


@dataclass(frozen=True)
class _List:
    """A list whose rows are all valid. `replaces_all`: nothing of a real city is there yet."""

    delivery: _Delivery
    particulars: Mapping[str, Mapping[str, str]]
    replaces_all: bool


def import_list(session: Session, path: Path, column_map: ColumnMap, today: date) -> Loaded:
    """Replaces the items of the departments that an implementation list of one sheet names (`implementation_list`).

    Items of other departments stay, since systems export one department at a time; so does what the list has no column
    for, where its item still exists: aliases, situations, related matters, joint services. What is left of the invented
    sample city goes.

    Raises:
        bot.tabular.ImportRejected: a row is wrong; the session is untouched.
    """
    listed = _read_list(session, path, column_map, today)
    removed = _store(session, listed.delivery, listed.particulars, listed.replaces_all)
    return Loaded(len(listed.delivery.items), 0, removed, _missed_of_list(session, listed.delivery))


def preview_list(session: Session, path: Path, column_map: ColumnMap, today: date) -> ListPreview:
    """What `import_list` would do; changes nothing.

    Raises:
        bot.tabular.ImportRejected: a row is wrong.
    """
    listed = _read_list(session, path, column_map, today)
    delivery = listed.delivery
    departments = delivery.department_codes
    parts = _parts_by_item(delivery)
    new, changed, changes = [], [], []
    for some in _batched([item for _, item in delivery.items]):
        stored = {one.code: one for one in session.scalars(select(Item).where(Item.code.in_([i.code for i in some])))}
        for item in some:
            if item.code not in stored:
                new.append(item.name)
                continue
            columns = _item_columns(item, departments, listed.particulars)
            if differing := list(_item_changes(stored[item.code], columns, parts[item.code])):
                changed.append(item.name)
                changes += differing
    replaced = None if listed.replaces_all else {departments[item.department] for _, item in delivery.items}
    removed: list[str] = []
    for codes in _batched(_gone(session, [item for _, item in delivery.items], replaced)):
        removed += session.scalars(select(Item.name).where(Item.code.in_(codes)).order_by(Item.code))
    same = len(delivery.items) - len(new) - len(changed)
    return ListPreview(new, changed, removed, same, _missed_of_list(session, delivery), changes)


def _parts_by_item(delivery: _Delivery) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Item code → name of the relationship of `Item` → the columns of its parts, in order."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(
        lambda: {"materials": [], "steps": [], "legal_bases": []}
    )
    for _, material in delivery.materials:
        found[material.item]["materials"].append(_material(material))
    for _, step in delivery.steps:
        found[step.item]["steps"].append(_of_item(step))
    for _, basis in delivery.legal_basis:
        found[basis.item]["legal_bases"].append(_of_item(basis))
    return found


# Name of the relationship of `Item` → title, columns.
_PARTS = {
    "materials": ("材料", ("name", "form", "copies", "issuer", "waiver", "is_required", "situations", "note")),
    "steps": ("步骤", ("name", "detail", "time")),
    "legal_bases": ("依据", ("law", "article", "gist")),
}
_COLUMN_TITLES = {name: str(column.alias).removesuffix("(工作日)") for name, column in ItemRow.model_fields.items()} | {
    "promised_days": "承诺时限",
    "promised_unit": "承诺时限的单位",
    "department_code": "实施部门",
    "office_code": "地点编码",
    "particulars": "其他",
}


def _item_changes(
    item: Item, columns: Mapping[str, Any], parts: Mapping[str, list[dict[str, Any]]]
) -> Iterator[ItemChange]:
    """What loading changes, beside the date of the record."""
    for name, value in columns.items():
        if name != "recorded_on" and (old := getattr(item, name)) != value:
            yield ItemChange(item.name, _COLUMN_TITLES[name], _in_words(old), _in_words(value))
    for name, rows in parts.items():
        title, parts_columns = _PARTS[name]
        old = [[getattr(one, column) for column in parts_columns] for one in getattr(item, name)]
        new = [[row[column] for column in parts_columns] for row in sorted(rows, key=lambda row: row["position"])]
        if old != new:
            yield ItemChange(item.name, title, _lines(old), _lines(new))


def _lines(rows: Sequence[Sequence[object]]) -> str:
    return "\n".join("，".join(filter(None, map(_in_words, row))) for row in rows)


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "；".join(f"{title}：{_in_words(one)}" for title, one in value.items())
    return "、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _read_list(session: Session, path: Path, column_map: ColumnMap, today: date) -> _List:
    """Raises `ImportRejected`, with the names of the sheet and its columns, unless everything is right."""
    sheet = read_sheet(path)
    tables = as_tables(sheet, column_map, session.scalars(select(Department)), today)
    fold_vocabulary(tables)
    city = session.scalars(select(City)).one_or_none()
    replaces_all = city is None or city.is_sample
    try:
        if city is None and "city" not in tables.rows:
            tables.reject("city", 1, "本市", "还没有城市的名称和热线，请写在对应表的“本市”里")
        delivery = _checked_list(tables, {} if replaces_all else _names_elsewhere(session, tables))
    except ImportRejected as rejected:
        for error in rejected.errors:
            error.table = sheet.name if error.table != "city" else "对应表"
            error.column = column_map.columns.get(error.column) or error.column
        raise
    return _List(delivery, particulars_of(sheet, column_map), replaces_all)


def _names_elsewhere(session: Session, tables: Tables) -> dict[str, str]:
    """Name → code of the stored items that the list neither names nor replaces."""
    named = {cells["事项编码"] for _, cells in tables.rows["items"]}
    codes = department_codes_by_any_name(session)
    departments = {codes.get(cells["实施部门"]) for _, cells in tables.rows["items"]}
    return {
        name: code
        for code, name, department in session.execute(select(Item.code, Item.name, Item.department_code))
        if code not in named and department not in departments
    }


def _checked_list(tables: Tables, elsewhere: Mapping[str, str]) -> _Delivery:
    """Raises `ImportRejected` unless everything is right."""
    delivery = _Delivery(
        departments=tables.checked("departments", DepartmentRow),
        offices=tables.checked("offices", OfficeRow),
        items=tables.checked("items", ItemRow),
        materials=[(row, one.whole()) for row, one in tables.checked("materials", ListedMaterialRow)],
        steps=[(row, one.whole()) for row, one in tables.checked("steps", ListedStepRow)],
        legal_basis=[(row, one.whole()) for row, one in tables.checked("legal_basis", ListedLegalBasisRow)],
        city=_optional(tables, "city", CityRow),
    )
    for row, item in delivery.items:
        if item.name in elsewhere:
            tables.reject("items", row, "事项名称", f"{elsewhere[item.name]} 已经叫这个名称", item.name)
    _require_unique(tables, delivery)
    _require_known(tables, delivery)
    tables.raise_errors()
    return delivery


def _missed_of_list(session: Session, delivery: _Delivery) -> tuple[str, ...]:
    """What citizens miss after an implementation list was loaded."""
    codes = [item.code for _, item in delivery.items]
    lacking = [
        (words, len(set(codes) - {part.item for _, part in rows}))
        for words, rows in (
            ("没有申请材料", delivery.materials),
            ("没有办理流程", delivery.steps),
            ("没有设定依据", delivery.legal_basis),
        )
    ]
    told = [f"{count} 个事项{words}：市民问到，只能请他们打电话" for words, count in lacking if count]
    tables: dict[str, type[Any]] = {"situations": Situation, "aliases": Alias, "related": Related}
    told += [_WITHOUT[table] for table, model in tables.items() if session.scalar(select(model.id).limit(1)) is None]
    return (*told, "材料只有名称：答不出要原件还是复印件、几份、能不能免交")


def _checked(tables: Tables) -> _Delivery:
    """Raises `ImportRejected` unless everything is right."""
    delivery = _Delivery(
        city=tables.checked("city", CityRow),
        departments=tables.checked("departments", DepartmentRow),
        districts=_optional(tables, "districts", DistrictRow),
        offices=tables.checked("offices", OfficeRow),
        remedy_offices=_optional(tables, "remedy_offices", RemedyOfficeRow),
        items=tables.checked("items", ItemRow),
        materials=tables.checked("materials", MaterialRow),
        steps=tables.checked("steps", StepRow),
        legal_basis=tables.checked("legal_basis", LegalBasisRow),
        situations=_optional(tables, "situations", SituationRow),
        related=_optional(tables, "related", RelatedRow),
        joint_services=_optional(tables, "joint_services", JointServiceRow),
        aliases=_optional(tables, "aliases", AliasRow),
        absent_matters=_optional(tables, "absent_matters", AbsentMatterRow),
    )
    if len(delivery.city) != 1 and not tables.is_flawed("city"):
        tables.reject("city", 1, "城市", "要有且只有一行")
    _require_unique(tables, delivery)
    _require_known(tables, delivery)
    _require_districts(tables, delivery)
    _require_questions(tables, delivery)
    _require_complete(tables, delivery)
    tables.raise_errors()
    return delivery


def _require_unique(tables: Tables, delivery: _Delivery) -> None:
    tables.require_unique("departments", [(row, d.code) for row, d in delivery.departments], "部门编码")
    tables.require_unique("districts", [(row, d.name) for row, d in delivery.districts], "区县")
    tables.require_unique("offices", [(row, o.code) for row, o in delivery.offices], "地点编码")
    tables.require_unique(
        "remedy_offices", [(row, (place.way, place.department)) for row, place in delivery.remedy_offices], "部门"
    )
    tables.require_unique("items", [(row, i.code) for row, i in delivery.items], "事项编码")
    tables.require_unique("items", [(row, i.name) for row, i in delivery.items], "事项名称")
    for table, parts in delivery.parts.items():
        tables.require_unique(table, [(row, (part.item, part.position)) for row, part in parts], "序号")
    tables.require_unique("related", [(row, (one.item, one.target)) for row, one in delivery.related], "关联")
    tables.require_unique("joint_services", [(row, j.code) for row, j in delivery.joint_services], "编码")
    # An alias must mean one thing only, and not both a matter in the catalogue and one that is absent from it.
    tables.require_unique("aliases", [(row, a.text) for row, a in delivery.aliases], "别名")
    tables.require_unique("absent_matters", [(row, a.name) for row, a in delivery.absent_matters], "名称")
    ours = {item.name for _, item in delivery.items} | {alias.text for _, alias in delivery.aliases}
    for row, absent in delivery.absent_matters:
        for name in (absent.name, *absent.aliases):
            if name in ours:
                tables.reject("absent_matters", row, "名称", f"“{name}”是目录里的事项或别名")


def _require_known(tables: Tables, delivery: _Delivery) -> None:
    """Checks that whatever a row names exists: departments, places, items, joint services."""
    departments = [("items", row, "实施部门", item.department) for row, item in delivery.items] + [
        ("joint_services", row, "牵头部门", joint.department) for row, joint in delivery.joint_services
    ]
    departments += [
        ("remedy_offices", row, "部门", place.department) for row, place in delivery.remedy_offices if place.department
    ]
    tables.require_known(departments, delivery.department_codes, {"departments": "部门名称"})
    offices = [
        (table, row, "地点编码", holder.office)
        for table, holders in (("items", delivery.items), ("joint_services", delivery.joint_services))
        for row, holder in holders
    ]
    tables.require_known(offices, {office.code for _, office in delivery.offices}, {"offices": "地点编码"})

    items = {item.code for _, item in delivery.items}
    parts: dict[str, Sequence[tuple[int, PartRow | SituationRow | RelatedRow]]] = {
        **delivery.parts,
        "situations": delivery.situations,
        "related": delivery.related,
    }
    of_items = [(table, row, "事项编码", part.item) for table, rows in parts.items() for row, part in rows]
    of_items += [
        ("joint_services", row, "事项", code) for row, joint in delivery.joint_services for code in joint.items
    ]
    tables.require_known(of_items, items, {"items": "事项编码"})

    codes = items | {joint.code for _, joint in delivery.joint_services}
    of_both = [("aliases", row, "编码", alias.code) for row, alias in delivery.aliases]
    of_both += [
        ("related", row, "关联", one.target) for row, one in delivery.related if re.fullmatch(ITEM_CODE, one.target)
    ]
    first = next(((table, row, code) for table, row, _, code in of_both if code not in codes), None)
    if first is not None and not tables.rows.get("joint_services") and not tables.is_flawed("items"):
        table, row, code = first
        tables.break_table("joint_services", "编码", f"这张表没有内容，而 {table} 第{row}行等处用到了“{code}”")
    tables.require_known(of_both, codes, {"items": "事项编码", "joint_services": "编码"})


def _require_districts(tables: Tables, delivery: _Delivery) -> None:
    """Checks districts, streets and branches: each must exist, and a branch has none of its own."""
    streets = {district.name: set(district.places_by_street) for _, district in delivery.districts}
    mains = {office.code for _, office in delivery.offices if not office.branch_of}
    districts = [("offices", row, "区县", office.district) for row, office in delivery.offices if office.district]
    districts += [
        ("items", row, "办理区县", name)
        for row, item in delivery.items
        for name in item.districts
        if name != MAIN_OFFICE
    ]
    tables.require_known(districts, streets.keys(), {"districts": "区县"})
    for row, office in delivery.offices:
        for street in office.streets:
            if office.district in streets and street not in streets[office.district]:
                tables.reject("offices", row, "服务街道", f"{office.district}没有这个街道", street)
        if office.branch_of and office.branch_of not in mains and not tables.is_flawed("offices"):
            tables.reject("offices", row, "所属地点", "要是一个自己没有所属地点的地点编码", office.branch_of)
        if office.branch_of and not office.district:
            tables.reject("offices", row, "区县", "有所属地点的要写区县")


def _require_questions(tables: Tables, delivery: _Delivery) -> None:
    """Checks that a question has one wording and at least two options, and that materials name existing options."""
    situations = delivery.situations
    tables.require_unique("situations", [(row, (one.item, one.title)) for row, one in situations], "选项")
    questions: dict[tuple[str, int], list[tuple[int, SituationRow]]] = defaultdict(list)
    for row, one in situations:
        questions[one.item, one.question_number].append((row, one))
        if one.title == ALL:
            tables.reject("situations", row, "选项", f"“{ALL}”留给看所有情形用")
        if one.is_elsewhere and not one.note:
            tables.reject("situations", row, "说明", "另办的要说明去哪里办、怎么办")
    for (item, _), options in questions.items():
        row, first = options[0]
        if len(options) < 2 and not tables.blame("situations", "事项编码", item):
            tables.reject("situations", row, "选项", "一个问题至少要有两个选项")
        for other, option in options[1:]:
            if option.question != first.question:
                tables.reject("situations", other, "问题", f"与第{row}行是同一个问题，写法要一样")
    titles = {(one.item, one.title) for _, one in situations}
    for row, material in delivery.materials:
        for title in material.situations:
            if (material.item, title) not in titles and not tables.blame("situations", "事项编码", material.item):
                tables.reject("materials", row, "适用情形", f"这一事项没有“{title}”这个选项")


def _require_complete(tables: Tables, delivery: _Delivery) -> None:
    """Checks that every item has materials, steps and a legal basis; without them its answers are incomplete."""
    for table, rows in delivery.parts.items():
        having = {part.item for _, part in rows}
        for row, item in delivery.items:
            if item.code not in having and not tables.blame(table, "事项编码", item.code):
                tables.reject("items", row, "事项编码", f"{table} 表里没有这一事项的内容", item.code)


def _store(
    session: Session,
    delivery: _Delivery,
    particulars: Mapping[str, Mapping[str, str]],
    replaces_all: bool = True,
) -> int:
    """Writes the catalogue in few statements, since a province's list has tens of thousands of items.

    Returns how many items were removed. Unless it `replaces_all`, items of other departments stay, and tables that the
    delivery does not have.
    """
    departments = delivery.department_codes
    _store_places(session, delivery)
    items = [item for _, item in delivery.items]
    gone = _gone(session, items, None if replaces_all else {departments[item.department] for item in items})
    _delete_parts(session, None if replaces_all else [item.code for item in items])
    if replaces_all:
        for model in (Situation, Related, Alias, JointService, AbsentMatter, RemedyOffice, CityDistrict):
            session.execute(delete(model))
    for some in _batched(gone):
        session.execute(delete(Item).where(Item.code.in_(some)))
    _store_items(session, items, departments, particulars)
    if not replaces_all:
        _drop_what_hangs(session)
    _store_parts(session, delivery)
    _store_matters(session, delivery, departments)
    if replaces_all:
        _drop_offices(session, {office.code for _, office in delivery.offices})
    session.expire_all()
    return len(gone)


def _store_places(session: Session, delivery: _Delivery) -> None:
    """The city, its departments and its offices, which all else names."""
    if delivery.city:
        session.execute(delete(City))
        session.add(City(**delivery.city[0][1].model_dump()))
    for _, department in delivery.departments:
        session.merge(Department(**department.model_dump()))
    # Branches come after the offices that they belong to.
    for _, office in sorted(delivery.offices, key=lambda numbered: bool(numbered[1].branch_of)):
        session.merge(Office(**office.model_dump() | {"branch_of": office.branch_of or None}))
    session.flush()


def _store_parts(session: Session, delivery: _Delivery) -> None:
    """What belongs to one item."""
    _insert(session, Material, (_material(row) for _, row in delivery.materials))
    _insert(session, Step, (_of_item(row) for _, row in delivery.steps))
    _insert(session, LegalBasis, (_of_item(row) for _, row in delivery.legal_basis))
    _insert(
        session,
        Situation,
        (_of_item(row) | {"position": number} for number, (_, row) in enumerate(delivery.situations)),
    )
    _insert(
        session, Related, (_of_item(row) | {"position": number} for number, (_, row) in enumerate(delivery.related))
    )


def _store_matters(session: Session, delivery: _Delivery, departments: Mapping[str, str]) -> None:
    """What stands beside the items: remedies, joint services, other names, matters that are not offered."""
    _insert(
        session,
        RemedyOffice,
        (
            place.model_dump(exclude={"way", "department"})
            | {"way": WAYS[place.way].value, "department_code": departments.get(place.department)}
            for _, place in delivery.remedy_offices
        ),
    )
    _insert(
        session,
        JointService,
        (
            joint.model_dump(exclude={"department", "items", "office", "promised"})
            | _promised(joint.promised)
            | {
                "department_code": departments[joint.department],
                "office_code": joint.office,
                "item_codes": joint.items,
            }
            for _, joint in delivery.joint_services
        ),
    )
    _insert(session, Alias, (alias.model_dump() for _, alias in delivery.aliases))
    _insert(session, AbsentMatter, (absent.model_dump() for _, absent in delivery.absent_matters))
    _insert(
        session,
        CityDistrict,
        (
            {"name": one.name, "position": number, "aliases": one.aliases, "streets": one.places_by_street}
            for number, (_, one) in enumerate(delivery.districts)
        ),
    )


def _drop_offices(session: Session, now: Collection[str]) -> None:
    """Removes the offices that the files no longer name: as branches they would still be told."""
    for some in _batched([code for code in session.scalars(select(Office.code)) if code not in now]):
        session.execute(delete(Office).where(Office.branch_of.in_(some)))
        session.execute(delete(Office).where(Office.code.in_(some)))


def _gone(session: Session, items: Sequence[ItemRow], departments: Collection[str] | None) -> list[str]:
    """The codes of the stored items that are no longer there; with `departments`, only of those."""
    stored = session.execute(select(Item.code, Item.department_code)).all()
    now = {item.code for item in items}
    return sorted(code for code, of in stored if code not in now and (departments is None or of in departments))


def _delete_parts(session: Session, codes: Sequence[str] | None) -> None:
    """Deletes the materials, steps and legal bases of these items, or of all."""
    models: tuple[type[Material | Step | LegalBasis], ...] = (Material, Step, LegalBasis)
    for model in models:
        if codes is None:
            session.execute(delete(model))
        for some in _batched(codes or ()):
            session.execute(delete(model).where(model.item_code.in_(some)))


def _drop_what_hangs(session: Session) -> None:
    """Removes what was kept but speaks of items that are gone, and matters that are offered now."""
    stored = session.execute(select(Item.code, Item.name)).all()
    codes, names = {code for code, _ in stored}, {name for _, name in stored}
    for joint in session.scalars(select(JointService)):
        if codes.issuperset(joint.item_codes):
            codes.add(joint.code)
        else:
            session.delete(joint)
    for alias in session.scalars(select(Alias)):
        if alias.code not in codes or alias.text in names:
            session.delete(alias)
    for related in session.scalars(select(Related)):
        if re.fullmatch(ITEM_CODE, related.target) and related.target not in codes:
            session.delete(related)
    for absent in session.scalars(select(AbsentMatter)):
        if names & {absent.name, *absent.aliases}:
            session.delete(absent)
    session.flush()


def _store_items(
    session: Session,
    rows: Sequence[ItemRow],
    departments: Mapping[str, str],
    particulars: Mapping[str, Mapping[str, str]],
) -> None:
    stored = set(session.scalars(select(Item.code)))
    columns = [_item_columns(row, departments, particulars) for row in rows]
    for some in _batched([one for one in columns if one["code"] in stored]):
        session.execute(update(Item), some)
    _insert(session, Item, (one for one in columns if one["code"] not in stored))


def _item_columns(
    row: ItemRow, departments: Mapping[str, str], particulars: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    return (
        row.model_dump(exclude={"department", "office", "promised", "online_address", "booking_address"})
        | _promised(row.promised)
        | {
            "department_code": departments[row.department],
            "office_code": row.office,
            "particulars": {**particulars.get(row.code, {}), **row.addresses},
        }
    )


def _promised(limit: TimeLimit) -> dict[str, Any]:
    return {"promised_days": limit.count, "promised_unit": limit.unit.value}


def _material(row: MaterialRow) -> dict[str, Any]:
    columns = _of_item(row)
    necessity = columns.pop("necessity")
    return {**columns, "is_required": necessity == "必要"}


def _of_item(row: PartRow | SituationRow | RelatedRow) -> dict[str, Any]:
    return {"item_code": row.item, **row.model_dump(exclude={"item"})}


def _insert(session: Session, model: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    for some in _batched(list(rows)):
        session.execute(insert(model), some)


def _batched(rows: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield list(rows[start : start + _ROWS_AT_ONCE])


def _optional(tables: Tables, table: str, model: type[R]) -> list[tuple[int, R]]:
    """The rows of a table that is optional; empty if it is missing."""
    return tables.checked(table, model) if table in tables.rows else []
