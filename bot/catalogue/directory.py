"""The directory of all items (网上服务目录): a short record of each, by which lists are filtered and counted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.districts import offices_doing
from bot.catalogue.models import Alias, Department, Item, JointService, Office
from bot.catalogue.service import all_offices
from bot.catalogue.time_limits import TimeLimit, TimeUnit
from bot.language.text import bare
from bot.revisions.service import Subject, kept
from bot.search.filters import Listing, Values
from bot.search.names import Names

# 办件类型 and themes stand in the national list, if a city has loaded it (`Item.particulars`).
HANDLING = "办件类型"
THEMES = ("主题分类", "面向自然人事项主题分类", "面向法人事项主题分类", "自然人主题分类", "法人主题分类")
CHANNELS = {"线上": "全程网上办", "线上线下": "网上、窗口都能办", "线下": "到窗口办"}
FEES = {"no": "不收费", "yes": "收费"}
# The filters with their titles for citizens, in the order in which they are shown.
FILTERS = {
    "department": "部门",
    "applicant": "办事对象",
    "kind": "事项类型",
    "joint": "一件事",
    "theme": "主题",
    "handling": HANDLING,
    "channel": "办理方式",
    "fee": "收费",
    "district": "区县",
    "office": "办理地点",
}
_BETWEEN = re.compile(r"[/、,，;；|\n]+")


@dataclass(frozen=True)
class ListedItem:
    """An item as lists show it. `values`: by which it is filtered, see `FILTERS`."""

    code: str
    name: str
    summary: str
    kind: str
    department: str
    promised: TimeLimit
    visit_count: int
    has_fee: bool
    channel: str
    office_code: str
    values: Values


@dataclass(frozen=True)
class ListedOffice:
    """An office with the number of items that are done there. `values`: by which it is filtered."""

    office: Office
    item_count: int
    values: Values


@dataclass(frozen=True)
class ItemDirectory:
    """All items, by code. `aliases`: code of an item → its other names."""

    items: Listing[ListedItem]
    aliases: Mapping[str, Sequence[str]]

    @cached_property
    def by_code(self) -> dict[str, ListedItem]:
        return {item.code: item for item in self.items.entries}

    @cached_property
    def names(self) -> Names[str]:
        """By which an item's code is found: the code itself, the name and the aliases."""
        return Names(
            (name, item.code)
            for item in self.items.entries
            for name in (item.code, item.name, *self.aliases.get(item.code, ()))
        )


@kept(Subject.CATALOGUE)
def item_directory(session: Session) -> ItemDirectory:
    """Read without the parts of the items: four queries however many items there are."""
    aliases: dict[str, list[str]] = {}
    for code, alias in session.execute(select(Alias.code, Alias.text)):
        aliases.setdefault(code, []).append(alias)
    return ItemDirectory(Listing(_listed_items(session)), aliases)


def listed_offices(session: Session, text: str = "") -> list[ListedOffice]:
    """Every office by code, or those whose name, address, streets or duty contain the text."""
    counted = item_directory(session).items.counts({}, "office")
    wanted = bare(text)
    return [
        ListedOffice(one, counted.get(one.code, 0), {"district": [one.district] if one.district else []})
        for one in all_offices(session)
        if wanted in bare("".join((one.name, one.address, one.duty or "", *(one.streets or ()))))
    ]


def _listed_items(session: Session) -> list[ListedItem]:
    joints: dict[str, list[str]] = {}
    for joint_code, item_codes in session.execute(select(JointService.code, JointService.item_codes)):
        for code in item_codes:
            joints.setdefault(code, []).append(joint_code)
    columns = (Item.code, Item.name, Item.summary, Item.kind, Item.applicant, Item.promised_days, Item.promised_unit,
               Item.visit_count, Item.has_fee, Item.channel, Item.department_code, Item.office_code, Item.districts,
               Item.particulars)  # fmt: skip
    rows = session.execute(
        select(*columns, Department.name.label("department"))
        .join(Department, Item.department_code == Department.code)
        .order_by(Item.code)
    )
    doing = _Doing(session)
    return [_listed(row, joints.get(row.code, ()), doing.of(row.office_code, row.districts or ())) for row in rows]


class _Doing:
    """Which offices do an item."""

    def __init__(self, session: Session) -> None:
        self._offices = {office.code: office for office in all_offices(session)}
        self._branches: dict[str, list[Office]] = {}
        for office in self._offices.values():
            self._branches.setdefault(office.branch_of or "", []).append(office)

    def of(self, office_code: str, only_in: Sequence[str]) -> list[Office]:
        return offices_doing(self._offices[office_code], only_in, self._branches.get(office_code, ()))


def _listed(row: Any, joint_codes: Sequence[str], offices: Sequence[Office]) -> ListedItem:
    particulars = row.particulars or {}
    return ListedItem(
        code=row.code,
        name=row.name,
        summary=row.summary,
        kind=row.kind,
        department=row.department,
        promised=TimeLimit(row.promised_days, TimeUnit(row.promised_unit)),
        visit_count=row.visit_count,
        has_fee=row.has_fee,
        channel=row.channel,
        office_code=row.office_code,
        values={
            "department": [row.department_code],
            "applicant": _parts(row.applicant),
            "kind": [row.kind],
            "joint": joint_codes,
            "theme": [part for heading in THEMES if heading in particulars for part in _parts(particulars[heading])],
            "handling": _parts(particulars.get(HANDLING, "")),
            "channel": [row.channel],
            "fee": ["yes" if row.has_fee else "no"],
            "district": list(dict.fromkeys(office.district for office in offices if office.district)),
            "office": [office.code for office in offices],
        },
    )


@lru_cache(maxsize=1000)
def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _BETWEEN.split(text) if part.strip())
