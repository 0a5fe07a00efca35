"""Changes of the plain fields of an item. `wanted`: field name → text, as in the form (`bot.catalogue.editing`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.catalogue import editing
from bot.catalogue.editing import Change, EditRefused
from bot.catalogue.models import Item
from bot.catalogue.service import get_item
from bot.proposed_changes.difference import ChangeRefused, Difference, Wanted
from bot.proposed_changes.models import ProposedChange
from bot.settings import Settings
from bot.staff import audit
from bot.workdays import today_in_china


def differences(session: Session, _: Settings, change: ProposedChange) -> list[Difference]:
    return [
        Difference(one.field.short_title, str(one.old), str(one.new))
        for one in _changes(_item(session, change), change)
    ]


def apply(session: Session, _: Settings, change: ProposedChange, now: datetime) -> Wanted:
    item = _item(session, change)
    changes = _changes(item, change)
    editing.apply(item, changes, today_in_china(now))
    for one in changes:
        audit.record(session, who=change.proposed_by, action="edit_item", subject=item.code, why=str(one), at=now)
    return {one.field.name: str(one.old) for one in changes}


def _item(session: Session, change: ProposedChange) -> Item:
    item = get_item(session, change.subject)
    if item is None:
        raise ChangeRefused("目录里没有这个事项了")
    return item


def _changes(item: Item, change: ProposedChange) -> list[Change]:
    try:
        return editing.changes_in(item, change.wanted)
    except EditRefused as refused:
        raise ChangeRefused(str(refused)) from None
