"""Lets clerks edit the plain fields of an item. Everything else is changed by importing the catalogue's files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.catalogue.models import Alias, Department, Item
from bot.links import NO_WEB_ADDRESS, leads_elsewhere


class EditRefused(ValueError):
    """The new values are not allowed; the message names the field, in Chinese."""


@dataclass(frozen=True)
class EditableField:
    """A column of `Item`. `most`: the highest number of characters; for a number, its highest value."""

    name: str
    title: str
    most: int
    is_number: bool = False
    may_be_empty: bool = False
    is_long: bool = False


FIELDS = (
    EditableField("summary", "简介", 500, is_long=True),
    EditableField("fee", "收费标准", 500, is_long=True),
    EditableField("promised_days", "承诺时限（工作日，0 是当场办结）", 365, is_number=True),
    EditableField("online_note", "网办说明", 1000, is_long=True),
    EditableField("window", "窗口", 100),
    EditableField("complaints_phone", "监督电话", 60),
    EditableField("note", "备注（答复里作为提醒）", 1000, may_be_empty=True, is_long=True),
)


@dataclass(frozen=True)
class Change:
    field: EditableField
    old: str | int
    new: str | int

    def __str__(self) -> str:
        old, new = (str(value) or "（空）" for value in (self.old, self.new))
        return f"{self.field.title.split('（')[0]}：{old} → {new}"


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


def _checked(field: EditableField, given: str) -> str | int:
    text = "\n".join(line.strip() for line in given.strip().splitlines() if line.strip())
    title = field.title.split("（")[0]
    if field.is_number:
        if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= field.most):
            raise EditRefused(f"{title}要填 0 到 {field.most} 的整数")
        return int(text)
    if not text and not field.may_be_empty:
        raise EditRefused(f"{title}不能为空")
    if len(text) > field.most:
        raise EditRefused(f"{title}最多 {field.most} 个字")
    if leads_elsewhere(text):
        raise EditRefused(f"{title}里{NO_WEB_ADDRESS}")
    return text
