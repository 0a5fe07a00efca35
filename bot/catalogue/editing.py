"""Lets clerks edit the plain fields of an item. Everything else is changed by importing the catalogue's files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.catalogue.models import Alias, Department, Item
from bot.catalogue.time_limits import TimeLimit
from bot.links import NO_WEB_ADDRESS, leads_elsewhere


class EditRefused(ValueError):
    """The new values are not allowed; the message names the field, in Chinese."""


@dataclass(frozen=True)
class EditableField:
    """A column of `Item`, or its time limit. `most`: the highest number of characters."""

    name: str
    title: str
    most: int
    is_limit: bool = False
    may_be_empty: bool = False
    is_long: bool = False

    @property
    def short_title(self) -> str:
        """Without what is said of its form in brackets."""
        return self.title.split("（")[0]


FIELDS = (
    EditableField("summary", "简介", 500, is_long=True),
    EditableField("fee", "收费标准", 500, is_long=True),
    EditableField("promised", "承诺时限（5个工作日、15个自然日、1小时；当场办结写 0）", 20, is_limit=True),
    EditableField("online_note", "网办说明", 1000, is_long=True),
    EditableField("window", "窗口", 100, may_be_empty=True),
    EditableField("complaints_phone", "监督电话", 60),
    EditableField("note", "备注（答复里作为提醒）", 1000, may_be_empty=True, is_long=True),
)


@dataclass(frozen=True)
class Change:
    field: EditableField
    old: str | TimeLimit
    new: str | TimeLimit

    def __str__(self) -> str:
        old, new = (str(value) or "（空）" for value in (self.old, self.new))
        return f"{self.field.short_title}：{old} → {new}"


def find_items(session: Session, text: str = "", department_code: str | None = None) -> Sequence[Item]:
    """The items whose code, name, alias or department name contains `text`, ordered by code."""
    query = select(Item).join(Department, Item.department_code == Department.code).order_by(Item.code)
    if text:
        also_called = select(Alias.code).where(Alias.text.icontains(text, autoescape=True))
        fields = (Item.code, Item.name, Department.name)
        query = query.where(
            or_(*(field.icontains(text, autoescape=True) for field in fields), Item.code.in_(also_called))
        )
    if department_code is not None:
        query = query.where(Item.department_code == department_code)
    return session.scalars(query).all()


def changes_in(item: Item, given: Mapping[str, str]) -> list[Change]:
    """The fields of `given` (field name → text) that differ from the record; missing fields stay as they are.

    Raises:
        EditRefused: a value is not allowed.
    """
    changes = []
    for field in FIELDS:
        if field.name not in given:
            continue
        old, new = getattr(item, field.name), _checked(field, given[field.name])
        if new != old:
            changes.append(Change(field, old, new))
    return changes


def apply(item: Item, changes: Sequence[Change], on: date) -> None:
    """Makes the changes. `on` becomes the date of the record, which every answer shows beside its source."""
    for change in changes:
        setattr(item, change.field.name, change.new)
    item.recorded_on = on


def fingerprint(item: Item) -> str:
    """A digest of the fields, to see whether they have changed since a form showed them."""
    values = "\0".join(str(getattr(item, field.name)) for field in FIELDS)
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def _checked(field: EditableField, given: str) -> str | TimeLimit:
    text = "\n".join(line.strip() for line in given.strip().splitlines() if line.strip())
    title = field.short_title
    if not text and not field.may_be_empty:
        raise EditRefused(f"{title}不能为空")
    if len(text) > field.most:
        raise EditRefused(f"{title}最多 {field.most} 个字")
    if leads_elsewhere(text):
        raise EditRefused(f"{title}里{NO_WEB_ADDRESS}")
    try:
        return TimeLimit.parse(text) if field.is_limit else text
    except ValueError as wrong:
        raise EditRefused(f"{title}要{wrong}") from None
